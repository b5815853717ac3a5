/* exp(x) for loops that should vectorise. */
#ifndef MATH_EXPONENTIAL_H
#define MATH_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

/* exp(x) to 2 ulp, without a branch so that loops over it vectorise (Cody-Waite reduction, then Cephes' polynomial).
 * Held to where no product with exp(x) or its inverse is a denormal, which takes a hundred times as long: the compiler
 * also works out the held value's product in every lane. */
static inline float exponential(float x)
{
    x = x < -60.0f ? -60.0f : x;
    x = x > 60.0f ? 60.0f : x;
    const float magic = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    float n = x * 1.44269504f + magic;
    int32_t bits;
    memcpy(&bits, &n, sizeof bits);
    n -= magic;
    float r = x - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    bits = (int32_t)((uint32_t)bits << 23) + 0x3f800000; /* the low bits of n + magic are n: 2^n as a float */
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

#endif

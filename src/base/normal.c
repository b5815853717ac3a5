#include "base/normal.h"

#include "base/vector.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* log x for 0 < x < 1, as fdlibm has it: x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), and a polynomial in s =
 * f / (2 + f). Whole numbers become doubles by way of the mantissa, since not every machine can convert 64 bits. */
static inline double log_below_1(double x)
{
    static const uint64_t half_root = 0x3fe6a09e667f3bcd, one = 0x3ff0000000000000, mantissa = 0x000fffffffffffff;
    const uint64_t moved = bits_of(x) + (one - half_root);
    const double k = double_of(0x4330000000000000 | moved >> 52) - (0x1p52 + 1023.0);
    const double f = double_of((moved & mantissa) + half_root) - 1.0, s = f / (2.0 + f), z = s * s, w = z * z;
    const double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
    const double odd =
        z * (6.666666666666735130e-01 +
             w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
    const double half_square = 0.5 * f * f;
    return k * 6.93147180369123816490e-01 -
           ((half_square - (s * (half_square + even + odd) + k * 1.90821492927058770002e-10)) - f);
}

/* sin and cos of 2 pi turns for 0 <= turns <= 1: within an eighth of a turn of a quarter by polynomials (fdlibm's), and
 * the quarters by exchange and sign. */
static inline void sin_cos_turns(double turns, double *sine, double *cosine)
{
    const double shifter = 0x1.8p52, quarters = (4.0 * turns + shifter) - shifter;
    const double x = 6.283185307179586476925286766559 * (turns - 0.25 * quarters), z = x * x;
    const double s = x + x * z *
                             (-1.66666666666666324348e-01 +
                              z * (8.33333333332248946124e-03 +
                                   z * (-1.98412698298579493134e-04 +
                                        z * (2.75573137070700676789e-06 +
                                             z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)))));
    const double c =
        (1.0 - 0.5 * z) + z * z *
                              (4.16666666666666019037e-02 +
                               z * (-1.38888888888741095749e-03 +
                                    z * (2.48015872894767294178e-05 +
                                         z * (-2.75573143513906633035e-07 +
                                              z * (2.08757232129817482790e-09 - z * 1.13596475577881948265e-11)))));
    const int swaps = quarters == 1.0 || quarters == 3.0;
    *sine = (swaps ? c : s) * (quarters == 2.0 || quarters == 3.0 ? -1.0 : 1.0);
    *cosine = (swaps ? s : c) * (quarters == 1.0 || quarters == 2.0 ? -1.0 : 1.0);
}

VECTOR_CLONES void normal_from_uniform(double *normal, const double *u, size_t pairs)
{
    VECTOR_LOOP
    for (size_t i = 0; i < pairs; i++) {
        double sine, cosine;
        const double radius = sqrt(-2.0 * log_below_1(u[2 * i]));
        sin_cos_turns(u[2 * i + 1], &sine, &cosine);
        normal[2 * i] = radius * cosine;
        normal[2 * i + 1] = radius * sine;
    }
}

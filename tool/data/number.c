#include "data/number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

int number_is_known(const number_type *type)
{
    size_t size = type->size;
    switch (type->kind) {
    case 'f':
        return size == 2 || size == 4 || size == 8;
    case 'i':
    case 'u':
        return size == 1 || size == 2 || size == 4 || size == 8;
    default:
        return type->kind == 'b' && size == 1;
    }
}

static uint64_t bits_of(const number_type *type, const unsigned char *bytes)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < type->size; i++)
        bits = bits << 8 | bytes[type->big ? i : type->size - 1 - i];
    return bits;
}

/* IEEE's binary16: sign, 5 bits of exponent, 10 of fraction. */
static double half(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023), value;
    if (exponent == 31)
        value = fraction > 0 ? NAN : INFINITY;
    else
        value = exponent == 0 ? ldexp(fraction, -24) : ldexp(fraction + 1024, exponent - 25);
    return bits >> 15 ? -value : value;
}

static double real(uint64_t bits, size_t size)
{
    double wide;
    float narrow;
    uint32_t few = (uint32_t)bits;
    if (size == 2)
        return half(bits);
    memcpy(&narrow, &few, sizeof narrow);
    memcpy(&wide, &bits, sizeof wide);
    return size == 4 ? (double)narrow : wide;
}

double number_read(const number_type *type, const unsigned char *bytes)
{
    uint64_t bits = bits_of(type, bytes), sign = (uint64_t)1 << (8 * type->size - 1);
    if (type->kind == 'f')
        return real(bits, type->size);
    if (type->kind == 'b')
        return bits != 0;
    if (type->kind == 'i' && (bits & sign) != 0)
        return -(double)(sign - (bits & (sign - 1)));
    return (double)bits;
}

int number_is_rounded(const number_type *type, double value)
{
    return type->kind != 'f' && fabs(value) >= 0x1p53;
}

/* Compilers turn the loops of shifts into plain loads and stores where the host is little-endian. */
#include "format/convert.h"

#include <string.h>

uint64_t convert_load(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

void convert_store(unsigned char *bytes, size_t size, uint64_t value)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
}

int convert_is_real(safetensors_type type)
{
    return type == SAFETENSORS_F16 || type == SAFETENSORS_BF16 || type == SAFETENSORS_F32 || type == SAFETENSORS_F64;
}

/* By memcpy, which alone may look at a number's bits (C11 6.5p7). */
static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* IEEE 754 binary16: 5 bits of exponent (bias 15), 10 of fraction; float's are 8 (bias 127) and 23. */
static float half_of_bits(uint32_t bits)
{
    uint32_t sign = (bits & 0x8000u) << 16;
    uint32_t exponent = (bits >> 10) & 0x1fu;
    uint32_t fraction = bits & 0x3ffu;
    if (exponent == 0) { /* zero or subnormal: fraction x 2^-24, which float holds exactly */
        float magnitude = (float)fraction * 0x1p-24f;
        return sign != 0 ? -magnitude : magnitude;
    }
    exponent = exponent == 0x1fu ? 0xffu : exponent + (127 - 15); /* infinity and NaN stay what they are */
    return float_of_bits(sign | exponent << 23 | fraction << 13);
}

static double double_of_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void convert_to_double(double *out, const unsigned char *bytes, size_t count, safetensors_type type)
{
    switch (type) {
    case SAFETENSORS_F16:
        for (size_t i = 0; i < count; i++)
            out[i] = half_of_bits((uint32_t)convert_load(bytes + 2 * i, 2));
        break;
    case SAFETENSORS_BF16: /* the upper half of a float */
        for (size_t i = 0; i < count; i++)
            out[i] = float_of_bits((uint32_t)convert_load(bytes + 2 * i, 2) << 16);
        break;
    case SAFETENSORS_F32:
        for (size_t i = 0; i < count; i++)
            out[i] = float_of_bits((uint32_t)convert_load(bytes + 4 * i, 4));
        break;
    default:
        for (size_t i = 0; i < count; i++)
            out[i] = double_of_bits(convert_load(bytes + 8 * i, 8));
    }
}

/* Bits, not values: a signalling NaN passes unchanged. */
void convert_in_place(float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = (uint32_t)convert_load((const unsigned char *)&values[i], sizeof bits);
        memcpy(&values[i], &bits, sizeof bits);
    }
}

void convert_from_float(unsigned char *bytes, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        convert_store(bytes + sizeof bits * i, sizeof bits, bits);
    }
}

void convert_from_double(unsigned char *bytes, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        convert_store(bytes + sizeof bits * i, sizeof bits, bits);
    }
}

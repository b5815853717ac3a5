#include "base/rng.h"

#include <Random123/philox.h>
#include <math.h>

#define TWO_PI 6.283185307179586476925286766559

static philox4x64_ctr_t block_at(uint64_t index, rng_stream stream)
{
    philox4x64_ctr_t counter = {{index, stream.step, stream.sample, 0}};
    philox4x64_key_t key = {{stream.seed, stream.purpose}};
    return philox4x64(counter, key);
}

/* The 53 high bits, at the middle of their interval: symmetric, and log() is finite. */
static double unit(uint64_t bits)
{
    return ((double)(bits >> 11) + 0.5) * 0x1p-53;
}

static void normal_pair(double pair[2], uint64_t first, uint64_t second)
{
    double radius = sqrt(-2.0 * log(unit(first)));
    double angle = TWO_PI * unit(second);
    pair[0] = radius * cos(angle);
    pair[1] = radius * sin(angle);
}

static void normal_block(double block[4], uint64_t index, rng_stream stream)
{
    philox4x64_ctr_t bits = block_at(index, stream);
    normal_pair(block, bits.v[0], bits.v[1]);
    normal_pair(block + 2, bits.v[2], bits.v[3]);
}

void rng_uniform(double *out, size_t count, rng_stream stream)
{
    for (size_t i = 0; i < count; i += 4) {
        philox4x64_ctr_t bits = block_at(i / 4, stream);
        for (size_t j = 0; j < 4 && i + j < count; j++)
            out[i + j] = unit(bits.v[j]);
    }
}

void rng_uniform_block(double out[RNG_BLOCK], uint64_t block, rng_stream stream)
{
    philox4x64_ctr_t bits = block_at(block, stream);
    for (size_t j = 0; j < RNG_BLOCK; j++)
        out[j] = unit(bits.v[j]);
}

void rng_normal(double *out, size_t count, rng_stream stream)
{
    double block[4];
    for (size_t i = 0; i < count; i += 4) {
        normal_block(block, i / 4, stream);
        for (size_t j = 0; j < 4 && i + j < count; j++)
            out[i + j] = block[j];
    }
}

void rng_normal_float(float *out, size_t count, rng_stream stream)
{
    double block[4];
    for (size_t i = 0; i < count; i += 4) {
        normal_block(block, i / 4, stream);
        for (size_t j = 0; j < 4 && i + j < count; j++)
            out[i + j] = (float)block[j];
    }
}

uint64_t rng_below(uint64_t count, rng_stream stream)
{
    /* The high word of bits * count; its bias is below count / 2^64. */
    uint64_t bits = block_at(0, stream).v[0], high;
    mulhilo64(bits, count, &high);
    return high;
}

uint64_t rng_permute(uint64_t index, uint64_t count, rng_stream stream)
{
    unsigned half = 1;
    while (half < 32 && (UINT64_C(1) << (2 * half)) < count)
        half++;
    const uint64_t mask = (UINT64_C(1) << half) - 1;
    do {
        uint64_t left = index >> half, right = index & mask;
        for (uint64_t round = 0; round < 6; round++) {
            stream.sample = round;
            uint64_t mixed = left ^ (block_at(right, stream).v[0] & mask);
            left = right;
            right = mixed;
        }
        index = left << half | right;
    } while (index >= count);
    return index;
}

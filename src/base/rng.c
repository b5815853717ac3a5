#include "base/rng.h"

#include "base/normal.h"

#define R123_USE_MULHILO64_C99 1 /* where it knows no faster product of 64 bits: s390x, 32-bit processors */
#include <Random123/philox.h>

enum { RUN = 256 /* values at a time: a multiple of RNG_BLOCK */ };

static inline philox4x64_ctr_t block_at(uint64_t index, rng_stream stream)
{
    philox4x64_ctr_t counter = {{index, stream.step, stream.sample, 0}};
    philox4x64_key_t key = {{stream.seed, stream.purpose}};
    return philox4x64(counter, key);
}

/* The 53 high bits, at the middle of their interval: symmetric, and its logarithm is finite. */
static double unit(uint64_t bits)
{
    return ((double)(bits >> 11) + 0.5) * 0x1p-53;
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

/* Whole blocks in place, what is left aside. */
void rng_normal(double *out, size_t count, rng_stream stream)
{
    const size_t whole = count / RNG_BLOCK * RNG_BLOCK;
    double block[RNG_BLOCK];
    rng_uniform(out, whole, stream);
    normal_from_uniform(out, out, whole / 2);
    if (whole == count)
        return;
    rng_uniform_block(block, whole / RNG_BLOCK, stream);
    normal_from_uniform(block, block, RNG_BLOCK / 2);
    for (size_t i = whole; i < count; i++)
        out[i] = block[i - whole];
}

void rng_uniform_rows(double *out, size_t rows, size_t count, rng_stream stream)
{
    for (size_t i = 0; i < rows; i++, stream.sample++)
        rng_uniform(out + i * count, count, stream);
}

/* Rows of `width` uniforms, whole pairs, one behind another; the last block of a row may reach into the next one's
 * place. */
static void fill_run(double *run, size_t rows, size_t width, rng_stream stream)
{
    for (size_t i = 0; i < rows; i++, stream.sample++)
        for (size_t j = 0; j < width; j += RNG_BLOCK)
            rng_uniform_block(run + i * width + j, j / RNG_BLOCK, stream);
}

/* Rows of an odd number have half a pair left. */
static void drop_odd(double *out, const double *run, size_t rows, size_t count)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < count; j++)
            out[i * count + j] = run[i * (count + 1) + j];
}

void rng_normal_rows(double *out, size_t rows, size_t count, rng_stream stream)
{
    double run[RUN + RNG_BLOCK];
    const size_t width = count + count % 2, most = width > 0 && width <= RUN / 2 ? RUN / width : 1;
    for (size_t i = 0; i < rows; i += most, stream.sample += most) {
        const size_t some = rows - i < most ? rows - i : most;
        if (most == 1) {
            rng_normal(out + i * count, count, stream);
            continue;
        }
        fill_run(run, some, width, stream);
        normal_from_uniform(width == count ? out + i * count : run, run, some * width / 2);
        if (width != count)
            drop_odd(out + i * count, run, some, count);
    }
}

void rng_normal_float(float *out, size_t count, rng_stream stream)
{
    double run[RUN];
    for (size_t i = 0; i < count; i += RUN) {
        const size_t length = count - i < RUN ? count - i : RUN;
        for (size_t j = 0; j < length; j += RNG_BLOCK)
            rng_uniform_block(run + j, (i + j) / RNG_BLOCK, stream);
        normal_from_uniform(run, run, (length + 1) / 2);
        for (size_t j = 0; j < length; j++)
            out[i + j] = (float)run[j];
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

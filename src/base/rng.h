/* Counter-based random numbers: Philox4x64-10 (Salmon et al. 2011, Random123). Every value is a function of
 * (seed, purpose, step, sample, index), so no draw depends on batch split, threads, or what was drawn before. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* What a draw is for; keeps streams of one seed apart. The numbers are part of what "same seed, same bits" means. */
typedef enum rng_purpose {
    RNG_PARAMETERS = 1,   /* initial weights: step = the tensor */
    RNG_SHUFFLE = 2,      /* order of an epoch: step = the epoch */
    RNG_TIME = 3,         /* t of a training sample: step = the training step */
    RNG_NOISE = 4,        /* its noise */
    RNG_DEQUANTIZE = 5,   /* its dequantisation */
    RNG_SAMPLER = 6,      /* step = the number of the step in its chain, from 1 at the end; one more for x_T */
    RNG_BOUND = 7,        /* step = t, and the stratum where t is drawn; 0 for dequantisation */
    RNG_PAIR = 8,         /* second noise of a simulated pair */
    RNG_RESAMPLE = 9,     /* which particles live on: likewise */
    RNG_DROPOUT = 10,     /* step = the training step */
    RNG_BOUND_TIME = 11,  /* which t: step = the stratum */
    RNG_BOUND_PILOT = 12, /* step = t */
    RNG_CONDITION = 13,   /* which samples lose their condition: step = the training step */
    RNG_PROBE = 14,       /* direction of a divergence, of a flow's likelihood */
    RNG_TRAJECTORY = 15,  /* step = t of the x_t that it makes */
    RNG_DIRECTION = 16,   /* that samples are projected on: sample = its number */
    RNG_SUBSET = 17,      /* rows of a set taken, or told apart: step = the set */
    RNG_MOMENTS = 18,     /* noise at data, and its order: step = t, or more */
    RNG_ENDS = 19,        /* noise at the ends of a schedule that is learned: step = the training step */
} rng_purpose;

typedef struct rng_stream {
    uint64_t seed;
    uint64_t purpose;
    uint64_t step;
    uint64_t sample;
} rng_stream;

/* Uniform in (0, 1): never 0, never 1. */
void rng_uniform(double *out, size_t count, rng_stream stream);

/* The same draws, RNG_BLOCK at a time: block i has those from RNG_BLOCK i on. */
enum { RNG_BLOCK = 4 };
void rng_uniform_block(double out[RNG_BLOCK], uint64_t block, rng_stream stream);

/* Standard normal (Box-Muller: values 2i and 2i+1 come of uniforms 2i and 2i+1). */
void rng_normal(double *out, size_t count, rng_stream stream);

/* Rows [rows, count], row i from the stream of `sample` + i: the same draws as one by one, faster where rows are short.
 */
void rng_uniform_rows(double *out, size_t rows, size_t count, rng_stream stream);
void rng_normal_rows(double *out, size_t rows, size_t count, rng_stream stream);

/* The same draws, rounded to float32. */
void rng_normal_float(float *out, size_t count, rng_stream stream);

/* A whole number 0..count-1, count >= 1. */
uint64_t rng_below(uint64_t count, rng_stream stream);

/* Where `index` stands after a shuffle of 0..count-1 (a Feistel network walked until it falls inside; stateless).
 * stream.sample is not used. count 1..2^32. */
uint64_t rng_permute(uint64_t index, uint64_t count, rng_stream stream);

#endif

/* States of the reverse process on its way down, and of the forward process at the same steps. */
#ifndef SAMPLING_RECORD_H
#define SAMPLING_RECORD_H

#include <diffusion.h>

enum { RECORD_MAX = 8 };

typedef struct record {
    size_t moments;           /* how many states, fewer of a chain that jumps over some; at most RECORD_MAX */
    size_t count, dim;        /* samples kept of each, values of one */
    double t[RECORD_MAX];     /* falling: T first, 0 last */
    size_t taken;             /* of the reverse process so far */
    float *reverse, *forward; /* [moments, count, dim] */
} record;

/* Moments evenly spread over T..0. */
void record_create(record *out, size_t moments, size_t count, size_t dim, int32_t steps);

/* Keeps the sampler's state if it has come to the next moment; `all` has room for n samples. */
void record_reverse(record *r, const diffusion_sampler *sampler, float *all);

/* Diffuses x0, [count, dim], and keeps the same moments. */
void record_forward(record *r, const diffusion_schedule *schedule, const float *x0, uint64_t seed);

/* The standard deviation that x_t of a moment has where the data's is 1. */
double record_spread(const record *r, const diffusion_schedule *schedule, size_t moment);

/* Divides all states by theirs, so that one picture has room for those of edm and flow too. */
void record_normalise(record *r, const diffusion_schedule *schedule);

void record_release(record *r);

#endif

/* Which steps t = 2..T each draw's KLs are measured at, where not at all of them. */
#ifndef EVALUATE_ELBO_TIMES_H
#define EVALUATE_ELBO_TIMES_H

#include "process/level.h"

#include <diffusion/status.h>
#include <stddef.h>
#include <stdint.h>

/* How those of one draw hang together: one in each of as many strata of equal chance; the same, with the numbers u and
 * 1 - u in neighbouring strata; or not at all. Draws are independent of each other in any case. */
typedef enum elbo_time_draws { ELBO_TIMES_STRATIFIED, ELBO_TIMES_ANTITHETIC, ELBO_TIMES_INDEPENDENT } elbo_time_draws;
#define ELBO_TIME_DRAWS_CHOICES "stratified|antithetic|independent"

typedef struct elbo_times {
    int32_t last;       /* T */
    size_t strata;      /* t of a draw; 0: every t, and nothing else here is used */
    int32_t draws;      /* elbo_time_draws */
    double *chance;     /* [T + 1]: of t */
    double *cumulative; /* [T + 1]: of any up to t */
} elbo_times;

/* So many t of every draw: all where that is 0 or no less than T - 1. Else the chances are those of the pilot: about as
 * the KLs of a good model and data of variance 1 would be. levels: [T + 1] */
diffusion_status elbo_times_open(elbo_times *self, int64_t steps, int32_t draws, const noise_level *levels,
                                 int32_t last);
void elbo_times_close(elbo_times *self);

/* The t of a draw in the pilot: evenly spread over the chances, whatever the order of the data. */
int32_t elbo_times_pilot(const elbo_times *self, size_t draw);

/* From now on chances are in proportion to the root mean square of the terms of a pilot: those of least variance for
 * independent draws, where no sample is far from the others. t, nats: [count] */
diffusion_status elbo_times_fit(elbo_times *self, const int32_t *t, const double *nats, size_t count);

int32_t elbo_times_draw(const elbo_times *self, uint64_t seed, size_t draw, size_t stratum);

/* The sum over strata of weight(t) f(t) has the mean: sum of f over t = 2..T. */
double elbo_times_weight(const elbo_times *self, int32_t t);

#endif

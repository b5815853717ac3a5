/* What the best variances of p(x_s | x_t) follow from (Bao et al. 2022, arXiv:2201.06503): how large the noise is that
 * the model sees in x_t, step by step, in the mean over data. */
#ifndef MODEL_MOMENTS_H
#define MODEL_MOMENTS_H

#include "process/schedule.h"

/* By step t = 1..T of the schedule that they were measured with; each [T], the first element that of t = 1. */
typedef struct noise_moments {
    size_t steps;
    double *signal, *sigma;
    double *noise;        /* E|epsilon(x_t)|^2 / dim, epsilon the model's */
    double *error;        /* E|epsilon - epsilon(x_t)|^2 / dim */
    double data_variance; /* of a value of x_0, the mean over values: no covariance given x_t is larger */
} noise_moments;

/* Zeroed but for the schedule's levels; NULL with the sentence set if memory runs out. */
noise_moments *moments_make(size_t steps);
void moments_take_levels(noise_moments *self, const struct diffusion_schedule *schedule);
void moments_free(noise_moments *self);

/* 0, or DIFFUSION_E_ARGUMENT or DIFFUSION_E_NONFINITE with `what` before the sentence: numbers that no means of squares
 * are. */
diffusion_status moments_check(const noise_moments *self, const char *what);

/* Whether they were measured with this schedule's levels. */
int moments_suit(const noise_moments *self, const struct diffusion_schedule *schedule);

/* The mean of the squares by which values of x_0 are off the model's mean of them given x_t, held within 0 and the
 * data's variance; `ideal`: what it is if that mean is the true one, told from the model's noise alone. Between two
 * whole steps moments are linear in t. */
double moments_covariance(const noise_moments *self, const noise_level *at, int ideal);

/* The same as it was measured, not held but where nothing of x_0 is left. */
double moments_error(const noise_moments *self, const noise_level *at);

#endif

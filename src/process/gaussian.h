/* The Gaussian kernel's closed forms (Table App.1 of the paper; equations 4, 6, 7 of arXiv:2006.11239). */
#ifndef PROCESS_GAUSSIAN_H
#define PROCESS_GAUSSIAN_H

#include "process/schedule.h"

/* The posterior q(x_{t-1} | x_t, x_0) = N(x0 * x_0 + xt * x_t, variance). At t = 1: x_0 itself, variance 0. */
typedef struct gaussian_posterior {
    double x0, xt;
    double variance;
} gaussian_posterior;

gaussian_posterior gaussian_posterior_at(const struct diffusion_schedule *schedule, int32_t t);

/* log of the posterior variance; at t = 1 that of t = 2 (of beta_1 if there is no t = 2), as DDPM's code has it. */
double gaussian_posterior_log_variance(const struct diffusion_schedule *schedule, int32_t t);

/* KL(N(mean1, variance1) || N(mean2, variance2)) of one component, nats; without cancellation for nearly equal
 * variances. */
double gaussian_kl(double mean1, double variance1, double mean2, double variance2);

/* log N(x; mean, variance), nats. */
double gaussian_log_density(double x, double mean, double variance);

/* Entropy of a Gaussian of this variance, nats; -infinity for 0. */
double gaussian_entropy(double variance);

/* As diffusion_discretized_log_likelihood(), one component. */
double gaussian_discretized_log_likelihood(double x, double mean, double variance, int32_t levels);

#endif

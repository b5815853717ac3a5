/* Closed forms of independent Gaussians, one component at a time, in nats. */
#ifndef PROCESS_GAUSSIAN_H
#define PROCESS_GAUSSIAN_H

#include <stdint.h>

/* KL(N(mean1, variance1) || N(mean2, variance2)); without cancellation for nearly equal variances.
 * Infinite where variance2 is 0, but for two equal points. */
double gaussian_kl(double mean1, double variance1, double mean2, double variance2);

/* log N(x; mean, variance). */
double gaussian_log_density(double x, double mean, double variance);

/* Entropy of a Gaussian of this variance; -infinity for 0. */
double gaussian_entropy(double variance);

#endif

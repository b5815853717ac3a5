/* How much of the data is left at a time of the forward process: x_t = signal x_0 + sigma epsilon. Everything outside
 * process/ speaks of these. Kernels of bits read signal^2 as the chance that a bit has not been drawn anew. */
#ifndef PROCESS_LEVEL_H
#define PROCESS_LEVEL_H

#include "process/accurate_sum.h"

typedef struct noise_level {
    double t; /* 0 is the data; schedules count whole steps 1..T and know the times between them */
    double signal, sigma;
    double log_snr; /* 2 log(signal / sigma): infinite at the data, -infinite where nothing of it is left */
    /* Beyond a double's digits, so that the differences of neighbours keep all of theirs, and those of levels whose
     * signal underflows have any. */
    accurate_sum log_signal_square;
    double excess; /* signal^2 + sigma^2 - 1: 0 where variance is preserved */
} noise_level;

noise_level level_of_data(void);

/* Variance preserving, signal^2 + sigma^2 = 1, from the log SNR, or from log signal^2. */
noise_level level_from_log_snr(double t, long double log_snr);
noise_level level_from_log_signal_square(double t, accurate_sum log_signal_square);
double level_log_signal_square(const noise_level *of);

/* Any other: signal 1 for a variance that explodes, signal 1 - sigma for a flow. signal >= 0, sigma > 0. */
noise_level level_from_signal_sigma(double t, double signal, double sigma);

/* What signal and sigma gain over time. */
typedef struct level_slope {
    double signal, sigma;
} level_slope;

/* Where variance is preserved, from what log signal^2 gains. sigma rises from the data infinitely fast. */
level_slope level_slope_preserving(const noise_level *at, double log_signal_square);

/* sigma / signal, infinite where nothing of the data is left; and the logarithm of its inverse, in which exponential
 * integrators count: infinite at the data. */
double level_ratio(const noise_level *of);
double level_lambda(const noise_level *of);

/* The variance of x_t where x_0's is 1: exactly 1 where variance is preserved. */
double level_variance(const noise_level *of);

/* What is added to log signal^2 on the way from s to t: negative, or -infinity. */
double level_log_signal_change(const noise_level *s, const noise_level *t);

/* Of two levels s <= t: the share of the SNR at s that is gone at t, 1 - SNR_t / SNR_s. */
double level_lost(const noise_level *s, const noise_level *t);

/* q(x_t | x_s): x_t = signal x_s + sqrt(variance) epsilon. */
double level_step_signal(const noise_level *s, const noise_level *t);
double level_step_variance(const noise_level *s, const noise_level *t);

/* q(x_s | x_t, x_0) of the Gaussian kernel: mean x0 * x_0 + xt * x_t (equation 7 of arXiv:2006.11239, between any two
 * levels). At the data: x_0 itself, variance 0. */
typedef struct level_posterior {
    double x0, xt, variance;
} level_posterior;

level_posterior level_posterior_of(const noise_level *s, const noise_level *t);

#endif

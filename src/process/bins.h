/* Discrete data as the middles of bins: `levels` values spread evenly over -1..1, whose probability is a normal law's
 * mass within half a bin of them, the outermost bins open (section 3.3 of Ho et al. 2020, arXiv:2006.11239). */
#ifndef PROCESS_BINS_H
#define PROCESS_BINS_H

#include <diffusion/status.h>
#include <stddef.h>
#include <stdint.h>

/* The normal distribution function itself, or the approximation by tanh of published code, which gives no bin less than
 * 1e-12. */
typedef enum bins_cdf { BINS_NORMAL, BINS_TANH } bins_cdf;
extern const char bins_cdf_names[]; /* "a|b" */

/* By its name, NULL for the first; DIFFUSION_E_NAME with `function` in the sentence. */
diffusion_status bins_find_cdf(int32_t *out, const char *function, const char *name);

typedef struct bins {
    int32_t levels, cdf;
} bins;

/* Half of a bin's width. */
double bins_half(bins of);

/* 0, or DIFFUSION_E_ARGUMENT: a value beyond the outermost bins, with half a bin forgiven as rounding. */
diffusion_status bins_check_values(bins of, const char *function, const char *name, const float *values, size_t count);

typedef struct bins_slope {
    double mean, log_variance;
} bins_slope;

/* The logarithm of the mass of x's bin, and its derivative by the law unless slope is NULL. */
double bins_log_mass(bins of, double x, double mean, double variance, bins_slope *slope);

#endif

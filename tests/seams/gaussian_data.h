/* Data of independent normal values, of which every level has closed forms. A toy's truth. */
#ifndef SEAMS_GAUSSIAN_DATA_H
#define SEAMS_GAUSSIAN_DATA_H

#include "make.h"

#include "process/schedule.h"

typedef struct gaussian_data {
    const struct diffusion_schedule *schedule;
    double mean, variance;
} gaussian_data;

/* The variance of x_t. */
static inline double gaussian_data_variance(const gaussian_data *of, const noise_level *at)
{
    return at->signal * at->signal * of->variance + at->sigma * at->sigma;
}

/* E[x_0 | x_t] = mean + slope (x_t - signal mean), and what x_t leaves of x_0's variance. */
static inline double gaussian_data_slope(const gaussian_data *of, const noise_level *at)
{
    return at->signal * of->variance / gaussian_data_variance(of, at);
}

static inline double gaussian_data_x0(const gaussian_data *of, const noise_level *at, double x)
{
    return of->mean + gaussian_data_slope(of, at) * (x - at->signal * of->mean);
}

static inline double gaussian_data_left(const gaussian_data *of, const noise_level *at)
{
    return of->variance * at->sigma * at->sigma / gaussian_data_variance(of, at);
}

/* Where the probability flow carries x from one level to another: it keeps how many standard deviations x is off. */
static inline double gaussian_data_flow(const gaussian_data *of, const noise_level *from, const noise_level *to,
                                        double x)
{
    const double ratio = sqrt(gaussian_data_variance(of, to) / gaussian_data_variance(of, from));
    return to->signal * of->mean + ratio * (x - from->signal * of->mean);
}

/* A network that sees the noise in x_t exactly, for "predict=epsilon time=step" and one value to a sample. */
static inline int32_t gaussian_data_epsilon(const double *x, const double *time, const diffusion_condition *condition,
                                            size_t n, double *out, void *user)
{
    (void)condition;
    const gaussian_data *of = user;
    for (size_t i = 0; i < n; i++) {
        const noise_level at = schedule_level(of->schedule, time[i]);
        out[i] = (x[i] - at.signal * gaussian_data_x0(of, &at, x[i])) / at.sigma;
    }
    return 0;
}

/* The variance of p(x_s | x_t), s < t, whose mean is that of q(x_s | x_t, x_0) at E[x_0 | x_t]. */
static inline double gaussian_data_reverse_variance(const gaussian_data *of, const noise_level *s, const noise_level *t)
{
    const level_posterior q = level_posterior_of(s, t);
    return q.variance + q.x0 * q.x0 * gaussian_data_left(of, t);
}

/* A network that reverses each step exactly, for "predict=epsilon variance=learned_range": the variance is told by
 * where its logarithm stands between those of the posterior (at the data: of the step above) and of the forward step.
 */
static inline int32_t gaussian_data_reverse(const double *x, const double *time, const diffusion_condition *condition,
                                            size_t n, double *out, void *user)
{
    const gaussian_data *of = user;
    for (size_t i = 0; i < n; i++) {
        const int32_t t = (int32_t)time[i];
        const noise_level *levels = of->schedule->levels, *at = &levels[t], *below = &levels[t - 1];
        const double small =
            log(t > 1 ? level_posterior_of(below, at).variance : level_posterior_of(at, at + 1).variance);
        const double large = log(level_step_variance(below, at));
        const double part = (log(gaussian_data_reverse_variance(of, below, at)) - small) / (large - small);
        assert_int_equal(gaussian_data_epsilon(x + i, time + i, condition, 1, out + 2 * i, user), 0);
        out[2 * i + 1] = 2.0 * part - 1.0;
    }
    return 0;
}

/* The noise of a chain of whole steps whose model is affine in x: none for sample 0, and a 1 at one step for each of
 * the others. Then x_0 of sample 0 is the mean of x_0, and the squares of the others' distances from it sum to its
 * variance. n is T + 2. */
static inline int32_t gaussian_data_probe(double *noise, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)count, (void)user;
    *noise = sample == (int64_t)step;
    return 0;
}

static inline void gaussian_data_moments(const float *x0, size_t n, double *mean, double *variance)
{
    *mean = (double)x0[0];
    *variance = 0.0;
    for (size_t i = 1; i < n; i++)
        *variance += ((double)x0[i] - *mean) * ((double)x0[i] - *mean);
}

#endif

/* The Gaussian kernel (Table App.1 of the paper; equations 4, 6, 7 of arXiv:2006.11239). */
#include "process/gaussian.h"

#include "base/error.h"
#include "process/divergence.h"
#include "process/kernel.h"

#include <float.h>
#include <math.h>

#define LOG_TWO_PI 1.8378770664093454835606594728112

/* (log(v2/v1) + v1/v2 - 1 + shift^2/v2) / 2, the first three terms as one that does not cancel. */
double gaussian_kl(double mean1, double variance1, double mean2, double variance2)
{
    if (variance2 == 0.0) /* a variance that a model let underflow */
        return variance1 == 0.0 && mean1 == mean2 ? 0.0 : INFINITY;
    const double shift = mean1 - mean2;
    const double spread = divergence(variance2, variance1, variance1 - variance2) / variance2;
    return 0.5 * (spread + shift / variance2 * shift);
}

double gaussian_log_density(double x, double mean, double variance)
{
    const double shift = x - mean;
    if (variance == 0.0)
        return shift == 0.0 ? INFINITY : -INFINITY;
    return -0.5 * (LOG_TWO_PI + log(variance) + shift / variance * shift);
}

double gaussian_entropy(double variance)
{
    return 0.5 * (1.0 + LOG_TWO_PI + log(variance));
}

/* ---- the class ---- */

static int is_value(double value)
{
    (void)value;
    return 1;
}

static void prior(const kernel *self, law out, const noise_level *t, size_t dim)
{
    (void)self;
    const double variance = level_variance(t);
    for (size_t j = 0; j < dim; j++) {
        out.mean[j] = 0.0;
        out.variance[j] = variance;
    }
}

static void step(const kernel *self, law out, const noise_level *s, const noise_level *t, const double *xs, size_t dim)
{
    (void)self;
    const double signal = level_step_signal(s, t), variance = level_step_variance(s, t);
    for (size_t j = 0; j < dim; j++) {
        out.mean[j] = signal * xs[j];
        out.variance[j] = variance;
    }
}

static void diffuse(const kernel *self, double *xt, const noise_level *s, const noise_level *t, const double *xs,
                    const double *noise, size_t dim)
{
    (void)self;
    const double signal = level_step_signal(s, t), sigma = sqrt(level_step_variance(s, t));
    for (size_t j = 0; j < dim; j++)
        xt[j] = signal * xs[j] + sigma * noise[j];
}

static void posterior(const kernel *self, law out, const noise_level *s, const noise_level *t, const double *x0,
                      const double *xt, size_t dim)
{
    (void)self;
    const level_posterior q = level_posterior_of(s, t);
    for (size_t j = 0; j < dim; j++) {
        out.mean[j] = q.x0 * x0[j] + q.xt * xt[j];
        out.variance[j] = q.variance;
    }
}

/* A component without variance keeps its bits. */
static void draw(const kernel *self, double *x, law from, const double *noise, size_t dim)
{
    (void)self;
    for (size_t j = 0; j < dim; j++)
        x[j] = from.variance[j] > 0.0 ? from.mean[j] + sqrt(from.variance[j]) * noise[j] : from.mean[j];
}

static void mode(const kernel *self, double *x, law from, size_t dim)
{
    (void)self;
    for (size_t j = 0; j < dim; j++)
        x[j] = from.mean[j];
}

static double divergence_of(const kernel *self, law q, law p, size_t dim)
{
    (void)self;
    double nats = 0.0;
    for (size_t j = 0; j < dim; j++)
        nats += gaussian_kl(q.mean[j], q.variance[j], p.mean[j], p.variance[j]);
    return nats;
}

static void divergence_slope(const kernel *self, law_slope out, law q, law p, size_t dim)
{
    (void)self;
    for (size_t j = 0; j < dim; j++) {
        double off = p.mean[j] - q.mean[j];
        out.location[j] = off / p.variance[j];
        if (out.log_variance != NULL)
            out.log_variance[j] = 0.5 * (1.0 - (q.variance[j] + off * off) / p.variance[j]);
    }
}

static double log_probability(const kernel *self, const double *x, law p, size_t dim)
{
    (void)self;
    double nats = 0.0;
    for (size_t j = 0; j < dim; j++)
        nats += gaussian_log_density(x[j], p.mean[j], p.variance[j]);
    return nats;
}

static double entropy(const kernel *self, law of, size_t dim)
{
    (void)self;
    double nats = 0.0;
    for (size_t j = 0; j < dim; j++)
        nats += gaussian_entropy(of.variance[j]);
    return nats;
}

static int preserves_variance(const noise_level *t)
{
    return level_variance(t) == 1.0;
}

static void edge_law(const kernel *self, law out, const noise_level *t, const double *xt, size_t dim)
{
    const noise_level data = level_of_data();
    const double ratio = level_ratio(t);
    if (preserves_variance(t)) {
        step(self, out, &data, t, xt, dim);
        return;
    }
    for (size_t j = 0; j < dim; j++) {
        out.mean[j] = xt[j] / t->signal;
        out.variance[j] = ratio * ratio;
    }
}

/* The expected square of x_0 - signal x_1 = (1 - signal^2) x_0 - signal sigma noise is (1 - signal^2)^2 x_0^2 +
 * signal^2 sigma^2; that of x_0 - x_1 / signal its own variance. */
static double edge(const kernel *self, const noise_level *t, const double *x0, size_t dim)
{
    (void)self;
    const noise_level data = level_of_data();
    const double variance = level_step_variance(&data, t), square = t->signal * t->signal;
    const double rest = (1.0 - t->signal) * (1.0 + t->signal);
    double nats = 0.0;
    if (!preserves_variance(t))
        return (double)dim * -gaussian_entropy(pow(level_ratio(t), 2.0));
    for (size_t j = 0; j < dim; j++)
        nats += gaussian_log_density(0.0, 0.0, variance) - 0.5 * (rest * x0[j] * x0[j] * (rest / variance) + square);
    return nats;
}

/* By the chain rule H(X_t | X_s) + H(X_s | X_0) - H(X_t | X_0) is H(X_s | X_t, X_0), in which nothing cancels. */
static void entropy_bounds(const kernel *self, const noise_level *s, const noise_level *t, double *lower, double *upper)
{
    (void)self;
    *lower = gaussian_entropy(level_posterior_of(s, t).variance);
    *upper = gaussian_entropy(level_step_variance(s, t));
}

/* ---- observations ---- */

static int is_observation_noise(double noise)
{
    return noise > 0.0 && isfinite(noise);
}

/* N(mean, variance) times N(y; x, noise)^power. */
static double multiply(const kernel *self, law p, const double *y, double noise, double power)
{
    (void)self;
    double *mean = p.mean, *variance = p.variance;
    double sum = noise + power * *variance, shift = *mean - *y;
    double log_factor = -0.5 * (log(sum / noise) + power * shift / sum * shift);
    *mean = (*mean * noise + power * *variance * *y) / sum;
    *variance *= noise / sum;
    return log_factor;
}

static double log_observed(const kernel *self, const double *x, const double *y, double noise, double power)
{
    (void)self;
    double shift = *x - *y;
    return -0.5 * power * shift / noise * shift;
}

/* ---- the spec ---- */

static diffusion_status settle(kernel *self)
{
    if (self->rate_count > 0)
        return error_set(DIFFUSION_E_SPEC, "schedule: rate is given with kernel=gaussian, expected kernel=binomial");
    return DIFFUSION_OK;
}

const kernel_class gaussian_kernel = {
    .name = "gaussian",
    .title = "Gaussian kernel",
    .additive = 1,
    .is_value = is_value,
    .values = "a finite number",
    .mean_minimum = -INFINITY,
    .mean_maximum = INFINITY,
    .noise = rng_normal_rows,
    .noise_minimum = -DBL_MAX,
    .noise_maximum = DBL_MAX,
    .draws = "a finite number",
    .prior = prior,
    .step = step,
    .diffuse = diffuse,
    .posterior = posterior,
    .draw = draw,
    .mode = mode,
    .divergence = divergence_of,
    .divergence_slope = divergence_slope,
    .log_probability = log_probability,
    .entropy = entropy,
    .edge_law = edge_law,
    .edge = edge,
    .entropy_bounds = entropy_bounds,
    .is_observation_noise = is_observation_noise,
    .observation_noise = "a variance above 0",
    .multiply = multiply,
    .log_observed = log_observed,
    .settle = settle,
};

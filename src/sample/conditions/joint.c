/* An observation in Gaussian noise beside x_t, for solvers that ask for x_0 and noise. Given x_0, y is x_0 in noise of
 * its variance and x_t / signal is x_0 in noise of sigma^2 / signal^2, each with its own draw. Two such views are one
 * in less noise,
 *
 *     1 / N = signal^2 / sigma^2 + 1 / noise,   z = N (signal x_t / sigma^2 + y / noise)
 *
 * so that E[x_0 | x_t, y] is what the model sees in z at the level of N: exact, at every level, by one evaluation. A
 * solver that goes by it goes by the score of p(x_t | y). */
#include "sample/sampler.h"

#include <math.h>

static int is_active(const struct diffusion_sampler *self, const void *state)
{
    (void)state;
    return observed_of(self)->y.n > 0 && self->options.posterior == POSTERIOR_EXACT && !self->solver->transition;
}

static diffusion_status check(const struct diffusion_sampler *self, const void *state, size_t n)
{
    (void)state;
    return given_check(&observed_of(self)->y, "sampler_set_observed", n);
}

/* 1 / N of what x_t and y tell. */
static double precision_of(const noise_level *at, double noise)
{
    const double ratio = at->signal / at->sigma;
    return ratio * ratio + 1.0 / noise;
}

static noise_level asked_at(const struct diffusion_sampler *self, const void *state, const noise_level *at)
{
    (void)state;
    return schedule_level_at(sampler_schedule(self), log(precision_of(at, observed_of(self)->noise)));
}

/* A known value's observation is not looked at: its path is taken down to the other level with the noise that it has.
 */
static void asked_row(const struct diffusion_sampler *self, const void *state, double *out, const double *x,
                      const noise_level *at, const noise_level *asked, size_t row)
{
    (void)state;
    const double noise = observed_of(self)->noise, variance = 1.0 / precision_of(at, noise);
    for (size_t j = 0; j < sampler_dim(self); j++) {
        double z;
        if (known_at(self, row, j)) {
            const double x0 = known_value(self, row, j);
            z = x0 + sqrt(variance) * (x[j] - at->signal * x0) / at->sigma;
        } else {
            z = variance * (at->signal * x[j] / (at->sigma * at->sigma) + observed_value(self, row, j) / noise);
        }
        out[j] = asked->signal * z;
    }
}

/* p(x_T | y) where p(x_T) is that of standard normal data. */
static diffusion_status begin(struct diffusion_sampler *self, void *state, solver_step *step)
{
    (void)state;
    const double noise = observed_of(self)->noise, signal = step->from.signal, sigma = step->from.sigma;
    const size_t dim = sampler_dim(self);
    for (size_t i = 0; step->first && i < self->rows * dim; i++) {
        step->next.mean[i] = signal * observed_value(self, i / dim, i % dim) / (1.0 + noise);
        step->next.variance[i] = sigma * sigma + signal * signal * noise / (1.0 + noise);
    }
    return DIFFUSION_OK;
}

const sample_condition joint_condition = {
    .is_active = is_active,
    .check = check,
    .asked_at = asked_at,
    .asked_row = asked_row,
    .predicted = begin,
};

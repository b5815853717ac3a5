/* Inpainting: r is a delta on the known values (section 2.5 of the paper).
 *
 * With r(x_t) = r(x_0) a known value would stand at every t as it is at t = 0, where the network expects it diffused.
 * So r(x_t) is the delta on a path x_1..x_T drawn from q(x_{1..T} | x_0) of the known values: p~ is again p times r,
 * and the path ends at them. Downwards it is x_T ~ q(x_T | x_0), then x_{t-1} ~ q(x_{t-1} | x_t, x_0). */
#include "base/error.h"
#include "process/binomial.h"
#include "process/gaussian.h"
#include "sample/posterior.h"

#include <math.h>

static diffusion_status check(const struct diffusion_sampler *self, const float *x0, const uint8_t *mask, size_t n)
{
    size_t dim = self->predictor.model->dim;
    int bits = self->predictor.schedule->kernel == KERNEL_BINOMIAL;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < dim; j++) {
            double value = x0[i * dim + j];
            if (mask[i * dim + j] == 0)
                continue;
            if (!isfinite(value))
                return error_set(DIFFUSION_E_NONFINITE, "sampler_set_known: x0[%zu] of sample %zu is %g", j, i, value);
            if (bits && value != 0.0 && value != 1.0)
                return error_set(DIFFUSION_E_ARGUMENT, "sampler_set_known: x0[%zu]=%g of sample %zu, expected 0 or 1",
                                 j, value, i);
        }
    return DIFFUSION_OK;
}

diffusion_status known_set(struct diffusion_sampler *self, const float *x0, const uint8_t *mask, size_t n)
{
    given fresh = {.n = 0};
    size_t dim = self->predictor.model->dim;
    diffusion_status status = n > SIZE_MAX / dim ? DIFFUSION_OK : check(self, x0, mask, n);
    if (status == DIFFUSION_OK && n > 0)
        status = given_copy(&fresh, x0, mask, n, dim);
    if (status != DIFFUSION_OK)
        return status;
    given_release(&self->known);
    self->known = fresh;
    sampler_forget(self);
    return DIFFUSION_OK;
}

int known_at(const struct diffusion_sampler *self, size_t row, size_t column)
{
    size_t dim = self->predictor.model->dim;
    return self->known.n > 0 && self->known.mask[given_row(&self->known, self, row) * dim + column] != 0;
}

/* Mean and variance, or rate, of a known value x_0 at `step`: from q(x_step | x_0), or given x above it too. */
static void path(const struct diffusion_sampler *self, int32_t step, double x0, const double *above, double prior,
                 double *mean, double *variance)
{
    const struct diffusion_schedule *schedule = self->predictor.schedule;
    int bits = schedule->kernel == KERNEL_BINOMIAL;
    *variance = 0.0;
    if (step == 0) {
        *mean = x0;
    } else if (bits) {
        *mean = above != NULL ? binomial_posterior_rate(schedule, step + 1, x0, *above, prior)
                              : binomial_marginal_rate(schedule, step, x0, prior);
    } else if (above != NULL) {
        gaussian_posterior q = gaussian_posterior_at(schedule, step + 1);
        *mean = q.x0 * x0 + q.xt * *above;
        *variance = q.variance;
    } else {
        *mean = sqrt(schedule->alpha_bar[step]) * x0;
        *variance = schedule->noise[step];
    }
}

/* Draws the known values of a row at `step` with the noise of the sample's first particle, and leaves them where
 * sampler_settle() finds them: as a mean without variance. The particle's weight is their density under the model. */
static void settle_row(struct diffusion_sampler *self, size_t row, int32_t step, int begun)
{
    const struct diffusion_schedule *schedule = self->predictor.schedule;
    size_t dim = self->predictor.model->dim, particles = (size_t)self->options.particles;
    const float *known = self->known.values + given_row(&self->known, self, row) * dim;
    const double *noise = (const double *)self->draws.memory + row / particles * particles * dim;
    const double *x = (const double *)self->x.memory + row * dim;
    double *means = (double *)self->mean.memory + row * dim, *variances = (double *)self->variance.memory + row * dim;
    double log_weight = 0.0;
    int bits = schedule->kernel == KERNEL_BINOMIAL;
    for (size_t j = 0; j < dim; j++) {
        double mean, variance;
        if (!known_at(self, row, j))
            continue;
        path(self, step, known[j], begun ? &x[j] : NULL, bits ? schedule_rate(schedule, j) : 0.0, &mean, &variance);
        if (step > 0)
            mean = bits ? (double)(noise[j] < mean) : mean + sqrt(variance) * noise[j];
        if (particles > 1 && begun)
            log_weight +=
                bits ? bernoulli_log_probability(mean, means[j]) : gaussian_log_density(mean, means[j], variances[j]);
        means[j] = mean;
        variances[j] = 0.0;
    }
    if (particles > 1)
        ((double *)self->weights.memory)[row] += log_weight;
}

void known_begin(struct diffusion_sampler *self, int32_t step)
{
    for (size_t row = 0; row < self->rows && self->known.n > 0; row++)
        settle_row(self, row, step, 0);
}

void known_step(struct diffusion_sampler *self)
{
    for (size_t row = 0; row < self->rows && self->known.n > 0; row++)
        settle_row(self, row, self->step - 1, 1);
}

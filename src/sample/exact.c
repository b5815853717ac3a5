/* An observation in Gaussian noise is a state of the forward process: y has the law of x_t / sqrt(alpha_bar_t) where
 * N_t = (1 - alpha_bar_t) / alpha_bar_t is the noise's variance. So the reverse process from there draws from
 * p(x_0 | y), with no r to multiply by. */
#include "process/gaussian.h"
#include "sample/posterior.h"

#include <math.h>

/* The first step with at least this noise; T + 1 if none has. */
static int32_t step_of(const struct diffusion_schedule *schedule, double noise)
{
    int32_t t = 1;
    while (t <= schedule->steps && schedule->noise[t] < noise * schedule->alpha_bar[t])
        t++;
    return t;
}

/* More noise than there is at T: y tells of x_T through the noise that is left over; p(x_T) is standard normal. */
static void begin_above(struct diffusion_sampler *self)
{
    const struct diffusion_schedule *schedule = self->predictor.schedule;
    size_t dim = self->predictor.model->dim;
    double *mean = self->mean.memory, *variance = self->variance.memory;
    double alpha_bar = schedule->alpha_bar[schedule->steps];
    double left = alpha_bar * self->observed.noise - schedule->noise[schedule->steps];
    for (size_t i = 0; i < self->rows * dim; i++) {
        double y = self->observed.values[given_row(&self->observed, self, i / dim) * dim + i % dim];
        mean[i] = sqrt(alpha_bar) * y / (1.0 + left);
        variance[i] = left / (1.0 + left);
    }
}

/* From y to x_{t-1}, t the step above it: the posterior of z = x_{t-1} / sqrt(alpha_bar_{t-1}) given y and x_0. The
 * model tells x_0 at step t; on the way to the noise of y the distance from y to it shrinks as that of standard normal
 * data does, which is right in the first order for any. */
static void descend(struct diffusion_sampler *self, int32_t t)
{
    const struct diffusion_schedule *schedule = self->predictor.schedule;
    const gaussian_posterior q = gaussian_posterior_at(schedule, t);
    size_t dim = self->predictor.model->dim;
    double *mean = self->mean.memory, *variance = self->variance.memory;
    double noise = self->observed.noise, part = noise / (1.0 + noise) / schedule->noise[t];
    double alpha_bar = schedule->alpha_bar[t - 1], kept = schedule->noise[t - 1] / alpha_bar / noise;
    for (size_t i = 0; i < self->rows * dim; i++) {
        double y = self->observed.values[given_row(&self->observed, self, i / dim) * dim + i % dim];
        double x0 = (mean[i] - q.xt * sqrt(schedule->alpha_bar[t]) * y) / q.x0;
        x0 = y + part * (x0 - y);
        mean[i] = sqrt(alpha_bar) * (x0 * (1.0 - kept) + y * kept);
        variance[i] = schedule->noise[t - 1] * (1.0 - kept);
    }
}

diffusion_status exact_begin(struct diffusion_sampler *self, int32_t *step)
{
    const struct diffusion_schedule *schedule = self->predictor.schedule;
    size_t dim = self->predictor.model->dim;
    double *x = self->x.memory;
    int32_t t = step_of(schedule, self->observed.noise);
    if (t > schedule->steps) {
        begin_above(self);
        *step = schedule->steps;
        return DIFFUSION_OK;
    }
    for (size_t i = 0; i < self->rows * dim; i++)
        x[i] = sqrt(schedule->alpha_bar[t]) *
               (double)self->observed.values[given_row(&self->observed, self, i / dim) * dim + i % dim];
    diffusion_status status = sampler_predict(self, x, t);
    if (status != DIFFUSION_OK)
        return status;
    descend(self, t);
    *step = t - 1;
    return DIFFUSION_OK;
}

/* Ancestral sampling: x_{t-1} ~ p(x_{t-1} | x_t), the generative process of the paper (section 2.2). */
#include "process/binomial.h"
#include "sample/posterior.h"

#include <math.h>

/* The paper's edge rule, equation 44: x_0 is drawn from the forward kernel applied to x_1. */
static void forward_kernel(struct diffusion_sampler *self)
{
    const struct diffusion_schedule *schedule = self->predictor.schedule;
    const double *x = self->x.memory;
    double *mean = self->mean.memory, *variance = self->variance.memory;
    size_t dim = self->predictor.model->dim;
    for (size_t i = 0; i < self->rows * dim; i++) {
        if (schedule->kernel == KERNEL_BINOMIAL) {
            mean[i] = binomial_step_rate(schedule, 1, x[i], schedule_rate(schedule, i % dim));
        } else {
            mean[i] = sqrt(1.0 - schedule->beta[1]) * x[i];
            variance[i] = schedule->beta[1];
        }
    }
}

static void keep_mean(struct diffusion_sampler *self)
{
    double *x = self->x.memory;
    const double *mean = self->mean.memory;
    int bits = self->predictor.schedule->kernel == KERNEL_BINOMIAL;
    for (size_t i = 0; i < self->rows * self->predictor.model->dim; i++)
        x[i] = bits ? (double)(mean[i] > 0.5) : mean[i];
}

static diffusion_status transition(struct diffusion_sampler *self)
{
    if (self->step == 1 && self->options.last == LAST_FORWARD) {
        forward_kernel(self);
        return DIFFUSION_OK;
    }
    return sampler_predict(self, self->x.memory, self->step);
}

/* The paper's edge of the chain may be its mean alone: then nothing is drawn. */
static diffusion_status draw(struct diffusion_sampler *self)
{
    int mean_alone = self->step == 1 && self->options.last == LAST_MEAN;
    diffusion_status status = mean_alone ? DIFFUSION_OK : sampler_draw(self, sampler_position(self));
    if (status != DIFFUSION_OK)
        return status;
    known_step(self);
    if (mean_alone)
        keep_mean(self);
    else
        sampler_settle(self);
    return DIFFUSION_OK;
}

diffusion_status ancestral_step(struct diffusion_sampler *self)
{
    diffusion_status status = transition(self);
    if (status == DIFFUSION_OK)
        status = guidance_step(self);
    if (status != DIFFUSION_OK)
        return status;
    observed_step(self);
    status = draw(self);
    if (status == DIFFUSION_OK)
        particles_step(self);
    return status;
}

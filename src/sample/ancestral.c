/* Ancestral sampling: x_{t-1} ~ p(x_{t-1} | x_t), the generative process of the paper (section 2.2). */
#include "base/threads.h"
#include "process/binomial.h"
#include "sample/sampler.h"

#include <math.h>

/* The paper's edge rule, equation 44: x_0 is drawn from the forward kernel applied to x_1. */
static void forward_kernel(struct diffusion_sampler *self)
{
    const struct diffusion_schedule *schedule = self->predictor.schedule;
    const double *x = self->x.memory;
    double *mean = self->mean.memory, *variance = self->variance.memory;
    size_t dim = self->predictor.model->dim;
    for (size_t i = 0; i < self->n * dim; i++) {
        if (schedule->kernel == KERNEL_BINOMIAL) {
            mean[i] = binomial_step_rate(schedule, 1, x[i], schedule_rate(schedule, i % dim));
        } else {
            mean[i] = sqrt(1.0 - schedule->beta[1]) * x[i];
            variance[i] = schedule->beta[1];
        }
    }
}

static void draw_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    struct diffusion_sampler *self = context;
    size_t dim = self->predictor.model->dim;
    double *x = self->x.memory;
    const double *mean = self->mean.memory, *variance = self->variance.memory, *noise = self->draws.memory;
    int bits = self->predictor.schedule->kernel == KERNEL_BINOMIAL;
    for (size_t i = row * dim; i < (row + 1) * dim; i++)
        x[i] = bits ? (double)(noise[i] < mean[i]) : mean[i] + sqrt(variance[i]) * noise[i];
}

static void keep_mean(struct diffusion_sampler *self)
{
    double *x = self->x.memory;
    const double *mean = self->mean.memory;
    int bits = self->predictor.schedule->kernel == KERNEL_BINOMIAL;
    for (size_t i = 0; i < self->n * self->predictor.model->dim; i++)
        x[i] = bits ? (double)(mean[i] > 0.5) : mean[i];
}

static diffusion_status transition(struct diffusion_sampler *self)
{
    if (self->step == 1 && self->options.last == LAST_FORWARD) {
        forward_kernel(self);
        return DIFFUSION_OK;
    }
    int32_t *t = self->t.memory;
    for (size_t i = 0; i < self->n; i++)
        t[i] = self->step;
    return predictor_run(&self->predictor, "sampler_step", self->x.memory, t,
                         self->has_labels ? self->labels.memory : NULL, self->n, self->options.clip, self->mean.memory,
                         self->variance.memory);
}

diffusion_status ancestral_step(struct diffusion_sampler *self)
{
    diffusion_status status = transition(self);
    if (status != DIFFUSION_OK)
        return status;
    if (self->step == 1 && self->options.last == LAST_MEAN) {
        keep_mean(self);
        return DIFFUSION_OK;
    }
    status = sampler_draw(self, sampler_position(self));
    if (status == DIFFUSION_OK)
        parallel_for(self->n, SAMPLER_DRAW_COST * self->predictor.model->dim, draw_row, self);
    return status;
}

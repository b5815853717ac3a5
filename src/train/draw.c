/* What a training sample is made of: t, the dequantised x_0 and x_t (or the pair x_{t-1}, x_t). */
#include "base/rng.h"
#include "process/binomial.h"
#include "train/objective.h"

#include <math.h>

static int32_t draw_step(const objective *self, uint64_t step, uint64_t index)
{
    int32_t first = self->kind == OBJECTIVE_BOUND ? 2 : 1;
    uint64_t count = (uint64_t)(self->schedule->steps - first + 1);
    return first + (int32_t)rng_below(count, (rng_stream){self->seed, RNG_TIME, step, index});
}

static void draw_data(const objective *self, objective_sample *sample, uint64_t step, uint64_t index, double *noise)
{
    size_t dim = self->model->dim;
    if (self->dequantize > 0.0)
        rng_uniform(noise, dim, (rng_stream){self->seed, RNG_DEQUANTIZE, step, index});
    for (size_t j = 0; j < dim; j++)
        sample->x0[j] =
            self->dequantize > 0.0 ? (float)((double)sample->data[j] + self->dequantize * noise[j]) : sample->data[j];
}

static void draw_noise(const objective *self, double *noise, rng_stream stream)
{
    if (self->schedule->kernel == KERNEL_BINOMIAL)
        rng_uniform(noise, self->model->dim, stream);
    else
        rng_normal(noise, self->model->dim, stream);
}

/* to ~ q(x_t | x_0); t = 0 is x_0 itself. */
static void marginal(const objective *self, int32_t t, float *to, const float *x0, const double *noise)
{
    const struct diffusion_schedule *schedule = self->schedule;
    double signal = sqrt(schedule->alpha_bar[t]), deviation = sqrt(schedule->noise[t]);
    for (size_t j = 0; j < self->model->dim; j++)
        to[j] = schedule->kernel == KERNEL_BINOMIAL
                    ? (float)(noise[j] < binomial_marginal_rate(schedule, t, (double)x0[j], schedule_rate(schedule, j)))
                    : (float)(signal * (double)x0[j] + deviation * noise[j]);
}

/* to ~ q(x_t | x_{t-1}) */
static void one_step(const objective *self, int32_t t, float *to, const float *previous, const double *noise)
{
    const struct diffusion_schedule *schedule = self->schedule;
    double signal = sqrt(1.0 - schedule->beta[t]), deviation = sqrt(schedule->beta[t]);
    for (size_t j = 0; j < self->model->dim; j++)
        to[j] =
            schedule->kernel == KERNEL_BINOMIAL
                ? (float)(noise[j] < binomial_step_rate(schedule, t, (double)previous[j], schedule_rate(schedule, j)))
                : (float)(signal * (double)previous[j] + deviation * noise[j]);
}

void objective_draw(const objective *self, objective_sample *sample, uint64_t step, uint64_t index, double *noise)
{
    sample->t = draw_step(self, step, index);
    draw_data(self, sample, step, index, noise);
    draw_noise(self, noise, (rng_stream){self->seed, RNG_NOISE, step, index});
    if (self->kind == OBJECTIVE_PAIR) {
        marginal(self, sample->t - 1, sample->aside, sample->x0, noise);
        draw_noise(self, noise, (rng_stream){self->seed, RNG_PAIR, step, index});
        one_step(self, sample->t, sample->xt, sample->aside, noise);
        return;
    }
    marginal(self, sample->t, sample->xt, sample->x0, noise);
    for (size_t j = 0; j < self->model->dim; j++)
        sample->aside[j] = (float)noise[j];
}

/* The noise of a step, and the draws that it makes of mean and variance. */
#include "sample/sampler.h"

#include "base/rng.h"
#include "base/threads.h"

#include <math.h>

typedef struct draw_job {
    const struct diffusion_sampler *self;
    int32_t step;
} draw_job;

/* The particles of a sample one after another, of one stream. */
static void draw_sample(void *context, size_t sample, size_t slot)
{
    (void)slot;
    const draw_job *job = context;
    const struct diffusion_sampler *self = job->self;
    size_t count = (size_t)self->options.particles * self->predictor.model->dim;
    rng_stream stream = {self->options.seed, RNG_SAMPLER, (uint64_t)job->step, (uint64_t)self->options.first + sample};
    double *values = (double *)self->draws.memory + sample * count;
    if (self->predictor.schedule->kernel == KERNEL_BINOMIAL)
        rng_uniform(values, count, stream);
    else
        rng_normal(values, count, stream);
}

diffusion_status sampler_draw(struct diffusion_sampler *self, int32_t step)
{
    size_t count = (size_t)self->options.particles * self->predictor.model->dim;
    diffusion_status status = DIFFUSION_OK;
    if (self->noise == NULL)
        parallel_for(self->n, SAMPLER_DRAW_COST * count, draw_sample, &(draw_job){self, step});
    for (size_t i = 0; i < self->n && self->noise != NULL && status == DIFFUSION_OK; i++)
        status = self->noise((double *)self->draws.memory + i * count, count, (int64_t)i, step, self->noise_user);
    return status;
}

/* A known value has no variance, and keeps its bits. */
static void settle_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    struct diffusion_sampler *self = context;
    size_t dim = self->predictor.model->dim;
    double *x = self->x.memory;
    const double *mean = self->mean.memory, *variance = self->variance.memory, *noise = self->draws.memory;
    int bits = self->predictor.schedule->kernel == KERNEL_BINOMIAL;
    for (size_t i = row * dim; i < (row + 1) * dim; i++) {
        if (bits)
            x[i] = noise[i] < mean[i];
        else
            x[i] = variance[i] > 0.0 ? mean[i] + sqrt(variance[i]) * noise[i] : mean[i];
    }
}

void sampler_settle(struct diffusion_sampler *self)
{
    parallel_for(self->rows, SAMPLER_DRAW_COST * self->predictor.model->dim, settle_row, self);
}

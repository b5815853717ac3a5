/* The noise of a step, and the state that it makes of a law. */
#include "sample/sampler.h"

#include "base/error.h"
#include "base/rng.h"
#include "base/threads.h"

typedef struct draw_job {
    const struct diffusion_sampler *self;
    double *noise;
    uint64_t step;
} draw_job;

/* The particles of a sample one after another, of one stream. */
static void draw_sample(void *context, size_t sample, size_t slot)
{
    (void)slot;
    const draw_job *job = context;
    const struct diffusion_sampler *self = job->self;
    size_t count = (size_t)self->options.particles * sampler_dim(self);
    rng_stream stream = {self->options.seed, RNG_SAMPLER, job->step, (uint64_t)self->options.first + sample};
    sampler_schedule(self)->kernel.methods->noise(job->noise + sample * count, count, stream);
}

/* The step as a caller knows it, t; T + 1 for the first state. */
static int32_t time_of(const struct diffusion_sampler *self, int32_t step)
{
    return step > self->plan.steps ? sampler_schedule(self)->steps + 1 : (int32_t)self->plan.levels[step].t;
}

diffusion_status sampler_draw(struct diffusion_sampler *self, double *noise, int32_t step, int32_t again)
{
    size_t count = (size_t)self->options.particles * sampler_dim(self);
    diffusion_status status = DIFFUSION_OK;
    const unsigned before = error_count();
    draw_job job = {self, noise, (uint64_t)step | (uint64_t)again << 32};
    if (self->noise == NULL)
        parallel_for(self->n, SAMPLER_DRAW_COST * count, draw_sample, &job);
    for (size_t i = 0; i < self->n && self->noise != NULL && status == DIFFUSION_OK; i++)
        status = error_of_callback(
            self->noise(noise + i * count, count, (int64_t)i, time_of(self, step), self->noise_user), "noise", before);
    return status;
}

typedef struct settle_job {
    struct diffusion_sampler *self;
    const solver_step *step;
} settle_job;

static void settle_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const settle_job *job = context;
    const kernel *of = &sampler_schedule(job->self)->kernel;
    const size_t dim = sampler_dim(job->self), at = row * dim;
    const law next = {job->step->next.mean + at, job->step->next.variance + at};
    double *x = (double *)job->self->x.memory + at;
    if (job->step->undrawn)
        of->methods->mode(of, x, next, dim);
    else
        of->methods->draw(of, x, next, (const double *)job->self->draws.memory + at, dim);
}

void sampler_settle(struct diffusion_sampler *self, const solver_step *step)
{
    settle_job job = {self, step};
    parallel_for(self->rows, SAMPLER_DRAW_COST * sampler_dim(self), settle_row, &job);
}

/* The noise of a step, and the state that it makes of a law. */
#include "sample/sampler.h"

#include "base/error.h"
#include "base/rng.h"
#include "base/size.h"
#include "base/threads.h"

typedef struct draw_job {
    const struct diffusion_sampler *self;
    double *noise;
    uint64_t step;
    size_t run; /* samples of a task */
} draw_job;

enum { RUN = 512 /* values of a task, where a sample has fewer */, DRAW_COST = 8, SETTLE_COST = 4 /* nanoseconds */ };

static size_t run_of(size_t count)
{
    return count < RUN ? RUN / count : 1;
}

/* The particles of a sample one after another, of one stream. */
static void draw_run(void *context, size_t run, size_t slot)
{
    (void)slot;
    const draw_job *job = context;
    const struct diffusion_sampler *self = job->self;
    const size_t count = (size_t)self->options.particles * sampler_dim(self);
    const size_t first = run * job->run, samples = size_lesser(job->run, self->n - first);
    rng_stream stream = {self->options.seed, RNG_SAMPLER, job->step, (uint64_t)self->options.first + first};
    sampler_schedule(self)->kernel.methods->noise(job->noise + first * count, samples, count, stream);
}

/* The step as a caller knows it, t; T + 1 for the first state. */
static int32_t time_of(const struct diffusion_sampler *self, int32_t step)
{
    return step > self->plan.steps ? sampler_schedule(self)->steps + 1 : (int32_t)self->plan.levels[step].t;
}

/* The caller's noise of a sample. */
static diffusion_status ask_caller(const struct diffusion_sampler *self, double *noise, size_t sample, int32_t step)
{
    const size_t count = (size_t)self->options.particles * sampler_dim(self);
    const unsigned before = error_count();
    diffusion_status status = error_of_callback(
        self->noise(noise, count, (int64_t)sample, time_of(self, step), self->noise_user), "noise", before);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        status = kernel_check_draw(&sampler_schedule(self)->kernel, "sampler", i, noise[i]);
    return status;
}

diffusion_status sampler_draw(struct diffusion_sampler *self, double *noise, int32_t step, int32_t again)
{
    size_t count = (size_t)self->options.particles * sampler_dim(self);
    diffusion_status status = DIFFUSION_OK;
    draw_job job = {self, noise, (uint64_t)step | (uint64_t)again << 32, run_of(count)};
    if (self->noise == NULL)
        parallel_for(size_divide_up(self->n, job.run), DRAW_COST * count * job.run, draw_run, &job);
    for (size_t i = 0; i < self->n && self->noise != NULL && status == DIFFUSION_OK; i++)
        status = ask_caller(self, noise + i * count, i, step);
    return status;
}

typedef struct settle_job {
    struct diffusion_sampler *self;
    const solver_step *step;
} settle_job;

/* `dim` values from `at` on: of one row. Additive kernels do not mind if it is several. */
static void settle_values(const settle_job *job, size_t at, size_t dim)
{
    const kernel *of = &sampler_schedule(job->self)->kernel;
    const law next = {job->step->next.mean + at, job->step->next.variance + at};
    double *x = (double *)job->self->x.memory + at;
    if (job->step->undrawn)
        of->methods->mode(of, x, next, dim);
    else
        of->methods->draw(of, x, next, (const double *)job->self->draws.memory + at, dim);
}

static void settle_run(void *context, size_t run, size_t slot)
{
    (void)slot;
    const settle_job *job = context;
    const size_t dim = sampler_dim(job->self), first = run * run_of(dim);
    const size_t rows = size_lesser(run_of(dim), job->self->rows - first);
    if (sampler_schedule(job->self)->kernel.methods->additive) {
        settle_values(job, first * dim, rows * dim);
        return;
    }
    for (size_t row = first; row < first + rows; row++)
        settle_values(job, row * dim, dim);
}

void sampler_settle(struct diffusion_sampler *self, const solver_step *step)
{
    const size_t dim = sampler_dim(self), run = run_of(dim);
    settle_job job = {self, step};
    parallel_for(size_divide_up(self->rows, run), SETTLE_COST * dim * run, settle_run, &job);
}

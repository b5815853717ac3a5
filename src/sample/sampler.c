#include "sample/sampler.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/threads.h"

#include <string.h>

/* ---- making one ---- */

static diffusion_status check(const sampler_options *options, const struct diffusion_schedule *schedule)
{
    if (options->steps > schedule->steps)
        return error_set(DIFFUSION_E_SPEC, "sampler: steps=%lld, expected at most the schedule's %d",
                         (long long)options->steps, (int)schedule->steps);
    if (schedule->kernel == KERNEL_BINOMIAL && options->steps > 0 && options->steps < schedule->steps)
        return error_set(DIFFUSION_E_KERNEL, "sampler: steps=%lld, but a respaced chain needs the Gaussian kernel",
                         (long long)options->steps);
    if (schedule->kernel == KERNEL_BINOMIAL && options->clip > 0.0)
        return error_set(DIFFUSION_E_KERNEL, "sampler: clip=%g needs the Gaussian kernel", options->clip);
    return DIFFUSION_OK;
}

static diffusion_status respace(struct diffusion_sampler *self, const struct diffusion_schedule *schedule)
{
    if (self->options.steps == 0 || self->options.steps == schedule->steps)
        return DIFFUSION_OK;
    self->original = memory_allocate((size_t)self->options.steps + 1, sizeof *self->original);
    if (self->original == NULL)
        return DIFFUSION_E_MEMORY;
    return schedule_respace(&self->respaced, schedule, (int32_t)self->options.steps, self->original);
}

static diffusion_status set_up(struct diffusion_sampler *self, const struct diffusion_model *model,
                               const struct diffusion_schedule *schedule, const char *spec)
{
    size_t kind;
    diffusion_status status = spec_parse(sampler_grammar(), spec, &self->options, &kind);
    if (status == DIFFUSION_OK)
        status = check(&self->options, schedule);
    if (status == DIFFUSION_OK)
        status = respace(self, schedule);
    if (status == DIFFUSION_OK)
        status =
            predictor_open(&self->predictor, model, self->respaced != NULL ? self->respaced : schedule, self->original);
    return status;
}

diffusion_status sampler_create(struct diffusion_sampler **out, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const char *spec)
{
    struct diffusion_sampler *self = memory_allocate(1, sizeof *self);
    if (self == NULL)
        return DIFFUSION_E_MEMORY;
    self->step = -1;
    self->total = schedule->steps;
    diffusion_status status = set_up(self, model, schedule, spec);
    if (status == DIFFUSION_OK)
        *out = self;
    else
        sampler_free(self);
    return status;
}

void sampler_free(struct diffusion_sampler *self)
{
    if (self == NULL)
        return;
    predictor_close(&self->predictor);
    schedule_release(self->respaced);
    memory_release(self->original);
    buffer *buffers[] = {&self->x, &self->mean, &self->variance, &self->draws, &self->t, &self->labels};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        buffer_release(buffers[i]);
    memory_release(self);
}

/* ---- noise ---- */

typedef struct draw_job {
    const struct diffusion_sampler *self;
    int32_t step;
} draw_job;

static void draw_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const draw_job *job = context;
    const struct diffusion_sampler *self = job->self;
    size_t dim = self->predictor.model->dim;
    rng_stream stream = {self->options.seed, RNG_SAMPLER, (uint64_t)job->step, (uint64_t)self->options.first + row};
    double *values = (double *)self->draws.memory + row * dim;
    if (self->predictor.schedule->kernel == KERNEL_BINOMIAL)
        rng_uniform(values, dim, stream);
    else
        rng_normal(values, dim, stream);
}

diffusion_status sampler_draw(struct diffusion_sampler *self, int32_t step)
{
    size_t dim = self->predictor.model->dim;
    diffusion_status status = DIFFUSION_OK;
    if (self->noise == NULL)
        parallel_for(self->n, SAMPLER_DRAW_COST * dim, draw_row, &(draw_job){self, step});
    for (size_t i = 0; i < self->n && self->noise != NULL && status == DIFFUSION_OK; i++)
        status = self->noise((double *)self->draws.memory + i * dim, dim, (int64_t)i, step, self->noise_user);
    return status;
}

/* ---- the chain ---- */

static diffusion_status reserve(struct diffusion_sampler *self, size_t n)
{
    size_t count, dim = self->predictor.model->dim;
    buffer *wide[] = {&self->x, &self->mean, &self->variance, &self->draws};
    if (!size_multiply(&count, n, dim))
        return error_set(DIFFUSION_E_MEMORY, "sampler: n=%zu samples of %zu values cannot be addressed", n, dim);
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (buffer_reserve(wide[i], count, sizeof(double)) == NULL)
            return DIFFUSION_E_MEMORY;
    if (buffer_reserve(&self->t, n, sizeof(int32_t)) == NULL ||
        buffer_reserve(&self->labels, n, sizeof(int32_t)) == NULL)
        return DIFFUSION_E_MEMORY;
    return DIFFUSION_OK;
}

/* x_T from the prior: standard normal, or bits at the prior's rates. */
static void draw_prior(struct diffusion_sampler *self)
{
    const struct diffusion_schedule *schedule = self->predictor.schedule;
    size_t dim = self->predictor.model->dim;
    double *x = self->x.memory;
    const double *noise = self->draws.memory;
    for (size_t i = 0; i < self->n * dim; i++)
        x[i] = schedule->kernel == KERNEL_BINOMIAL ? (double)(noise[i] < schedule_rate(schedule, i % dim)) : noise[i];
}

diffusion_status sampler_begin(struct diffusion_sampler *self, const int32_t *labels, size_t n)
{
    self->step = -1;
    diffusion_status status = model_check_labels(self->predictor.model, "sampler", labels, n);
    if (status == DIFFUSION_OK)
        status = reserve(self, n);
    if (status != DIFFUSION_OK)
        return status;
    self->n = n;
    self->has_labels = labels != NULL;
    if (labels != NULL && n > 0)
        memcpy(self->labels.memory, labels, n * sizeof *labels);
    status = sampler_draw(self, self->total + 1);
    if (status != DIFFUSION_OK)
        return status;
    draw_prior(self);
    self->step = self->predictor.schedule->steps;
    return DIFFUSION_OK;
}

diffusion_status sampler_step(struct diffusion_sampler *self)
{
    if (self->step < 0)
        return error_set(DIFFUSION_E_STATE, "sampler_step: no chain has begun (call sampler_begin first)");
    if (self->step == 0)
        return error_set(DIFFUSION_E_STATE, "sampler_step: the chain has reached x_0");
    diffusion_status status = ancestral_step(self);
    self->step = status == DIFFUSION_OK ? self->step - 1 : -1;
    return status;
}

int32_t sampler_position(const struct diffusion_sampler *self)
{
    return self->original != NULL ? self->original[self->step] : self->step;
}

#include "base/size.h"
#include "sample/posterior.h"
#include "sample/spacing.h"

#include "base/error.h"
#include "base/memory.h"

/* ---- making one ---- */

static diffusion_status check(const struct diffusion_sampler *self, const struct diffusion_schedule *schedule)
{
    const sampler_options *options = &self->options;
    if (schedule->kernel == KERNEL_BINOMIAL && self->kind == SAMPLER_DDIM)
        return error_set(DIFFUSION_E_KERNEL, "sampler: ddim needs the Gaussian kernel, expected ancestral for bits");
    if (options->steps > schedule->steps)
        return error_set(DIFFUSION_E_SPEC, "sampler: steps=%lld, expected at most the schedule's %d",
                         (long long)options->steps, (int)schedule->steps);
    if (schedule->kernel == KERNEL_BINOMIAL && options->steps > 0 && options->steps < schedule->steps)
        return error_set(DIFFUSION_E_KERNEL, "sampler: steps=%lld, but a respaced chain needs the Gaussian kernel",
                         (long long)options->steps);
    if (schedule->kernel == KERNEL_BINOMIAL && options->steps_offset > 0)
        return error_set(DIFFUSION_E_KERNEL, "sampler: steps_offset=%lld needs the Gaussian kernel",
                         (long long)options->steps_offset);
    if (schedule->kernel == KERNEL_BINOMIAL && options->clip > 0.0)
        return error_set(DIFFUSION_E_KERNEL, "sampler: clip=%g needs the Gaussian kernel", options->clip);
    return DIFFUSION_OK;
}

static diffusion_status respace(struct diffusion_sampler *self, const struct diffusion_schedule *schedule)
{
    if (spacing_is_whole(schedule->steps, &self->options))
        return DIFFUSION_OK;
    if (self->options.steps == 0)
        self->options.steps = schedule->steps;
    self->original = memory_allocate((size_t)self->options.steps + 1, sizeof *self->original);
    if (self->original == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = spacing_fill(self->original, schedule->steps, &self->options);
    if (status == DIFFUSION_OK)
        status = schedule_respace(&self->respaced, schedule, (int32_t)self->options.steps, self->original);
    return status;
}

static diffusion_status set_up(struct diffusion_sampler *self, const struct diffusion_model *model,
                               const struct diffusion_schedule *schedule, const char *spec)
{
    size_t kind = 0;
    diffusion_status status = spec_parse(sampler_grammar(), spec, &self->options, &kind);
    self->kind = (sampler_kind)kind;
    if (self->kind != SAMPLER_ANCESTRAL)
        self->options.particles = 1;
    if (status == DIFFUSION_OK)
        status = check(self, schedule);
    if (status == DIFFUSION_OK)
        status = respace(self, schedule);
    if (status == DIFFUSION_OK)
        status =
            predictor_open(&self->predictor, model, self->respaced != NULL ? self->respaced : schedule, self->original);
    if (status == DIFFUSION_OK && self->kind == SAMPLER_DDIM)
        predictor_read_as(&self->predictor, schedule);
    return status;
}

diffusion_status sampler_create(struct diffusion_sampler **out, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const char *spec)
{
    struct diffusion_sampler *self = memory_allocate(1, sizeof *self);
    if (self == NULL)
        return DIFFUSION_E_MEMORY;
    self->step = -1;
    self->whole = schedule_retain(schedule);
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
    schedule_release(self->whole);
    memory_release(self->original);
    given_release(&self->known);
    given_release(&self->observed);
    buffer *buffers[] = {&self->x, &self->mean, &self->variance, &self->draws, &self->t, &self->labels, &self->weights};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        buffer_release(buffers[i]);
    memory_release(self);
}

/* ---- the chain ---- */

static diffusion_status reserve(struct diffusion_sampler *self, size_t n)
{
    size_t rows, count, dim = self->predictor.model->dim;
    buffer *wide[] = {&self->x, &self->mean, &self->variance, &self->draws};
    if (!size_multiply(&rows, n, (size_t)self->options.particles) || !size_multiply(&count, rows, dim))
        return error_set(DIFFUSION_E_MEMORY, "sampler: n=%zu samples of %zu values cannot be addressed", n, dim);
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (buffer_reserve(wide[i], count, sizeof(double)) == NULL)
            return DIFFUSION_E_MEMORY;
    if (buffer_reserve(&self->t, rows, sizeof(int32_t)) == NULL ||
        buffer_reserve(&self->labels, rows, sizeof(int32_t)) == NULL)
        return DIFFUSION_E_MEMORY;
    if (self->options.particles > 1 && buffer_reserve(&self->weights, rows, sizeof(double)) == NULL)
        return DIFFUSION_E_MEMORY;
    self->n = n;
    self->rows = rows;
    return DIFFUSION_OK;
}

static void copy_labels(struct diffusion_sampler *self, const int32_t *labels)
{
    int32_t *copy = self->labels.memory;
    self->has_labels = labels != NULL;
    for (size_t row = 0; row < self->rows && labels != NULL; row++)
        copy[row] = labels[row / (size_t)self->options.particles];
}

/* p(x_T): standard normal, or bits at the prior's rates. */
static void prior(struct diffusion_sampler *self)
{
    const struct diffusion_schedule *schedule = self->predictor.schedule;
    size_t dim = self->predictor.model->dim;
    double *mean = self->mean.memory, *variance = self->variance.memory;
    for (size_t i = 0; i < self->rows * dim; i++) {
        mean[i] = schedule->kernel == KERNEL_BINOMIAL ? schedule_rate(schedule, i % dim) : 0.0;
        variance[i] = 1.0;
    }
}

/* The law of the first state: p(x_T) r(x_T), or where an observation stands in the chain. */
static diffusion_status first_law(struct diffusion_sampler *self, int32_t *step)
{
    *step = self->predictor.schedule->steps;
    if (self->options.posterior == POSTERIOR_EXACT && self->observed.n > 0)
        return exact_begin(self, step);
    prior(self);
    diffusion_status status = guidance_begin(self);
    if (status == DIFFUSION_OK)
        observed_begin(self);
    return status;
}

static diffusion_status prepare(struct diffusion_sampler *self, const int32_t *labels, size_t n)
{
    diffusion_status status = model_check_labels(self->predictor.model, "sampler", labels, n);
    if (status == DIFFUSION_OK)
        status = given_check(&self->known, "sampler_set_known", n);
    if (status == DIFFUSION_OK)
        status = given_check(&self->observed, "sampler_set_observed", n);
    if (status == DIFFUSION_OK)
        status = reserve(self, n);
    if (status != DIFFUSION_OK)
        return status;
    copy_labels(self, labels);
    particles_begin(self);
    return DIFFUSION_OK;
}

diffusion_status sampler_begin(struct diffusion_sampler *self, const int32_t *labels, size_t n)
{
    int32_t step = 0;
    sampler_forget(self);
    diffusion_status status = prepare(self, labels, n);
    if (status == DIFFUSION_OK)
        status = first_law(self, &step);
    if (status == DIFFUSION_OK)
        status = sampler_draw(self, self->whole->steps + 1);
    if (status != DIFFUSION_OK)
        return status;
    known_begin(self, step);
    sampler_settle(self);
    self->step = step;
    return DIFFUSION_OK;
}

void sampler_forget(struct diffusion_sampler *self)
{
    self->step = -1;
}

/* One step and, where there are any, the labels of all rows. */
static const int32_t *fill_steps(struct diffusion_sampler *self, int32_t step, const int32_t **labels)
{
    int32_t *t = self->t.memory;
    for (size_t i = 0; i < self->rows; i++)
        t[i] = step;
    *labels = self->has_labels ? self->labels.memory : NULL;
    return t;
}

diffusion_status sampler_predict(struct diffusion_sampler *self, const double *x, int32_t step)
{
    const int32_t *labels, *t = fill_steps(self, step, &labels);
    return predictor_run(&self->predictor, "sampler_step", x, t, labels, self->rows, self->options.clip,
                         self->mean.memory, self->variance.memory);
}

diffusion_status sampler_denoise(struct diffusion_sampler *self)
{
    const int32_t *labels, *t = fill_steps(self, self->step, &labels);
    return predictor_denoise(&self->predictor, "sampler_step", self->x.memory, t, labels, self->rows, self->mean.memory,
                             self->variance.memory);
}

diffusion_status sampler_step(struct diffusion_sampler *self)
{
    if (self->step < 0)
        return error_set(DIFFUSION_E_STATE, "sampler_step: no chain has begun (call sampler_begin first)");
    if (self->step == 0)
        return error_set(DIFFUSION_E_STATE, "sampler_step: the chain has reached x_0");
    diffusion_status status = self->kind == SAMPLER_DDIM ? ddim_step(self) : ancestral_step(self);
    self->step = status == DIFFUSION_OK ? self->step - 1 : -1;
    return status;
}

int32_t sampler_position(const struct diffusion_sampler *self)
{
    return self->original != NULL ? self->original[self->step] : self->step;
}

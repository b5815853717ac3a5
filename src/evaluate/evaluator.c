#include "evaluate/evaluator.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "base/rng.h"
#include "model/predictor.h"

#include <math.h>
#include <string.h>

static const spec_kind *kind_at(size_t index)
{
    const measure *of = measure_at(index);
    return of != NULL ? &of->spec : NULL;
}

static const spec_grammar grammar = {"evaluator", kind_at, NULL, 0};

char *evaluator_help(void)
{
    return spec_help(&grammar);
}

/* ---- making one ---- */

static diffusion_status set_up(struct diffusion_evaluator *self, const struct diffusion_model *model,
                               const struct diffusion_schedule *schedule, const char *spec)
{
    diffusion_status status = spec_parse(&grammar, spec, &self->options, &self->kind);
    if (status != DIFFUSION_OK)
        return status;
    self->methods = measure_at(self->kind);
    self->model = model != NULL ? model_retain(model) : NULL;
    self->schedule = schedule != NULL ? schedule_retain(schedule) : NULL;
    self->spec = spec_format(&grammar, self->kind, &self->options);
    self->state = memory_allocate(1, self->methods->state_size);
    return self->spec != NULL && self->state != NULL ? self->methods->open(self) : DIFFUSION_E_MEMORY;
}

diffusion_status evaluator_check_pair(const struct diffusion_evaluator *self)
{
    if (self->model == NULL || self->schedule == NULL)
        return error_set(DIFFUSION_E_ARGUMENT, "evaluator_create: %s is NULL, which %s needs",
                         self->model == NULL ? "model" : "schedule", self->methods->spec.name);
    predictor trial;
    diffusion_status status = predictor_open(&trial, self->model, self->schedule);
    if (status == DIFFUSION_OK)
        predictor_close(&trial);
    return status;
}

diffusion_status evaluator_create(struct diffusion_evaluator **out, const struct diffusion_model *model,
                                  const struct diffusion_schedule *schedule, const char *spec)
{
    struct diffusion_evaluator *self = memory_allocate(1, sizeof *self);
    if (self == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = set_up(self, model, schedule, spec);
    if (status == DIFFUSION_OK)
        *out = self;
    else
        evaluator_free(self);
    return status;
}

void evaluator_free(struct diffusion_evaluator *self)
{
    if (self == NULL)
        return;
    if (self->state != NULL && self->methods->release != NULL)
        self->methods->release(self->state);
    memory_release(self->state);
    if (self->methods != NULL)
        spec_release(&grammar, self->kind, &self->options);
    memory_release(self->spec);
    model_release(self->model);
    schedule_release(self->schedule);
    memory_release(self);
}

/* ---- runs ---- */

diffusion_status evaluator_set_reference(struct diffusion_evaluator *self, const float *samples, size_t m, size_t dim)
{
    if (self->methods->set_reference == NULL)
        return error_set(DIFFUSION_E_STATE, "evaluator_set_reference: %s measures against no samples",
                         self->methods->spec.name);
    return self->methods->set_reference(self, samples, m, dim);
}

diffusion_status evaluator_run(struct diffusion_evaluator *self, const float *x0,
                               const struct diffusion_condition *condition, size_t n)
{
    if (n == 0)
        return error_set(DIFFUSION_E_ARGUMENT, "evaluator_run: n=0, expected at least one sample");
    diffusion_status status = self->methods->run(self, x0, condition, n);
    if (status == DIFFUSION_OK)
        self->n = n;
    return status;
}

diffusion_status evaluator_progress(const struct diffusion_evaluator *self, int64_t done, int64_t total)
{
    const unsigned before = error_count();
    if (self->progress == NULL)
        return DIFFUSION_OK;
    return error_of_callback(self->progress(done, total, self->progress_user), "progress", before);
}

diffusion_status evaluator_noise(const struct diffusion_evaluator *self, double *values, size_t count, size_t sample,
                                 int32_t step)
{
    const unsigned before = error_count();
    diffusion_status status =
        error_of_callback(self->noise(values, count, (int64_t)sample, step, self->noise_user), "noise", before);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        status = kernel_check_draw(&self->schedule->kernel, "evaluator", i, values[i]);
    return status;
}

diffusion_status evaluator_dequantize(const struct diffusion_evaluator *self, double *x0, const float *data, size_t dim,
                                      double width, uint64_t seed, size_t sample)
{
    diffusion_status status = DIFFUSION_OK;
    if (width > 0.0 && self->noise != NULL)
        status = evaluator_noise(self, x0, dim, sample, 0);
    else if (width > 0.0)
        rng_uniform(x0, dim, (rng_stream){seed, RNG_BOUND, 0, sample});
    for (size_t j = 0; j < dim; j++)
        x0[j] = (double)data[j] + (width > 0.0 ? width * x0[j] : 0.0);
    return status;
}

/* ---- figures ---- */

static diffusion_status check_run(const struct diffusion_evaluator *self, const char *function)
{
    if (self->n == 0)
        return error_set(DIFFUSION_E_STATE, "%s: nothing has been measured (call evaluator_run first)", function);
    return DIFFUSION_OK;
}

diffusion_status evaluator_value(const struct diffusion_evaluator *self, const char *quantity, double *out)
{
    const measure *of = self->methods;
    diffusion_status status = check_run(self, "evaluator_value");
    if (status != DIFFUSION_OK)
        return status;
    for (size_t i = 0; i < of->quantity_count; i++)
        if (strcmp(of->quantities[i], quantity) == 0) {
            *out = of->value(self, i);
            return DIFFUSION_OK;
        }
    const char *nearest = nearest_name(quantity, strlen(quantity), of->quantities, of->quantity_count);
    return error_set(DIFFUSION_E_NAME, "evaluator_value: unknown quantity '%.80s'%s%s%s", quantity,
                     nearest != NULL ? ", did you mean '" : ", expected one such as '",
                     nearest != NULL ? nearest : of->quantities[0], nearest != NULL ? "'?" : "'");
}

diffusion_status evaluator_terms(const struct diffusion_evaluator *self, double *bits, double *standard_error)
{
    diffusion_status status = check_run(self, "evaluator_terms");
    if (status == DIFFUSION_OK && self->methods->terms == NULL)
        status = error_set(DIFFUSION_E_STATE, "evaluator_terms: %s has no terms", self->methods->spec.name);
    if (status == DIFFUSION_OK)
        self->methods->terms(self, bits, standard_error);
    return status;
}

static diffusion_status check_count(const struct diffusion_evaluator *self, const char *function, size_t count)
{
    diffusion_status status = check_run(self, function);
    if (status == DIFFUSION_OK && count != self->n)
        status = error_set(DIFFUSION_E_SHAPE, "%s: count=%zu, but %zu samples were measured", function, count, self->n);
    return status;
}

diffusion_status evaluator_samples(const struct diffusion_evaluator *self, double *bits, double *standard_error,
                                   size_t count)
{
    diffusion_status status = check_count(self, "evaluator_samples", count);
    if (status == DIFFUSION_OK && self->methods->sample == NULL)
        status = error_set(DIFFUSION_E_STATE, "evaluator_samples: %s has no figures of single samples",
                           self->methods->spec.name);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++) {
        bits[i] = self->methods->sample(self, i);
        if (standard_error != NULL)
            standard_error[i] = self->methods->sample_error != NULL ? self->methods->sample_error(self, i) : 0.0;
    }
    return status;
}

diffusion_status evaluator_neighbours(const struct diffusion_evaluator *self, int64_t *rows, size_t count)
{
    diffusion_status status = check_count(self, "evaluator_neighbours", count);
    if (status == DIFFUSION_OK && self->methods->neighbour == NULL)
        status =
            error_set(DIFFUSION_E_STATE, "evaluator_neighbours: %s looks for no neighbours", self->methods->spec.name);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        rows[i] = (int64_t)self->methods->neighbour(self, i);
    return status;
}

diffusion_status evaluator_moments(const struct diffusion_evaluator *self, double *noise, double *error)
{
    diffusion_status status = check_run(self, "evaluator_moments");
    if (status == DIFFUSION_OK && self->methods->moments == NULL)
        status = error_set(DIFFUSION_E_STATE, "evaluator_moments: %s measures none", self->methods->spec.name);
    if (status == DIFFUSION_OK)
        self->methods->moments(self, noise, error);
    return status;
}

double evaluator_mean(const struct diffusion_evaluator *self, double (*of)(const struct diffusion_evaluator *, size_t))
{
    double sum = 0.0;
    for (size_t i = 0; i < self->n; i++)
        sum += of(self, i);
    return sum / (double)self->n;
}

double evaluator_error(const struct diffusion_evaluator *self, double (*of)(const struct diffusion_evaluator *, size_t))
{
    const double mean = evaluator_mean(self, of), n = (double)self->n;
    double sum = 0.0;
    if (self->n == 1)
        return NAN;
    for (size_t i = 0; i < self->n; i++) {
        double off = of(self, i) - mean;
        sum += off * off;
    }
    return sqrt(sum / (n - 1.0) / n);
}

double evaluator_draws_mean(const double *draws, size_t count)
{
    double sum = 0.0;
    for (size_t d = 0; d < count; d++)
        sum += draws[d];
    return sum / (double)count;
}

double evaluator_draws_error(const double *draws, size_t count)
{
    const double mean = evaluator_draws_mean(draws, count);
    double sum = 0.0;
    for (size_t d = 0; d < count; d++)
        sum += (draws[d] - mean) * (draws[d] - mean);
    return count > 1 ? sqrt(sum / ((double)count - 1.0) / (double)count) : NAN;
}

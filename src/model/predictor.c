#include "model/predictor.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"

#include <math.h>

diffusion_status predictor_open(predictor *self, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const int32_t *original)
{
    diffusion_status status = reading_check(&model->options, schedule);
    if (status == DIFFUSION_OK)
        status = schedule_check_dim(schedule, "model", model->dim);
    if (status == DIFFUSION_OK)
        status = model_check_schedule(model, original != NULL ? original[schedule->steps] : schedule->steps);
    if (status != DIFFUSION_OK)
        return status;
    *self = (predictor){.original = original};
    self->readings = memory_allocate((size_t)schedule->steps + 1, sizeof *self->readings);
    if (self->readings == NULL)
        return DIFFUSION_E_MEMORY;
    for (int32_t t = 1; t <= schedule->steps; t++)
        self->readings[t] = reading_at(&model->options, schedule, t);
    self->model = model_retain(model);
    self->schedule = schedule_retain(schedule);
    return DIFFUSION_OK;
}

void predictor_close(predictor *self)
{
    model_release(self->model);
    schedule_release(self->schedule);
    memory_release(self->readings);
    forward_memory_release(&self->memory);
    buffer_release(&self->t);
    buffer_release(&self->raw);
    *self = (predictor){.model = NULL};
}

/* ---- reading, row by row ---- */

enum { READ_COST = 20 }; /* nanoseconds per value */

typedef struct read_job {
    const predictor *self;
    const double *x, *raw;
    const int32_t *t;
    double clip;
    double *mean, *variance;
} read_job;

static void read_gaussian_row(const read_job *job, size_t row)
{
    const struct diffusion_model *model = job->self->model;
    size_t dim = model->dim;
    const reading *at = &job->self->readings[job->t[row]];
    const double *x = job->x + row * dim, *output = job->raw + row * model->outputs;
    int learned = model->outputs > dim;
    for (size_t j = 0; j < dim; j++) {
        reverse_value value = reading_gaussian(at, x[j], output[j], learned ? output[dim + j] : 0.0, job->clip);
        job->mean[row * dim + j] = value.mean;
        if (job->variance != NULL)
            job->variance[row * dim + j] = value.variance;
    }
}

static void read_binomial_row(const read_job *job, size_t row)
{
    const predictor *self = job->self;
    size_t dim = self->model->dim;
    const reading *at = &self->readings[job->t[row]];
    for (size_t i = row * dim, j = 0; j < dim; i++, j++) {
        double rate = reading_binomial(at, job->x[i], job->raw[i], schedule_rate(self->schedule, j), NULL);
        job->mean[i] = rate;
        if (job->variance != NULL)
            job->variance[i] = rate * (1.0 - rate);
    }
}

static void read_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const read_job *job = context;
    if (job->self->schedule->kernel == KERNEL_BINOMIAL)
        read_binomial_row(job, row);
    else
        read_gaussian_row(job, row);
}

static diffusion_status refuse(const char *function, const char *what, int32_t t, double value, const char *expected)
{
    return error_set(DIFFUSION_E_NONFINITE, "%s: the model's %s at step %d is %g, expected %s", function, what, (int)t,
                     isnan(value) ? (double)NAN : value, expected); /* without its sign */
}

/* A NaN fails every comparison; a rate must also be one. */
static diffusion_status check(const predictor *self, const char *function, const double *mean, const double *variance,
                              const int32_t *t, size_t n)
{
    const int bits = self->schedule->kernel == KERNEL_BINOMIAL;
    const size_t dim = self->model->dim;
    for (size_t i = 0; i < n * dim; i++) {
        if (bits && !(mean[i] >= 0.0 && mean[i] <= 1.0))
            return refuse(function, "rate", t[i / dim], mean[i], "0..1");
        if (!isfinite(mean[i]))
            return refuse(function, "mean", t[i / dim], mean[i], "a finite number");
        if (variance != NULL && !isfinite(variance[i]))
            return refuse(function, "variance", t[i / dim], variance[i], "a finite number");
    }
    return DIFFUSION_OK;
}

/* t of the model's own schedule. */
static const int32_t *model_steps(predictor *self, const int32_t *t, size_t n)
{
    if (self->original == NULL)
        return t;
    int32_t *mapped = buffer_reserve(&self->t, n, sizeof *mapped);
    for (size_t i = 0; mapped != NULL && i < n; i++)
        mapped[i] = self->original[t[i]];
    return mapped;
}

static diffusion_status run_chunk(predictor *self, const char *function, const double *x, const int32_t *t,
                                  const int32_t *labels, size_t n, double clip, double *mean, double *variance)
{
    const int32_t *steps = model_steps(self, t, n);
    double *raw = buffer_reserve(&self->raw, n * self->model->outputs, sizeof *raw);
    if (steps == NULL || raw == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = model_forward_double(self->model, &self->memory, raw, x, steps, labels, n);
    if (status != DIFFUSION_OK)
        return status;
    read_job job = {self, x, raw, t, clip, mean, variance};
    parallel_for(n, READ_COST * self->model->dim, read_row, &job);
    return check(self, function, mean, variance, t, n);
}

diffusion_status predictor_run(predictor *self, const char *function, const double *x, const int32_t *t,
                               const int32_t *labels, size_t n, double clip, double *mean, double *variance)
{
    size_t dim = self->model->dim;
    diffusion_status status = DIFFUSION_OK;
    for (size_t first = 0; first < n && status == DIFFUSION_OK; first += MODEL_FORWARD_ROWS) {
        size_t rows = n - first < MODEL_FORWARD_ROWS ? n - first : MODEL_FORWARD_ROWS;
        status = run_chunk(self, function, x + first * dim, t + first, labels != NULL ? labels + first : NULL, rows,
                           clip, mean + first * dim, variance != NULL ? variance + first * dim : NULL);
    }
    return status;
}

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
    self->memory = forward_memory_open(model);
    self->schedule = schedule_retain(schedule);
    return DIFFUSION_OK;
}

void predictor_close(predictor *self)
{
    forward_memory_close(&self->memory, self->model);
    model_release(self->model);
    schedule_release(self->schedule);
    memory_release(self->readings);
    buffer_release(&self->t);
    buffer_release(&self->raw);
    *self = (predictor){.model = NULL};
}

/* ---- reading, row by row ---- */

enum { READ_COST = 20 }; /* nanoseconds per value */

/* What is read of the raw output, by rows: two numbers for each value of x. */
typedef struct read_job read_job;
typedef struct read_kind {
    void (*row)(const read_job *job, size_t row);
    const char *first, *second; /* what they are called in sentences */
} read_kind;

struct read_job {
    const predictor *self;
    const read_kind *kind;
    const double *x, *raw;
    const int32_t *t;
    double clip;
    double *first, *second; /* [n, dim]; the variance may be NULL */
};

static void read_gaussian_row(const read_job *job, size_t row)
{
    const struct diffusion_model *model = job->self->model;
    size_t dim = model->dim;
    const reading *at = &job->self->readings[job->t[row]];
    const double *x = job->x + row * dim, *output = job->raw + row * model->outputs;
    int learned = model->outputs > dim;
    for (size_t j = 0; j < dim; j++) {
        reverse_value value = reading_gaussian(at, x[j], output[j], learned ? output[dim + j] : 0.0, job->clip);
        job->first[row * dim + j] = value.mean;
        if (job->second != NULL)
            job->second[row * dim + j] = value.variance;
    }
}

static void read_binomial_row(const read_job *job, size_t row)
{
    const predictor *self = job->self;
    size_t dim = self->model->dim;
    const reading *at = &self->readings[job->t[row]];
    for (size_t i = row * dim, j = 0; j < dim; i++, j++) {
        double rate = reading_binomial(at, job->x[i], job->raw[i], schedule_rate(self->schedule, j), NULL);
        job->first[i] = rate;
        if (job->second != NULL)
            job->second[i] = rate * (1.0 - rate);
    }
}

static void read_denoised_row(const read_job *job, size_t row)
{
    const struct diffusion_model *model = job->self->model;
    size_t dim = model->dim;
    const reading *at = &job->self->readings[job->t[row]];
    const double *x = job->x + row * dim, *output = job->raw + row * model->outputs;
    int learned = model->outputs > dim;
    for (size_t j = 0; j < dim; j++) {
        denoised_value value = reading_denoised(at, x[j], output[j], learned ? output[dim + j] : 0.0);
        job->first[row * dim + j] = value.x0;
        job->second[row * dim + j] = value.epsilon;
    }
}

static const read_kind gaussian = {read_gaussian_row, "mean", "variance"};
static const read_kind binomial = {read_binomial_row, "rate", "variance"};
static const read_kind denoised = {read_denoised_row, "estimate of x_0", "estimate of the noise"};

static void read_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const read_job *job = context;
    job->kind->row(job, row);
}

static diffusion_status refuse(const char *function, const char *what, int32_t t, double value, const char *expected)
{
    return error_set(DIFFUSION_E_NONFINITE, "%s: the model's %s at step %d is %g, expected %s", function, what, (int)t,
                     isnan(value) ? (double)NAN : value, expected); /* without its sign */
}

/* A NaN fails every comparison; a rate must also be one. */
static diffusion_status check(const read_job *job, const char *function, size_t n)
{
    const int bits = job->kind == &binomial;
    const size_t dim = job->self->model->dim;
    for (size_t i = 0; i < n * dim; i++) {
        double first = job->first[i];
        if (bits && !(first >= 0.0 && first <= 1.0))
            return refuse(function, job->kind->first, job->t[i / dim], first, "0..1");
        if (!isfinite(first))
            return refuse(function, job->kind->first, job->t[i / dim], first, "a finite number");
        if (job->second != NULL && !isfinite(job->second[i]))
            return refuse(function, job->kind->second, job->t[i / dim], job->second[i], "a finite number");
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

/* The job lacks the raw output. */
static diffusion_status run_chunk(predictor *self, const char *function, read_job job, const int32_t *labels, size_t n)
{
    const int32_t *steps = model_steps(self, job.t, n);
    double *raw = buffer_reserve(&self->raw, n * self->model->outputs, sizeof *raw);
    if (steps == NULL || raw == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = model_forward_double(self->model, &self->memory, raw, job.x, steps, labels, n);
    if (status != DIFFUSION_OK)
        return status;
    job.raw = raw;
    parallel_for(n, READ_COST * self->model->dim, read_row, &job);
    return check(&job, function, n);
}

static diffusion_status run(predictor *self, const char *function, read_job job, const int32_t *labels, size_t n)
{
    size_t dim = self->model->dim;
    diffusion_status status = DIFFUSION_OK;
    for (size_t done = 0; done < n && status == DIFFUSION_OK; done += MODEL_FORWARD_ROWS) {
        size_t rows = n - done < MODEL_FORWARD_ROWS ? n - done : MODEL_FORWARD_ROWS;
        read_job chunk = job;
        chunk.x += done * dim;
        chunk.t += done;
        chunk.first += done * dim;
        chunk.second = job.second != NULL ? job.second + done * dim : NULL;
        status = run_chunk(self, function, chunk, labels != NULL ? labels + done : NULL, rows);
    }
    return status;
}

diffusion_status predictor_run(predictor *self, const char *function, const double *x, const int32_t *t,
                               const int32_t *labels, size_t n, double clip, double *mean, double *variance)
{
    const read_kind *kind = self->schedule->kernel == KERNEL_BINOMIAL ? &binomial : &gaussian;
    return run(self, function, (read_job){self, kind, x, NULL, t, clip, mean, variance}, labels, n);
}

void predictor_read_as(predictor *self, const struct diffusion_schedule *whole)
{
    for (int32_t t = 1; t <= self->schedule->steps && self->original != NULL; t++)
        self->readings[t] = reading_at(&self->model->options, whole, self->original[t]);
}

diffusion_status predictor_denoise(predictor *self, const char *function, const double *x, const int32_t *t,
                                   const int32_t *labels, size_t n, double *x0, double *epsilon)
{
    return run(self, function, (read_job){self, &denoised, x, NULL, t, 0.0, x0, epsilon}, labels, n);
}

#include "evaluate/bound.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/size.h"
#include "base/threads.h"
#include "process/binomial.h"

#include <math.h>

/* ---- one chunk of draws at one step ---- */

enum { VALUE_COST = 20 }; /* nanoseconds to draw or to measure one value */

typedef struct chunk {
    bound_work *work;
    int32_t t;
    size_t first, rows; /* draws first..first+rows-1 */
} chunk;

static size_t sample_of(const chunk *part, size_t row)
{
    return (part->first + row) / part->work->result->draws;
}

static rng_stream stream_of(const chunk *part, size_t row)
{
    return (rng_stream){part->work->options.seed, RNG_BOUND, (uint64_t)part->t, part->first + row};
}

static void seeded_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const chunk *part = context;
    size_t dim = part->work->result->dim;
    double *noise = part->work->xt + row * dim;
    if (part->work->predictor.schedule->kernel == KERNEL_BINOMIAL)
        rng_uniform(noise, dim, stream_of(part, row));
    else
        rng_normal(noise, dim, stream_of(part, row));
}

static diffusion_status draw_noise(chunk *part)
{
    bound_work *work = part->work;
    size_t dim = work->result->dim;
    diffusion_status status = DIFFUSION_OK;
    if (work->noise == NULL)
        parallel_for(part->rows, VALUE_COST * dim, seeded_row, part);
    for (size_t row = 0; row < part->rows && work->noise != NULL && status == DIFFUSION_OK; row++)
        status = work->noise(work->xt + row * dim, dim, (int64_t)(part->first + row), part->t, work->noise_user);
    return status;
}

/* x_t ~ q(x_t | x_0), in place on the noise. */
static void noise_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const chunk *part = context;
    const struct diffusion_schedule *schedule = part->work->predictor.schedule;
    size_t dim = part->work->result->dim;
    const double *x0 = part->work->x0 + sample_of(part, row) * dim;
    double *xt = part->work->xt + row * dim;
    double signal = sqrt(schedule->alpha_bar[part->t]), deviation = sqrt(schedule->noise[part->t]);
    for (size_t j = 0; j < dim; j++)
        xt[j] = schedule->kernel == KERNEL_BINOMIAL
                    ? (double)(xt[j] < binomial_marginal_rate(schedule, part->t, x0[j], schedule_rate(schedule, j)))
                    : signal * x0[j] + deviation * xt[j];
}

static void term_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const chunk *part = context;
    bound_work *work = part->work;
    size_t dim = work->result->dim, at = row * dim;
    const double *x0 = work->x0 + sample_of(part, row) * dim;
    work->row[part->first + row] = part->t == 1 ? -term_edge_model(work, x0, work->mean + at, work->variance + at)
                                                : term_kl(work->predictor.schedule, part->t, x0, work->xt + at,
                                                          work->mean + at, work->variance + at, dim);
}

static diffusion_status measure_chunk(chunk *part)
{
    bound_work *work = part->work;
    diffusion_status status = draw_noise(part);
    if (status != DIFFUSION_OK)
        return status;
    parallel_for(part->rows, VALUE_COST * work->result->dim, noise_row, part);
    for (size_t row = 0; row < part->rows; row++) {
        work->t[row] = part->t;
        if (work->labels != NULL)
            work->chunk_labels[row] = work->labels[sample_of(part, row)];
    }
    status =
        predictor_run(&work->predictor, "bound", work->xt, work->t, work->labels != NULL ? work->chunk_labels : NULL,
                      part->rows, 0.0, work->mean, work->variance);
    if (status == DIFFUSION_OK)
        parallel_for(part->rows, VALUE_COST * work->result->dim, term_row, part);
    return status;
}

/* ---- one step ---- */

/* Mean over samples and its standard error, of row's means over draws. */
static void record_term(bound_work *work, int32_t t)
{
    struct diffusion_bound *result = work->result;
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < result->n * result->draws; i++)
        result->chain[i] -= work->row[i];
    for (size_t i = 0; i < result->n; i++)
        for (size_t d = 0; d < result->draws; d++)
            sum += work->row[i * result->draws + d];
    double mean = sum / (double)(result->n * result->draws);
    for (size_t i = 0; i < result->n; i++) {
        double sample = 0.0;
        for (size_t d = 0; d < result->draws; d++)
            sample += work->row[i * result->draws + d] / (double)result->draws;
        squares += (sample - mean) * (sample - mean);
    }
    result->term[t - 1] = mean;
    result->term_error[t - 1] = result->n > 1 ? sqrt(squares / ((double)result->n - 1.0) / (double)result->n) : NAN;
}

static diffusion_status measure_step(bound_work *work, int32_t t)
{
    const struct diffusion_bound *result = work->result;
    size_t total = result->n * result->draws;
    diffusion_status status = DIFFUSION_OK;
    if (t == 1 && work->options.edge == EDGE_FORWARD) {
        for (size_t i = 0; i < total; i++)
            work->row[i] =
                -term_edge_forward(work->predictor.schedule, work->x0 + i / result->draws * result->dim, result->dim);
        total = 0;
    }
    for (size_t first = 0; first < total && status == DIFFUSION_OK; first += MODEL_FORWARD_ROWS) {
        chunk part = {work, t, first, total - first < MODEL_FORWARD_ROWS ? total - first : MODEL_FORWARD_ROWS};
        status = measure_chunk(&part);
    }
    if (status == DIFFUSION_OK)
        record_term(work, t);
    return status;
}

/* ---- the data ---- */

/* The outermost bins reach half a bin beyond their values: rounding of the data is forgiven. */
static diffusion_status check_value(const bound_work *work, size_t i)
{
    double value = (double)work->data[i];
    if (!isfinite(value))
        return error_set(DIFFUSION_E_NONFINITE, "bound: x0[%zu]=%g, expected a finite number", i, value);
    if (work->predictor.schedule->kernel == KERNEL_BINOMIAL && value != 0.0 && value != 1.0)
        return error_set(DIFFUSION_E_ARGUMENT, "bound: x0[%zu]=%g, expected 0 or 1 (binomial kernel)", i, value);
    if (work->options.edge == EDGE_DISCRETIZED && fabs(value) > 1.0 + 1.0 / ((double)work->options.levels - 1.0))
        return error_set(DIFFUSION_E_ARGUMENT, "bound: x0[%zu]=%g, expected -1..1 (edge=discretized)", i, value);
    return DIFFUSION_OK;
}

/* x_0 in double, with its uniform noise, and the terms that need nothing else. */
static diffusion_status take_data(bound_work *work)
{
    struct diffusion_bound *result = work->result;
    for (size_t i = 0; i < result->n; i++) {
        double *x0 = work->x0 + i * result->dim;
        diffusion_status status = DIFFUSION_OK;
        if (work->options.dequantize > 0.0 && work->noise != NULL)
            status = work->noise(x0, result->dim, (int64_t)i, 0, work->noise_user);
        else if (work->options.dequantize > 0.0)
            rng_uniform(x0, result->dim, (rng_stream){work->options.seed, RNG_BOUND, 0, i});
        for (size_t j = 0; j < result->dim && status == DIFFUSION_OK; j++) {
            status = check_value(work, i * result->dim + j);
            x0[j] = (double)work->data[i * result->dim + j] + work->options.dequantize * x0[j];
        }
        if (status != DIFFUSION_OK)
            return status;
        result->prior[i] = term_prior(work->predictor.schedule, x0, result->dim);
        result->null[i] = term_null(work->predictor.schedule, x0, result->dim);
    }
    return DIFFUSION_OK;
}

/* ---- the whole ---- */

static diffusion_status check(const bound_work *work, const bound_input *input)
{
    if (input->n == 0)
        return error_set(DIFFUSION_E_ARGUMENT, "bound: n=0, expected at least one sample");
    if (input->schedule->kernel == KERNEL_BINOMIAL && work->options.edge == EDGE_DISCRETIZED)
        return error_set(DIFFUSION_E_KERNEL, "bound: edge=discretized needs the Gaussian kernel");
    if (input->schedule->kernel == KERNEL_BINOMIAL && work->options.dequantize > 0.0)
        return error_set(DIFFUSION_E_KERNEL, "bound: dequantize=%g needs the Gaussian kernel",
                         work->options.dequantize);
    return model_check_labels(input->model, "bound", input->labels, input->n);
}

static diffusion_status reserve(bound_work *work, const bound_input *input)
{
    struct diffusion_bound *result = work->result;
    size_t n = result->n, dim = result->dim, steps = (size_t)result->steps, rows = MODEL_FORWARD_ROWS, total;
    if (!size_multiply(&total, n, result->draws))
        return error_set(DIFFUSION_E_MEMORY, "bound: %zu samples with %zu draws cannot be addressed", n, result->draws);
    int complete = (result->chain = memory_allocate(total, sizeof(double))) != NULL &&
                   (result->prior = memory_allocate(n, sizeof(double))) != NULL &&
                   (result->null = memory_allocate(n, sizeof(double))) != NULL &&
                   (result->term = memory_allocate(steps, sizeof(double))) != NULL &&
                   (result->term_error = memory_allocate(steps, sizeof(double))) != NULL &&
                   (work->x0 = memory_allocate(n, dim * sizeof(double))) != NULL &&
                   (work->row = memory_allocate(total, sizeof(double))) != NULL &&
                   (work->xt = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (work->mean = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (work->variance = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (work->t = memory_allocate(rows, sizeof(int32_t))) != NULL &&
                   (input->labels == NULL || (work->chunk_labels = memory_allocate(rows, sizeof(int32_t))) != NULL);
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

static diffusion_status measure(bound_work *work, const bound_input *input)
{
    diffusion_status status = take_data(work);
    for (int32_t t = 1; t <= input->schedule->steps && status == DIFFUSION_OK; t++) {
        status = measure_step(work, t);
        if (status == DIFFUSION_OK && input->progress != NULL)
            status = input->progress(t, input->schedule->steps, input->progress_user);
    }
    return status;
}

static void work_release(bound_work *work)
{
    predictor_close(&work->predictor);
    void *arrays[] = {work->x0, work->row, work->xt, work->mean, work->variance, work->t, work->chunk_labels};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
}

diffusion_status bound_evaluate(struct diffusion_bound **out, const bound_input *input)
{
    bound_work work = {
        .data = input->x0, .labels = input->labels, .noise = input->noise, .noise_user = input->noise_user};
    diffusion_status status = spec_parse(bound_grammar(), input->spec, &work.options, NULL);
    if (status == DIFFUSION_OK)
        status = check(&work, input);
    if (status == DIFFUSION_OK)
        status = predictor_open(&work.predictor, input->model, input->schedule, NULL);
    if (status == DIFFUSION_OK && (work.result = memory_allocate(1, sizeof *work.result)) == NULL)
        status = DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK) {
        *work.result = (struct diffusion_bound){.n = input->n,
                                                .dim = input->model->dim,
                                                .draws = (size_t)work.options.draws,
                                                .steps = input->schedule->steps,
                                                .dequantize = work.options.dequantize};
        status = reserve(&work, input);
    }
    if (status == DIFFUSION_OK)
        status = measure(&work, input);
    work_release(&work);
    if (status == DIFFUSION_OK)
        *out = work.result;
    else
        bound_free(work.result);
    return status;
}

void bound_free(struct diffusion_bound *bound)
{
    if (bound == NULL)
        return;
    double *arrays[] = {bound->chain, bound->prior, bound->null, bound->term, bound->term_error};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
    memory_release(bound);
}

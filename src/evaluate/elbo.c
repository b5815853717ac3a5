#include "evaluate/elbo.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/size.h"
#include "base/threads.h"
#include "process/gaussian.h"

#include <math.h>

SPEC_OWN(elbo_options);

static const spec_key keys[] = {
    {"draws", SPEC_INTEGER, offsetof(elbo_options, draws), "1", 1, 1000000, NULL,
     "draws of x_t for every sample and step"},
    {"seed", SPEC_UNSIGNED, offsetof(elbo_options, seed), "0", 0, 0, NULL, "seed of the draws"},
    {"edge", SPEC_CHOICE, offsetof(elbo_options, edge), "forward", 0, 0, "forward|model|discretized",
     "p(x_0 | x_1): the forward kernel with beta_1 (the paper's rule), the model's own law, or its mass in the bins of "
     "discrete data spread over -1..1 (Gaussian kernel)"},
    {"levels", SPEC_INTEGER, offsetof(elbo_options, levels), "256", 2, 65536, NULL,
     "number of bins with edge=discretized"},
    {"dequantize", SPEC_REAL, offsetof(elbo_options, dequantize), "0", 0, HUGE_VAL, NULL,
     "width of the uniform noise that is added to every value of x_0, in the scale of x_0; 0 for none (Gaussian "
     "kernel)"},
};

/* ---- one run ---- */

enum { VALUE_COST = 20 }; /* nanoseconds to draw or to measure one value */

typedef struct elbo_run {
    const struct diffusion_evaluator *self;
    elbo_options options;
    const struct diffusion_model *model;
    const struct diffusion_schedule *schedule;
    const kernel *kernel;
    predictor predictor;
    struct diffusion_condition *condition; /* of every draw, owned; NULL for none */
    double *x0;                            /* [n, dim], dequantised */
    double *row;                           /* per draw: the term of the step at hand */
    double *xt, *mean, *variance;          /* one chunk, [MODEL_FORWARD_ROWS, dim] */
    const reverse_step **at;               /* [MODEL_FORWARD_ROWS] */
    size_t threads;                        /* as many as there are laws, whatever a callback sets meanwhile */
    double *laws;                          /* per thread: a law, [2, dim] */
    double *prior;                         /* p(x_T), [2, dim] */
    elbo_figures figures;
} elbo_run;

static law law_at(double *memory, size_t dim)
{
    return (law){memory, memory + dim};
}

/* ---- one chunk of draws at one step ---- */

typedef struct chunk {
    elbo_run *run;
    int32_t t;
    size_t first, rows; /* draws first..first+rows-1 */
} chunk;

static const double *x0_of(const chunk *part, size_t row)
{
    const elbo_run *run = part->run;
    return run->x0 + (part->first + row) / run->figures.draws * run->model->dim;
}

static void seeded_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const chunk *part = context;
    const elbo_run *run = part->run;
    rng_stream stream = {run->options.seed, RNG_BOUND, (uint64_t)part->t, part->first + row};
    run->kernel->methods->noise(run->xt + row * run->model->dim, run->model->dim, stream);
}

static diffusion_status draw_noise(chunk *part)
{
    elbo_run *run = part->run;
    size_t dim = run->model->dim;
    const struct diffusion_evaluator *self = run->self;
    diffusion_status status = DIFFUSION_OK;
    if (self->noise == NULL)
        parallel_for(part->rows, VALUE_COST * dim, seeded_row, part);
    for (size_t row = 0; row < part->rows && self->noise != NULL && status == DIFFUSION_OK; row++)
        status = evaluator_noise(self, run->xt + row * dim, dim, part->first + row, part->t);
    return status;
}

/* x_t ~ q(x_t | x_0), in place on the noise. */
static void diffuse_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const chunk *part = context;
    const elbo_run *run = part->run;
    double *xt = run->xt + row * run->model->dim;
    kernel_diffuse_data(run->kernel, xt, &run->schedule->levels[part->t], x0_of(part, row), xt, run->model->dim);
}

/* -log p(x_0 | x_1) by the model. */
static double edge_term(const elbo_run *run, const double *x0, law p)
{
    double nats = 0.0;
    if (run->options.edge == EDGE_MODEL)
        return -run->kernel->methods->log_probability(run->kernel, x0, p, run->model->dim);
    for (size_t j = 0; j < run->model->dim; j++)
        nats += gaussian_discretized_log_likelihood(x0[j], p.mean[j], p.variance[j], (int32_t)run->options.levels);
    return -nats;
}

/* KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t)) */
static double kl_term(const elbo_run *run, int32_t t, const double *x0, const double *xt, law p, law q)
{
    const noise_level *levels = run->schedule->levels;
    run->kernel->methods->posterior(run->kernel, q, &levels[t - 1], &levels[t], x0, xt, run->model->dim);
    return run->kernel->methods->divergence(run->kernel, q, p, run->model->dim);
}

static void term_row(void *context, size_t row, size_t slot)
{
    const chunk *part = context;
    elbo_run *run = part->run;
    size_t dim = run->model->dim, at = row * dim;
    const law p = {run->mean + at, run->variance + at}, q = law_at(run->laws + slot * 2 * dim, dim);
    run->row[part->first + row] = part->t == 1 ? edge_term(run, x0_of(part, row), p)
                                               : kl_term(run, part->t, x0_of(part, row), run->xt + at, p, q);
}

static diffusion_status measure_chunk(chunk *part, const reverse_step *at)
{
    elbo_run *run = part->run;
    struct diffusion_condition rows;
    predictor_input input = {"evaluator", run->xt, run->at, NULL, part->rows};
    diffusion_status status = draw_noise(part);
    if (status != DIFFUSION_OK)
        return status;
    parallel_for(part->rows, VALUE_COST * run->model->dim, diffuse_row, part);
    for (size_t row = 0; row < part->rows; row++)
        run->at[row] = at;
    if (run->condition != NULL) {
        rows = condition_rows(run->condition, part->first, part->rows);
        input.condition = &rows;
    }
    status = predictor_reverse(&run->predictor, input, 0.0, (law){run->mean, run->variance});
    if (status == DIFFUSION_OK)
        parallel_for_at_most(run->threads, part->rows, VALUE_COST * run->model->dim, term_row, part);
    return status;
}

/* ---- one step ---- */

/* Mean over samples and its standard error, of row's means over draws. */
static void record_term(elbo_run *run, int32_t t)
{
    elbo_figures *of = &run->figures;
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < of->n * of->draws; i++) {
        of->chain[i] -= run->row[i];
        sum += run->row[i];
    }
    double mean = sum / (double)(of->n * of->draws);
    for (size_t i = 0; i < of->n; i++) {
        double sample = 0.0;
        for (size_t d = 0; d < of->draws; d++)
            sample += run->row[i * of->draws + d] / (double)of->draws;
        squares += (sample - mean) * (sample - mean);
    }
    of->term[t - 1] = mean;
    of->term_error[t - 1] = of->n > 1 ? sqrt(squares / ((double)of->n - 1.0) / (double)of->n) : NAN;
}

static void measure_edge(elbo_run *run)
{
    const noise_level *first = &run->schedule->levels[1];
    const size_t draws = run->figures.draws, dim = run->model->dim;
    for (size_t i = 0; i < run->figures.n * draws; i++)
        run->row[i] = -run->kernel->methods->edge(run->kernel, first, run->x0 + i / draws * dim, dim);
}

static diffusion_status measure_step(elbo_run *run, int32_t t)
{
    const int closed = t == 1 && run->options.edge == EDGE_FORWARD;
    const size_t total = closed ? 0 : run->figures.n * run->figures.draws;
    const reverse_step at = reverse_step_at(&run->model->options, run->schedule, t);
    diffusion_status status = DIFFUSION_OK;
    if (closed)
        measure_edge(run);
    for (size_t first = 0; first < total && status == DIFFUSION_OK; first += MODEL_FORWARD_ROWS) {
        chunk part = {run, t, first, size_lesser(MODEL_FORWARD_ROWS, total - first)};
        status = measure_chunk(&part, &at);
    }
    if (status == DIFFUSION_OK)
        record_term(run, t);
    return status;
}

/* ---- the data ---- */

/* The outermost bins reach half a bin beyond their values: rounding of the data is forgiven. */
static diffusion_status check_data(const elbo_run *run, const float *x0)
{
    const size_t count = run->figures.n * run->model->dim;
    const double most = 1.0 + 1.0 / ((double)run->options.levels - 1.0);
    diffusion_status status = kernel_check_values(run->kernel, "evaluator", "x0", x0, count);
    for (size_t i = 0; i < count && run->options.edge == EDGE_DISCRETIZED && status == DIFFUSION_OK; i++)
        if (fabs((double)x0[i]) > most)
            status = error_set(DIFFUSION_E_ARGUMENT,
                               "evaluator: x0[%zu]=%g, expected -1..1 and half a bin more (edge=discretized)", i,
                               (double)x0[i]);
    return status;
}

/* x_0 in double, with its uniform noise. */
static diffusion_status take_sample(elbo_run *run, const float *data, size_t i)
{
    const struct diffusion_evaluator *self = run->self;
    const size_t dim = run->model->dim;
    const double width = run->options.dequantize;
    double *x0 = run->x0 + i * dim;
    diffusion_status status = DIFFUSION_OK;
    if (width > 0.0 && self->noise != NULL)
        status = evaluator_noise(self, x0, dim, i, 0);
    else if (width > 0.0)
        rng_uniform(x0, dim, (rng_stream){run->options.seed, RNG_BOUND, 0, i});
    for (size_t j = 0; j < dim; j++)
        x0[j] = (double)data[i * dim + j] + width * x0[j];
    return status;
}

/* And the terms that need nothing else. */
static diffusion_status take_data(elbo_run *run, const float *data)
{
    const kernel_class *methods = run->kernel->methods;
    const size_t dim = run->model->dim;
    const law prior = law_at(run->prior, dim), marginal = law_at(run->laws, dim);
    diffusion_status status = check_data(run, data);
    methods->prior(run->kernel, prior, schedule_last(run->schedule), dim);
    for (size_t i = 0; i < run->figures.n && status == DIFFUSION_OK; i++) {
        status = take_sample(run, data, i);
        kernel_marginal(run->kernel, marginal, schedule_last(run->schedule), run->x0 + i * dim, dim);
        run->figures.prior[i] = methods->divergence(run->kernel, marginal, prior, dim);
        run->figures.null[i] = methods->log_probability(run->kernel, run->x0 + i * dim, prior, dim);
    }
    return status;
}

/* ---- the whole ---- */

static diffusion_status reserve(elbo_run *run, const struct diffusion_condition *condition)
{
    elbo_figures *of = &run->figures;
    const size_t dim = run->model->dim, steps = (size_t)run->schedule->steps, rows = MODEL_FORWARD_ROWS;
    size_t total, values;
    if (!size_multiply(&total, of->n, of->draws) || !size_multiply(&values, of->n, dim))
        return error_set(DIFFUSION_E_MEMORY, "evaluator: %zu samples with %zu draws cannot be addressed", of->n,
                         of->draws);
    int complete = (of->chain = memory_allocate(total, sizeof(double))) != NULL &&
                   (of->prior = memory_allocate(of->n, sizeof(double))) != NULL &&
                   (of->null = memory_allocate(of->n, sizeof(double))) != NULL &&
                   (of->term = memory_allocate(steps, sizeof(double))) != NULL &&
                   (of->term_error = memory_allocate(steps, sizeof(double))) != NULL &&
                   (run->x0 = memory_allocate(values, sizeof(double))) != NULL &&
                   (run->row = memory_allocate(total, sizeof(double))) != NULL &&
                   (run->xt = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (run->mean = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (run->variance = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (run->at = memory_allocate(rows, sizeof *run->at)) != NULL &&
                   (run->laws = memory_allocate(run->threads, 2 * dim * sizeof(double))) != NULL &&
                   (run->prior = memory_allocate(2, dim * sizeof(double))) != NULL;
    return complete ? condition_repeat(&run->condition, condition, of->draws) : DIFFUSION_E_MEMORY;
}

static void run_release(elbo_run *run)
{
    void *arrays[] = {run->x0, run->row, run->xt, run->mean, run->variance, run->at, run->laws, run->prior};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
    predictor_close(&run->predictor);
    condition_free(run->condition);
    elbo_figures_release(&run->figures);
}

static diffusion_status measure_all(elbo_run *run, const float *x0)
{
    const int32_t steps = run->schedule->steps;
    diffusion_status status = take_data(run, x0);
    for (int32_t t = 1; t <= steps && status == DIFFUSION_OK; t++) {
        status = measure_step(run, t);
        if (status == DIFFUSION_OK)
            status = evaluator_progress(run->self, t, steps);
    }
    return status;
}

static diffusion_status run(struct diffusion_evaluator *self, const float *x0,
                            const struct diffusion_condition *condition, size_t n)
{
    const elbo_options *options = (const elbo_options *)&self->options.own;
    elbo_run work = {.self = self,
                     .options = *options,
                     .model = self->model,
                     .schedule = self->schedule,
                     .kernel = &self->schedule->kernel,
                     .threads = threads_count(),
                     .figures = {.n = n, .draws = (size_t)options->draws}};
    diffusion_status status = model_check_condition(self->model, "evaluator", condition, n, OBSERVED_BY_NETWORK);
    if (status == DIFFUSION_OK)
        status = predictor_open(&work.predictor, self->model, self->schedule);
    if (status == DIFFUSION_OK)
        status = reserve(&work, condition);
    if (status == DIFFUSION_OK)
        status = measure_all(&work, x0);
    if (status == DIFFUSION_OK) {
        elbo_figures before = *(elbo_figures *)self->state;
        *(elbo_figures *)self->state = work.figures;
        work.figures = before;
    }
    run_release(&work);
    return status;
}

static diffusion_status open_elbo(struct diffusion_evaluator *self)
{
    const elbo_options *options = (const elbo_options *)&self->options.own;
    if (self->model == NULL || self->schedule == NULL)
        return error_set(DIFFUSION_E_ARGUMENT, "evaluator_create: %s is NULL, which elbo needs",
                         self->model == NULL ? "model" : "schedule");
    diffusion_status status = parameterization_check(&self->model->options, self->schedule);
    if (status == DIFFUSION_OK)
        status = schedule_check_dim(self->schedule, "model", self->model->dim);
    if (status == DIFFUSION_OK)
        status = model_check_schedule(self->model, self->schedule->steps);
    if (status == DIFFUSION_OK && options->edge == EDGE_DISCRETIZED)
        status = schedule_check_additive(self->schedule, "evaluator", "edge=discretized");
    if (status == DIFFUSION_OK && options->dequantize > 0.0)
        status = schedule_check_additive(self->schedule, "evaluator", "dequantize");
    return status;
}

static void release(void *state)
{
    elbo_figures_release(state);
}

const measure elbo_measure = {
    .spec = {"elbo", "The lower bound K on log p(x_0), term by term.", keys, SPEC_COUNT(keys)},
    .state_size = sizeof(elbo_figures),
    .release = release,
    .open = open_elbo,
    .run = run,
    .quantities = elbo_quantities,
    .quantity_count = ELBO_QUANTITIES,
    .value = elbo_value,
    .terms = elbo_terms,
    .sample = elbo_sample,
};

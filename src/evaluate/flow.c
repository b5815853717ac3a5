/* log p(x_0) of the probability flow, by the change of variables from the noise (Song et al. 2021, arXiv:2011.13456,
 * equation 39), in the angle of flow_field.h. It is the flow's, not the chain's. */
#include "evaluate/flow_run.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"
#include "math/dormand_prince.h"

#include <math.h>

SPEC_OWN(flow_options);

#define OWN(field) offsetof(flow_options, field)
static const spec_key keys[] = {
    {"draws", SPEC_INTEGER, OWN(draws), "1", 1, 1000000, NULL,
     "draws of the probe and of dequantize's noise for every sample"},
    {"seed", SPEC_UNSIGNED, OWN(seed), "0", 0, 0, NULL, "seed of the draws"},
    {"trace", SPEC_CHOICE, OWN(trace), "auto", 0, 0, "auto|exact|probe",
     "the divergence: exact, for dim times the work, or along one random probe a draw (Hutchinson's estimate); auto: "
     "exact up to 16 dimensions"},
    {"from", SPEC_REAL, OWN(from), "1", 1e-300, INT32_MAX, NULL,
     "time of the level that the flow is followed down to: x_0 is told from noise of that level no more"},
    {"rtol", SPEC_REAL, OWN(rtol), "1e-5", 1e-14, 1, NULL, "relative tolerance of a step"},
    {"atol", SPEC_REAL, OWN(atol), "1e-5", 1e-14, 1, NULL, "absolute tolerance, in the scale of x_0"},
    {"dequantize", SPEC_REAL, OWN(dequantize), "0", 0, HUGE_VAL, NULL,
     "width of the uniform noise that is added to every value of x_0, in the scale of x_0; 0 for none"},
};

enum { EXACT_DIM = 16 };

static int is_exact(const flow_options *options, size_t dim)
{
    return options->trace == TRACE_EXACT || (options->trace == TRACE_AUTO && dim <= EXACT_DIM);
}

/* ---- the draws ---- */

/* Signs, of variance 1 and least fourth moment; a caller's noise is taken as it comes. */
static diffusion_status draw_probe(flow_run *run, double *probe, size_t draw)
{
    if (run->self->noise != NULL)
        return evaluator_noise(run->self, probe, run->dim, draw, 1);
    rng_uniform(probe, run->dim, (rng_stream){run->options.seed, RNG_PROBE, 0, draw});
    for (size_t j = 0; j < run->dim; j++)
        probe[j] = probe[j] < 0.5 ? -1.0 : 1.0;
    return DIFFUSION_OK;
}

/* z at the first angle, where x is signal x_0. */
static diffusion_status begin_row(flow_run *run, const float *data, size_t row)
{
    const size_t dim = run->dim, draw = run->begin + row, sample = draw / run->figures.draws;
    double *z = run->state + row * (dim + 1);
    diffusion_status status =
        evaluator_dequantize(run->self, z, data + sample * dim, dim, run->options.dequantize, run->options.seed, draw);
    for (size_t j = 0; j < dim; j++)
        z[j] *= cos(run->first);
    z[dim] = 0.0;
    if (status == DIFFUSION_OK && run->probes != NULL)
        status = draw_probe(run, run->probes + row * dim, draw);
    return status;
}

/* The prior's density of where it has arrived, and what the way has made of volumes. */
static void end_row(flow_run *run, size_t row)
{
    const noise_level *last = schedule_last(run->self->schedule);
    const struct kernel *normal = &run->self->schedule->kernel;
    const size_t dim = run->dim;
    const double whole = flow_whole(last);
    double *z = run->state + row * (dim + 1);
    const law prior = {run->look, run->slope};
    normal->methods->prior(normal, prior, last, dim);
    for (size_t j = 0; j < dim; j++)
        z[j] *= whole;
    run->figures.nats[run->begin + row] = normal->methods->log_probability(normal, z, prior, dim) + z[dim] +
                                          (double)dim * (log(whole) + log(cos(run->first)));
}

static diffusion_status measure_rows(flow_run *run, const float *data)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t row = 0; row < run->rows && status == DIFFUSION_OK; row++)
        status = begin_row(run, data, row);
    if (status == DIFFUSION_OK)
        status = flow_travel(run);
    for (size_t row = 0; row < run->rows && status == DIFFUSION_OK; row++)
        end_row(run, row);
    return status;
}

static diffusion_status measure_all(flow_run *run, const float *data)
{
    const size_t total = run->figures.n * run->figures.draws;
    diffusion_status status = DIFFUSION_OK;
    for (run->begin = 0; run->begin < total && status == DIFFUSION_OK; run->begin += FLOW_ROWS) {
        run->rows = size_lesser(FLOW_ROWS, total - run->begin);
        status = measure_rows(run, data);
    }
    run->figures.evaluations = (double)run->spent / (double)total;
    return status;
}

/* ---- the whole ---- */

static diffusion_status reserve(flow_run *run, int exact)
{
    const size_t rows = FLOW_ROWS, width = run->dim + 1, probe = run->dim * sizeof(double);
    const uint64_t most = INT64_MAX / 1000; /* so that evaluations can be counted */
    size_t total;
    if (!size_multiply(&total, run->figures.n, run->figures.draws) || total > most)
        return error_set(DIFFUSION_E_MEMORY, "evaluator: %zu samples with %zu draws cannot be addressed",
                         run->figures.n, run->figures.draws);
    int complete = (run->figures.nats = memory_allocate(total, sizeof(double))) != NULL &&
                   (run->state = memory_allocate(rows, width * sizeof(double))) != NULL &&
                   (run->slopes = memory_allocate(rows * DORMAND_PRINCE_STAGES, width * sizeof(double))) != NULL &&
                   (run->look = memory_allocate(rows, width * sizeof(double))) != NULL &&
                   (run->slope = memory_allocate(rows, width * sizeof(double))) != NULL &&
                   (exact || ((run->probes = memory_allocate(rows, probe)) != NULL &&
                              (run->probe = memory_allocate(rows, probe)) != NULL));
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

static void run_release(flow_run *run)
{
    void *arrays[] = {run->figures.nats, run->state, run->slopes, run->look, run->slope, run->probes, run->probe};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
    condition_free(run->picked);
    flow_field_close(&run->field);
    memory_release(run);
}

static diffusion_status open_run(flow_run *run, const float *x0)
{
    const struct diffusion_evaluator *self = run->self;
    const int exact = is_exact(&run->options, run->dim);
    diffusion_status status =
        model_check_condition(self->model, "evaluator", run->condition, run->figures.n, OBSERVED_BY_NETWORK);
    if (status == DIFFUSION_OK)
        status = kernel_check_values(&self->schedule->kernel, "evaluator", "x0", x0, run->figures.n * run->dim);
    if (status == DIFFUSION_OK)
        status = flow_field_open(&run->field, self->model, self->schedule, FLOW_ROWS, exact);
    if (status == DIFFUSION_OK && self->progress != NULL)
        predictor_listen(&run->field.predictor, flow_tick, run);
    return status == DIFFUSION_OK ? reserve(run, exact) : status;
}

static diffusion_status run_flow(struct diffusion_evaluator *self, const float *x0,
                                 const struct diffusion_condition *condition, size_t n)
{
    const flow_options *options = (const flow_options *)&self->options.own;
    const noise_level first = schedule_level(self->schedule, options->from);
    flow_run *run = memory_allocate(1, sizeof *run);
    if (run == NULL)
        return DIFFUSION_E_MEMORY;
    run->self = self;
    run->options = *options;
    run->condition = condition;
    run->first = flow_angle(&first);
    run->last = flow_angle(schedule_last(self->schedule));
    run->dim = self->model->dim;
    run->figures.n = n;
    run->figures.draws = (size_t)options->draws;
    diffusion_status status = open_run(run, x0);
    if (status == DIFFUSION_OK)
        status = measure_all(run, x0);
    if (status == DIFFUSION_OK) {
        flow_figures before = *(flow_figures *)self->state;
        *(flow_figures *)self->state = run->figures;
        run->figures = before;
    }
    run_release(run);
    return status;
}

static diffusion_status open_flow(struct diffusion_evaluator *self)
{
    const flow_options *options = (const flow_options *)&self->options.own;
    diffusion_status status = evaluator_check_pair(self);
    if (status == DIFFUSION_OK)
        status = schedule_check_additive(self->schedule, "evaluator", "flow");
    if (status == DIFFUSION_OK && options->from >= (double)self->schedule->steps)
        status = error_set(DIFFUSION_E_SPEC, "evaluator: from=%g, expected a time before the schedule's last, %d",
                           options->from, (int)self->schedule->steps);
    if (status != DIFFUSION_OK)
        return status;
    flow_field trial; /* whether model and schedule suit it */
    status = flow_field_open(&trial, self->model, self->schedule, 1, 0);
    if (status == DIFFUSION_OK)
        flow_field_close(&trial);
    return status;
}

static void release(void *state)
{
    memory_release(((flow_figures *)state)->nats);
}

/* ---- figures ---- */

static const flow_figures *figures_of(const struct diffusion_evaluator *self)
{
    return self->state;
}

static double sample(const struct diffusion_evaluator *self, size_t index)
{
    const flow_figures *of = figures_of(self);
    return evaluator_draws_mean(of->nats + index * of->draws, of->draws) / nats_per_bit;
}

static double sample_error(const struct diffusion_evaluator *self, size_t index)
{
    const flow_options *options = (const flow_options *)&self->options.own;
    const flow_figures *of = figures_of(self);
    if (is_exact(options, self->model->dim) && options->dequantize == 0.0)
        return 0.0;
    return evaluator_draws_error(of->nats + index * of->draws, of->draws) / nats_per_bit;
}

/* In the order of value(). */
static const char *const quantities[] = {"log_density_bits", "standard_error_bits", "bits_per_dimension",
                                         "evaluations"};

static double value(const struct diffusion_evaluator *self, size_t quantity)
{
    const flow_options *options = (const flow_options *)&self->options.own;
    const double mean = evaluator_mean(self, sample), width = options->dequantize;
    const double values[] = {mean, evaluator_error(self, sample),
                             -mean / (double)self->model->dim - (width > 0.0 ? log2(width) : 0.0),
                             figures_of(self)->evaluations};
    return values[quantity];
}

const measure flow_measure = {
    .spec = {"flow", "log p(x_0) of the probability flow.", keys, SPEC_COUNT(keys)},
    .state_size = sizeof(flow_figures),
    .release = release,
    .open = open_flow,
    .run = run_flow,
    .quantities = quantities,
    .quantity_count = SPEC_COUNT(quantities),
    .value = value,
    .sample = sample,
    .sample_error = sample_error,
};

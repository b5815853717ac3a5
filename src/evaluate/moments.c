/* The noise that a model sees in data, step by step: how large it is, and how far from the true one. */
#include "evaluate/moments_run.h"

#include "base/memory.h"
#include "base/size.h"

#include <math.h>

SPEC_OWN(moments_options);

static const spec_key keys[] = {
    {"rows", SPEC_INTEGER, offsetof(moments_options, rows), "0", 0, 1000000, NULL,
     "draws of x_t at every step, of rows of the data in turn; 0 for as many as have 16384 values, 64 at least"},
    {"seed", SPEC_UNSIGNED, offsetof(moments_options, seed), "0", 0, 0, NULL, "seed of the draws"},
    {"dequantize", SPEC_REAL, offsetof(moments_options, dequantize), "0", 0, HUGE_VAL, NULL,
     "width of the uniform noise that is added to every value of x_0, in the scale of x_0; 0 for none"},
};

enum { VALUES = 16384, LEAST_ROWS = 64 };

/* ---- the whole ---- */

static diffusion_status reserve(moments_run *run)
{
    const size_t steps = (size_t)run->self->schedule->steps, values = run->dim * sizeof(double);
    const int complete = (run->steps = reverse_steps(&run->self->model->options, run->self->schedule)) != NULL &&
                         (run->x0 = memory_allocate(MODEL_FORWARD_ROWS, values)) != NULL &&
                         (run->xt = memory_allocate(MODEL_FORWARD_ROWS, values)) != NULL &&
                         (run->noise = memory_allocate(MODEL_FORWARD_ROWS, values)) != NULL &&
                         (run->epsilon = memory_allocate(MODEL_FORWARD_ROWS, values)) != NULL &&
                         (run->sums = memory_allocate(steps, sizeof *run->sums)) != NULL &&
                         (run->figures.noise = memory_allocate(steps, sizeof(double))) != NULL &&
                         (run->figures.error = memory_allocate(steps, sizeof(double))) != NULL;
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

static void release(void *state)
{
    moments_figures *of = state;
    memory_release(of->noise);
    memory_release(of->error);
}

static void run_release(moments_run *run)
{
    void *arrays[] = {run->steps, run->x0, run->xt, run->noise, run->epsilon, run->sums};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
    condition_free(run->picked);
    predictor_close(&run->predictor);
    release(&run->figures);
}

static size_t rows_of(const moments_options *options, size_t dim)
{
    if (options->rows > 0)
        return (size_t)options->rows;
    return size_greater(LEAST_ROWS, size_divide_up(VALUES, dim));
}

static diffusion_status measure_and_keep(moments_run *run)
{
    struct diffusion_evaluator *self = (struct diffusion_evaluator *)run->self;
    diffusion_status status = predictor_open(&run->predictor, self->model, self->schedule);
    if (status == DIFFUSION_OK && self->progress != NULL)
        predictor_listen(&run->predictor, moments_tick, run);
    if (status == DIFFUSION_OK)
        status = reserve(run);
    if (status == DIFFUSION_OK)
        status = moments_take_all(run);
    if (status != DIFFUSION_OK)
        return status;
    const moments_figures before = *(moments_figures *)self->state;
    *(moments_figures *)self->state = run->figures;
    run->figures = before;
    return DIFFUSION_OK;
}

static diffusion_status run(struct diffusion_evaluator *self, const float *x0,
                            const struct diffusion_condition *condition, size_t n)
{
    diffusion_status status = model_check_condition(self->model, "evaluator", condition, n, OBSERVED_BY_NETWORK);
    if (status == DIFFUSION_OK)
        status = kernel_check_values(&self->schedule->kernel, "evaluator", "x0", x0, n * self->model->dim);
    moments_run *work = status == DIFFUSION_OK ? memory_allocate(1, sizeof *work) : NULL;
    if (work == NULL)
        return status == DIFFUSION_OK ? DIFFUSION_E_MEMORY : status;
    work->self = self;
    work->options = *(const moments_options *)&self->options.own;
    work->condition = condition;
    work->data = x0;
    work->n = n;
    work->dim = self->model->dim;
    work->rows = rows_of(&work->options, work->dim);
    status = measure_and_keep(work);
    run_release(work);
    memory_release(work);
    return status;
}

static diffusion_status open_moments(struct diffusion_evaluator *self)
{
    diffusion_status status = evaluator_check_pair(self);
    return status == DIFFUSION_OK ? schedule_check_additive(self->schedule, "evaluator", "moments") : status;
}

/* In the order of value(). */
static const char *const quantities[] = {"data_variance", "mean_square_error", "rows"};

static double value(const struct diffusion_evaluator *self, size_t quantity)
{
    const moments_figures *of = self->state;
    const size_t steps = (size_t)self->schedule->steps;
    double error = 0.0;
    for (size_t i = 0; i < steps; i++)
        error += of->error[i] / (double)steps;
    const double values[] = {of->data_variance, error, (double)of->rows};
    return values[quantity];
}

static void moments(const struct diffusion_evaluator *self, double *noise, double *error)
{
    const moments_figures *of = self->state;
    for (size_t i = 0; i < (size_t)self->schedule->steps; i++) {
        noise[i] = of->noise[i];
        error[i] = of->error[i];
    }
}

const measure moments_measure = {
    .spec = {"moments", "How large the noise is that the model sees, by step: for variance=analytic.", keys,
             SPEC_COUNT(keys)},
    .state_size = sizeof(moments_figures),
    .release = release,
    .open = open_moments,
    .run = run,
    .quantities = quantities,
    .quantity_count = SPEC_COUNT(quantities),
    .value = value,
    .moments = moments,
};

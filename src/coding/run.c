#include "coding/run.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/size.h"
#include "base/threads.h"

enum { VALUE_COST = 20, SHARE = 8 };

/* The bits that a batch draws with lie on the stack if enough samples came before it: few are borrowed then. */
size_t coding_run_batch(const coding_run *run, size_t first)
{
    const size_t most = size_lesser((size_t)run->self->options.batch, run->n - first);
    return size_greater(size_lesser(first / SHARE, most), 1);
}

/* ---- progress ---- */

static diffusion_status tell(const coding_run *run, int64_t done)
{
    const struct diffusion_coder *self = run->self;
    const unsigned before = error_count();
    if (self->progress == NULL)
        return DIFFUSION_OK;
    const int64_t total = (int64_t)run->n * self->chain.steps;
    return error_of_callback(self->progress(done, total, self->progress_user), "progress", before);
}

static diffusion_status tick(void *user, size_t rows)
{
    const coding_run *run = user;
    return tell(run, run->done + (int64_t)rows);
}

diffusion_status coding_run_tell(coding_run *run)
{
    run->done += (int64_t)run->rows;
    return tell(run, run->done);
}

/* ---- memory ---- */

static diffusion_status reserve(coding_run *run)
{
    const size_t rows = (size_t)run->self->options.batch, values = run->dim * sizeof(double);
    const int complete =
        (run->x0 = memory_allocate(rows, values)) != NULL && (run->below = memory_allocate(rows, values)) != NULL &&
        (run->x = memory_allocate(rows, values)) != NULL && (run->mean = memory_allocate(rows, values)) != NULL &&
        (run->variance = memory_allocate(rows, values)) != NULL &&
        (run->at = memory_allocate(rows, sizeof *run->at)) != NULL &&
        (run->nats = memory_allocate(rows, sizeof(double))) != NULL;
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

diffusion_status coding_run_open(coding_run *run, const struct diffusion_coder *self, size_t n)
{
    *run = (coding_run){.self = self, .kernel = &self->schedule->kernel, .n = n, .dim = self->model->dim};
    diffusion_status status = predictor_open(&run->predictor, self->model, self->schedule);
    if (status == DIFFUSION_OK && self->progress != NULL)
        predictor_listen(&run->predictor, tick, run);
    return status == DIFFUSION_OK ? reserve(run) : status;
}

void coding_run_close(coding_run *run)
{
    void *arrays[] = {run->x0, run->below, run->x, run->mean, run->variance, run->at, run->nats};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
    condition_free(run->labels);
    predictor_close(&run->predictor);
}

/* ---- laws of the batch ---- */

static diffusion_status predict(coding_run *run)
{
    struct diffusion_condition rows;
    predictor_input input = {"coder", run->x, run->at, NULL, run->rows};
    for (size_t row = 0; row < run->rows; row++)
        run->at[row] = &run->self->chain.steps_down[run->step];
    if (run->labels != NULL) {
        rows = condition_rows(run->labels, run->first, run->rows);
        input.condition = &rows;
    }
    return predictor_reverse(&run->predictor, input, NULL, (law){run->mean, run->variance});
}

static void step_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const coding_run *run = context;
    const coding_level *levels = run->self->chain.levels;
    run->kernel->methods->step(run->kernel, coding_run_law(run, row), &levels[run->step - 1].at, &levels[run->step].at,
                               run->below + row * run->dim, run->dim);
}

void coding_run_step(coding_run *run)
{
    parallel_for(run->rows, VALUE_COST * run->dim, step_row, run);
}

void coding_run_prior(coding_run *run)
{
    const noise_level *last = &run->self->chain.levels[run->self->chain.steps].at;
    for (size_t row = 0; row < run->rows; row++)
        run->kernel->methods->prior(run->kernel, coding_run_law(run, row), last, run->dim);
}

/* At the data by the rule of the edge. */
diffusion_status coding_run_reverse(coding_run *run)
{
    const struct diffusion_coder *self = run->self;
    const kernel_class *methods = run->kernel->methods;
    if (run->step > 1 || methods->additive || self->options.edge == CODING_EDGE_MODEL)
        return predict(run);
    for (size_t row = 0; row < run->rows; row++)
        methods->edge_law(run->kernel, coding_run_law(run, row), &self->chain.levels[1].at, run->x + row * run->dim,
                          run->dim);
    return DIFFUSION_OK;
}

void coding_run_swap(coding_run *run)
{
    double *below = run->below;
    run->below = run->x;
    run->x = below;
}

/* ---- what goes with the data ---- */

symbol_range coding_run_label(const coding_run *run, uint32_t label)
{
    const uint32_t size = STACK_TOTAL / ((uint32_t)run->self->model->classes + 1);
    return (symbol_range){label * size, size};
}

uint64_t coding_run_hash(uint64_t hash, const float *x0, const int32_t *labels, size_t rows, size_t dim)
{
    hash = hash_bytes(hash, x0, rows * dim * sizeof *x0);
    return labels != NULL ? hash_bytes(hash, labels, rows * sizeof *labels) : hash;
}

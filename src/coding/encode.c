/* Data onto the stack and off it, batch by batch. Upwards, x_t is drawn from q(x_t | x_{t-1}) by popping and x_{t-1} is
 * pushed by p(x_{t-1} | x_t), so that what is on the stack never falls by more than one level takes (Bit-Swap, Kingma
 * et al. 2019, arXiv:1905.06845); in the mean a sample adds -K. */
#include "coding/run.h"

#include "base/array.h"
#include "base/error.h"
#include "base/hash.h"

#include <math.h>

/* ---- what may be coded ---- */

/* Values may be as far from the middles of their bins as float32 rounds them. */
static diffusion_status check_bins(const struct diffusion_coder *self, const float *x0, size_t count)
{
    const double slack = 0.01 * 2.0 / (double)(self->options.levels - 1);
    for (size_t i = 0; i < count; i++) {
        const double value = (double)x0[i];
        if (!(fabs(value) < 1.0 + slack && fabs(value - symbols_middle(self, value)) < slack))
            return error_set(DIFFUSION_E_ARGUMENT,
                             "coder_encode: x0[%zu]=%.9g, expected one of levels=%lld values spread evenly over -1..1",
                             i, value, (long long)self->options.levels);
    }
    return DIFFUSION_OK;
}

static diffusion_status check_data(const struct diffusion_coder *self, const float *x0,
                                   const struct diffusion_condition *condition, size_t n)
{
    if (n == 0)
        return error_set(DIFFUSION_E_ARGUMENT, "coder_encode: n=0, expected at least one sample");
    diffusion_status status = array_check_size("coder_encode", n, self->model->dim, sizeof(double));
    if (status == DIFFUSION_OK && condition != NULL && (condition->vectors != NULL || condition->observed != NULL))
        status = error_set(DIFFUSION_E_ARGUMENT, "coder_encode: the condition has more than labels, which are all that "
                                                 "the code can hold");
    if (status == DIFFUSION_OK)
        status = model_check_condition(self->model, "coder_encode", condition, n, OBSERVED_BY_NETWORK);
    if (status == DIFFUSION_OK)
        status = kernel_check_values(&self->schedule->kernel, "coder_encode", "x0", x0, n * self->model->dim);
    if (status == DIFFUSION_OK && self->schedule->kernel.methods->additive)
        status = check_bins(self, x0, n * self->model->dim);
    return status;
}

/* ---- a batch ---- */

static void push_labels(coding_run *run)
{
    for (size_t row = 0; row < run->rows; row++) {
        const symbol_range range = coding_run_label(run, (uint32_t)(run->labels->labels[run->first + row] + 1));
        stack_push(run->stack, range);
        run->figures.labels += log((double)STACK_TOTAL / range.size);
    }
}

static diffusion_status encode_step(coding_run *run)
{
    coding_run_step(run);
    symbols_pop(run, run->x, run->step, 1, 0);
    account_drawn(run, run->x, -1.0);
    diffusion_status status = coding_run_reverse(run);
    if (status == DIFFUSION_OK)
        status = stack_reserve(run->stack, 2 * run->rows * run->dim);
    if (status != DIFFUSION_OK)
        return status;
    symbols_push(run, run->below, run->step - 1, 0, 0);
    if (run->step == 1)
        account_edge(run);
    else
        account_drawn(run, run->below, 1.0);
    coding_run_swap(run);
    return coding_run_tell(run);
}

static void begin_rows(coding_run *run, const float *x0)
{
    for (size_t i = 0; i < run->rows * run->dim; i++)
        run->below[i] = run->x0[i] = symbols_middle(run->self, (double)x0[run->first * run->dim + i]);
    for (size_t row = 0; row < run->rows; row++)
        run->nats[row] = 0.0;
}

static void end_rows(coding_run *run)
{
    for (size_t row = 0; row < run->rows; row++)
        run->figures.bound += run->nats[row];
}

static diffusion_status encode_batch(coding_run *run, const float *x0)
{
    const int32_t steps = run->self->chain.steps;
    diffusion_status status = DIFFUSION_OK;
    begin_rows(run, x0);
    for (run->step = 1; run->step <= steps && status == DIFFUSION_OK; run->step++)
        status = encode_step(run);
    if (status == DIFFUSION_OK)
        status = stack_reserve(run->stack, 2 * run->rows * (run->dim + 1));
    if (status != DIFFUSION_OK)
        return status;
    coding_run_prior(run);
    symbols_push(run, run->below, steps, 0, 0);
    account_drawn(run, run->below, 1.0);
    if (run->labels != NULL)
        push_labels(run);
    end_rows(run);
    return DIFFUSION_OK;
}

/* ---- the whole ---- */

static diffusion_status encode_all(coding_run *run, const float *x0)
{
    diffusion_status status = DIFFUSION_OK;
    for (run->first = 0; run->first < run->n && status == DIFFUSION_OK; run->first += run->rows) {
        run->rows = coding_run_batch(run, run->first);
        status = encode_batch(run, x0);
    }
    return status;
}

/* The canonical values: what decoding gives. */
static uint64_t hash_data(const coding_run *run, const float *x0)
{
    uint64_t hash = HASH_START;
    for (size_t i = 0; i < run->n * run->dim; i++) {
        const float value = (float)symbols_middle(run->self, (double)x0[i]);
        hash = hash_bytes(hash, &value, sizeof value);
    }
    return coding_run_hash(hash, NULL, run->labels != NULL ? run->labels->labels : NULL, run->n, 0);
}

diffusion_status coder_encode(struct diffusion_coder *self, const float *x0,
                              const struct diffusion_condition *condition, size_t n)
{
    coding_run run;
    symbol_stack stack;
    diffusion_status status = check_data(self, x0, condition, n);
    if (status != DIFFUSION_OK)
        return status;
    stack_begin(&stack);
    status = coding_run_open(&run, self, n);
    run.stack = &stack;
    if (status == DIFFUSION_OK && condition != NULL && condition->labels != NULL)
        status = condition_repeat(&run.labels, condition, 1);
    if (status == DIFFUSION_OK)
        status = encode_all(&run, x0);
    if (status == DIFFUSION_OK) {
        stack_release(&self->content.stack);
        self->content = (coded){stack, n, run.labels != NULL, hash_data(&run, x0)};
        self->figures = run.figures;
        self->figures.known = 1;
    } else {
        stack_release(&stack);
    }
    coding_run_close(&run);
    return status;
}

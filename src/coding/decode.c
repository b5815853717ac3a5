/* The way back: the exact reverse of encode.c, from the last batch to the first. */
#include "coding/run.h"

#include "base/array.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"

#include <string.h>

/* ---- a batch ---- */

static void pop_labels(coding_run *run)
{
    const uint32_t size = coding_run_label(run, 0).size;
    for (size_t row = run->rows; row-- > 0;) {
        const uint32_t label = stack_peek(run->stack) / size;
        stack_pop(run->stack, coding_run_label(run, label));
        run->stack->failed |= label > run->self->model->classes;
        run->labels->labels[run->first + row] = run->stack->failed ? -1 : (int32_t)label - 1;
    }
}

static diffusion_status decode_step(coding_run *run)
{
    diffusion_status status = coding_run_reverse(run);
    if (status == DIFFUSION_OK)
        status = stack_reserve(run->stack, run->rows * run->dim);
    if (status != DIFFUSION_OK)
        return status;
    symbols_pop(run, run->below, run->step - 1, 0, 1);
    coding_run_step(run);
    symbols_push(run, run->x, run->step, 1, 1);
    coding_run_swap(run);
    return coding_run_tell(run);
}

/* A stack that is not what it was taken for is known where it has no more to give, or by the data in the end. */
static diffusion_status decode_batch(coding_run *run, float *x0)
{
    diffusion_status status = DIFFUSION_OK;
    if (run->labels != NULL)
        pop_labels(run);
    coding_run_prior(run);
    symbols_pop(run, run->x, run->self->chain.steps, 0, 1);
    for (run->step = run->self->chain.steps; run->step > 0 && status == DIFFUSION_OK && !run->stack->failed;
         run->step--)
        status = decode_step(run);
    for (size_t i = 0; i < run->rows * run->dim; i++)
        x0[run->first * run->dim + i] = (float)run->x[i];
    return status;
}

/* ---- the whole ---- */

/* Batches from the last to the first. `begin` [n] has room for where they begin. */
static diffusion_status decode_all(coding_run *run, size_t *begin, float *x0)
{
    diffusion_status status = DIFFUSION_OK;
    size_t batches = 0;
    for (size_t first = 0; first < run->n; first += coding_run_batch(run, first))
        begin[batches++] = first;
    while (batches-- > 0 && status == DIFFUSION_OK && !run->stack->failed) {
        run->first = begin[batches];
        run->rows = coding_run_batch(run, run->first);
        status = decode_batch(run, x0);
    }
    return status;
}

static diffusion_status copy_stack(symbol_stack *out, const symbol_stack *from)
{
    *out = (symbol_stack){.head = from->head, .borrowed = from->borrowed, .operations = from->operations};
    diffusion_status status = stack_reserve(out, from->count);
    if (status != DIFFUSION_OK)
        return status;
    if (from->count > 0)
        memcpy(out->words, from->words, from->count * sizeof *out->words);
    out->count = from->count;
    return DIFFUSION_OK;
}

static diffusion_status open_labels(coding_run *run, const int32_t *room)
{
    diffusion_status status = condition_create(&run->labels, run->n);
    return status == DIFFUSION_OK ? condition_set_labels(run->labels, room) : status;
}

static diffusion_status check_decoded(const coding_run *run, const float *x0)
{
    const coded *content = &run->self->content;
    const int32_t *labels = run->labels != NULL ? run->labels->labels : NULL;
    if (stack_is_empty(run->stack) && coding_run_hash(HASH_START, x0, labels, run->n, run->dim) == content->hash)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_CONTENT, "coder_decode: what comes out is not what was coded: the arithmetic of this "
                                          "machine is another, or the code is damaged");
}

typedef struct decoded {
    float *x0;
    int32_t *labels;
    size_t *begin;
} decoded;

static diffusion_status decode_into(coding_run *run, const decoded *to)
{
    const coded *content = &run->self->content;
    diffusion_status status = copy_stack(run->stack, &content->stack);
    if (status == DIFFUSION_OK && content->labelled)
        status = open_labels(run, to->labels);
    if (status == DIFFUSION_OK)
        status = decode_all(run, to->begin, to->x0);
    return status == DIFFUSION_OK ? check_decoded(run, to->x0) : status;
}

static void hand_over(const coding_run *run, const decoded *from, float *x0, int32_t *labels)
{
    memcpy(x0, from->x0, run->n * run->dim * sizeof *x0);
    for (size_t i = 0; i < run->n && labels != NULL; i++)
        labels[i] = run->labels != NULL ? run->labels->labels[i] : -1;
}

diffusion_status coder_decode(struct diffusion_coder *self, float *x0, int32_t *labels, size_t n)
{
    coding_run run;
    symbol_stack stack = {0};
    if (self->content.n == 0)
        return error_set(DIFFUSION_E_STATE, "coder_decode: nothing has been coded (call coder_encode or coder_load)");
    if (n != self->content.n)
        return error_set(DIFFUSION_E_SHAPE, "coder_decode: n=%zu, but %zu samples were coded", n, self->content.n);
    diffusion_status status = array_check_size("coder_decode", n, self->model->dim, sizeof(double));
    if (status != DIFFUSION_OK)
        return status;
    const decoded to = {memory_allocate(n * self->model->dim, sizeof *x0), memory_allocate(n, sizeof *labels),
                        memory_allocate(n, sizeof(size_t))};
    status = coding_run_open(&run, self, n);
    run.stack = &stack;
    if (to.x0 == NULL || to.labels == NULL || to.begin == NULL)
        status = DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = decode_into(&run, &to);
    if (status == DIFFUSION_OK)
        hand_over(&run, &to, x0, labels);
    stack_release(&stack);
    coding_run_close(&run);
    memory_release(to.x0);
    memory_release(to.labels);
    memory_release(to.begin);
    return status;
}

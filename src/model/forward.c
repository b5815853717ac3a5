#include "model/forward.h"

#include "base/error.h"
#include "base/precision.h"
#include "base/size.h"
#include "base/threads.h"
#include "math/blas.h"

forward_memory forward_memory_open(const struct diffusion_model *model)
{
    return (forward_memory){.scratch = model_take_spare(model)};
}

void forward_memory_close(forward_memory *memory, const struct diffusion_model *model)
{
    if (model == NULL)
        return;
    model_leave_spare(model, memory->scratch);
    buffer *own[] = {&memory->x, &memory->out, &memory->tape, &memory->slope};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        buffer_release(own[i]);
}

/* ---- one chunk, by what stands behind the model ---- */

/* Some rows of the input; `rows` is what its condition points to. */
typedef struct chunk {
    struct diffusion_condition rows;
    forward_input input;
} chunk;

static void chunk_fill(chunk *self, forward_input whole, size_t first)
{
    self->input.n = size_lesser(MODEL_FORWARD_ROWS, whole.n - first);
    self->input.time = whole.time + first;
    self->input.scale = whole.scale != NULL ? whole.scale + first : NULL;
    self->input.condition = NULL;
    if (whole.condition != NULL) {
        self->rows = condition_rows(whole.condition, first, self->input.n);
        self->input.condition = &self->rows;
    }
}

static network_batch batch_of(const float *x, forward_input input)
{
    network_batch batch = {.x = x, .time = input.time, .n = input.n};
    if (input.condition != NULL) {
        batch.labels = input.condition->labels;
        batch.vectors = input.condition->vectors;
    }
    return batch;
}

static diffusion_status network_chunk(const struct diffusion_model *model, forward_memory *memory, float *out,
                                      const float *x, forward_input input)
{
    const network_class *methods = model->network->methods;
    const float *prepared;
    diffusion_status status = blas_ready();
    if (status == DIFFUSION_OK)
        status = model_prepare(model, &prepared);
    if (status != DIFFUSION_OK)
        return status;
    size_t scratch_size = methods->scratch_size(model->network, input.n, threads_count());
    float *scratch = buffer_reserve(&memory->scratch, scratch_size, sizeof *scratch);
    if (scratch == NULL)
        return DIFFUSION_E_MEMORY;
    methods->forward(model->network, model->parameters, prepared, out, batch_of(x, input), scratch);
    return DIFFUSION_OK;
}

static diffusion_status float_chunk(const struct diffusion_model *model, forward_memory *memory, float *out,
                                    const float *x, forward_input input)
{
    if (model->network != NULL)
        return network_chunk(model, memory, out, x, input);
    const unsigned before = error_count();
    return error_of_callback(model->predict(x, input.time, input.condition, input.n, out, model->user), "predict",
                             before);
}

static diffusion_status call_double(const struct diffusion_model *model, double *out, const double *x,
                                    forward_input input)
{
    const unsigned before = error_count();
    return error_of_callback(model->predict_double(x, input.time, input.condition, input.n, out, model->user),
                             "predict", before);
}

/* A callback in double for a caller in float. */
static diffusion_status widened_chunk(const struct diffusion_model *model, forward_memory *memory, float *out,
                                      const float *x, forward_input input)
{
    double *wide_x = buffer_reserve(&memory->x, input.n * model->dim, sizeof *wide_x);
    double *wide_out = buffer_reserve(&memory->out, input.n * model->outputs, sizeof *wide_out);
    if (wide_x == NULL || wide_out == NULL)
        return DIFFUSION_E_MEMORY;
    precision_widen(wide_x, x, input.n * model->dim);
    diffusion_status status = call_double(model, wide_out, wide_x, input);
    if (status == DIFFUSION_OK)
        precision_narrow(out, wide_out, input.n * model->outputs);
    return status;
}

static void scale_rows(float *x, forward_input input, size_t dim)
{
    for (size_t i = 0; i < input.n && input.scale != NULL; i++)
        for (size_t j = 0; j < dim; j++)
            x[i * dim + j] *= (float)input.scale[i];
}

/* A network or callback in float for a caller in double. */
static diffusion_status narrowed_chunk(const struct diffusion_model *model, forward_memory *memory, double *out,
                                       const double *x, forward_input input)
{
    float *narrow_x = buffer_reserve(&memory->x, input.n * model->dim, sizeof *narrow_x);
    float *narrow_out = buffer_reserve(&memory->out, input.n * model->outputs, sizeof *narrow_out);
    if (narrow_x == NULL || narrow_out == NULL)
        return DIFFUSION_E_MEMORY;
    precision_narrow(narrow_x, x, input.n * model->dim);
    scale_rows(narrow_x, input, model->dim);
    diffusion_status status = float_chunk(model, memory, narrow_out, narrow_x, input);
    if (status == DIFFUSION_OK)
        precision_widen(out, narrow_out, input.n * model->outputs);
    return status;
}

/* Forward with a tape, then backward without the parameters' gradient. */
static diffusion_status vjp_chunk(const struct diffusion_model *model, forward_memory *memory, double *dx,
                                  const double *x, const double *weight, forward_input input)
{
    const network *net = model->network;
    size_t values = input.n * model->dim, outputs = input.n * model->outputs;
    diffusion_status status = blas_ready();
    if (status != DIFFUSION_OK)
        return status;
    float *scratch = buffer_reserve(
        &memory->scratch, net->methods->training_scratch_size(net, input.n, threads_count()), sizeof *scratch);
    float *tape = buffer_reserve(&memory->tape, net->methods->tape_size(net, input.n), sizeof *tape);
    float *narrow_x = buffer_reserve(&memory->x, values, sizeof *narrow_x);
    float *out = buffer_reserve(&memory->out, outputs, sizeof *out);
    float *slope = buffer_reserve(&memory->slope, values, sizeof *slope);
    if (scratch == NULL || tape == NULL || narrow_x == NULL || out == NULL || slope == NULL)
        return DIFFUSION_E_MEMORY;
    precision_narrow(narrow_x, x, values);
    scale_rows(narrow_x, input, model->dim);
    net->methods->forward_keep(net, model->parameters, out, batch_of(narrow_x, input), tape, scratch);
    precision_narrow(out, weight, outputs);
    net->methods->backward(net, model->parameters, NULL, slope, out, input.n, tape, scratch);
    scale_rows(slope, input, model->dim);
    precision_widen(dx, slope, values);
    return DIFFUSION_OK;
}

/* ---- whole batches ---- */

diffusion_status model_forward(const struct diffusion_model *model, forward_memory *memory, float *out, const float *x,
                               forward_input input)
{
    diffusion_status status = DIFFUSION_OK;
    chunk part;
    for (size_t first = 0; first < input.n && status == DIFFUSION_OK; first += MODEL_FORWARD_ROWS) {
        chunk_fill(&part, input, first);
        const float *from = x + first * model->dim;
        float *to = out + first * model->outputs;
        status = model->predict_double != NULL ? widened_chunk(model, memory, to, from, part.input)
                                               : float_chunk(model, memory, to, from, part.input);
    }
    return status;
}

diffusion_status model_forward_double(const struct diffusion_model *model, forward_memory *memory, double *out,
                                      const double *x, forward_input input)
{
    diffusion_status status = DIFFUSION_OK;
    chunk part;
    for (size_t first = 0; first < input.n && status == DIFFUSION_OK; first += MODEL_FORWARD_ROWS) {
        chunk_fill(&part, input, first);
        const double *from = x + first * model->dim;
        double *to = out + first * model->outputs;
        if (model->predict_double != NULL)
            status = call_double(model, to, from, part.input);
        else
            status = narrowed_chunk(model, memory, to, from, part.input);
    }
    return status;
}

diffusion_status model_vjp(const struct diffusion_model *model, forward_memory *memory, double *dx, const double *x,
                           const double *weight, forward_input input)
{
    diffusion_status status = DIFFUSION_OK;
    chunk part;
    if (model->network == NULL)
        return error_set(DIFFUSION_E_STATE, "model: a callback model has no gradient at its input");
    for (size_t first = 0; first < input.n && status == DIFFUSION_OK; first += MODEL_FORWARD_ROWS) {
        chunk_fill(&part, input, first);
        status = vjp_chunk(model, memory, dx + first * model->dim, x + first * model->dim,
                           weight + first * model->outputs, part.input);
    }
    return status;
}

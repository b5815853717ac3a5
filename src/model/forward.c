#include "model/forward.h"

#include "base/threads.h"

forward_memory forward_memory_open(const struct diffusion_model *model)
{
    return (forward_memory){.scratch = model_take_spare(model)};
}

void forward_memory_close(forward_memory *memory, const struct diffusion_model *model)
{
    if (model == NULL)
        return;
    model_leave_spare(model, memory->scratch);
    buffer_release(&memory->x);
    buffer_release(&memory->out);
}

static void narrow(float *to, const double *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (float)from[i];
}

static void widen(double *to, const float *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (double)from[i];
}

static network_batch chunk_of(const struct diffusion_model *model, network_batch batch, size_t first)
{
    size_t left = batch.n - first;
    return (network_batch){.x = batch.x != NULL ? batch.x + first * model->dim : NULL,
                           .t = batch.t + first,
                           .labels = batch.labels != NULL ? batch.labels + first : NULL,
                           .n = left < MODEL_FORWARD_ROWS ? left : MODEL_FORWARD_ROWS};
}

/* ---- one chunk, by what stands behind the model ---- */

static diffusion_status network_chunk(const struct diffusion_model *model, forward_memory *memory, float *out,
                                      network_batch chunk)
{
    const network_class *methods = model->network->methods;
    size_t scratch_size = methods->scratch_size(model->network, chunk.n, threads_count());
    const float *prepared;
    diffusion_status status = model_prepare(model, &prepared);
    if (status != DIFFUSION_OK)
        return status;
    float *scratch = buffer_reserve(&memory->scratch, scratch_size, sizeof *scratch);
    if (scratch == NULL)
        return DIFFUSION_E_MEMORY;
    methods->forward(model->network, model->parameters, prepared, out, chunk, scratch);
    return DIFFUSION_OK;
}

static diffusion_status float_chunk(const struct diffusion_model *model, forward_memory *memory, float *out,
                                    network_batch chunk)
{
    if (model->network != NULL)
        return network_chunk(model, memory, out, chunk);
    return model->predict(chunk.x, chunk.t, chunk.labels, chunk.n, out, model->user);
}

/* A callback in double for a caller in float. */
static diffusion_status widened_chunk(const struct diffusion_model *model, forward_memory *memory, float *out,
                                      network_batch chunk)
{
    double *x = buffer_reserve(&memory->x, chunk.n * model->dim, sizeof *x);
    double *wide = buffer_reserve(&memory->out, chunk.n * model->outputs, sizeof *wide);
    if (x == NULL || wide == NULL)
        return DIFFUSION_E_MEMORY;
    widen(x, chunk.x, chunk.n * model->dim);
    diffusion_status status = model->predict_double(x, chunk.t, chunk.labels, chunk.n, wide, model->user);
    if (status == DIFFUSION_OK)
        narrow(out, wide, chunk.n * model->outputs);
    return status;
}

/* A network or callback in float for a caller in double. */
static diffusion_status narrowed_chunk(const struct diffusion_model *model, forward_memory *memory, double *out,
                                       const double *x, network_batch chunk)
{
    float *narrow_x = buffer_reserve(&memory->x, chunk.n * model->dim, sizeof *narrow_x);
    float *narrow_out = buffer_reserve(&memory->out, chunk.n * model->outputs, sizeof *narrow_out);
    if (narrow_x == NULL || narrow_out == NULL)
        return DIFFUSION_E_MEMORY;
    narrow(narrow_x, x, chunk.n * model->dim);
    chunk.x = narrow_x;
    diffusion_status status = float_chunk(model, memory, narrow_out, chunk);
    if (status == DIFFUSION_OK)
        widen(out, narrow_out, chunk.n * model->outputs);
    return status;
}

/* ---- whole batches ---- */

diffusion_status model_forward(const struct diffusion_model *model, forward_memory *memory, float *out,
                               network_batch batch)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t first = 0; first < batch.n && status == DIFFUSION_OK; first += MODEL_FORWARD_ROWS) {
        network_batch chunk = chunk_of(model, batch, first);
        float *to = out + first * model->outputs;
        status = model->predict_double != NULL ? widened_chunk(model, memory, to, chunk)
                                               : float_chunk(model, memory, to, chunk);
    }
    return status;
}

diffusion_status model_forward_double(const struct diffusion_model *model, forward_memory *memory, double *out,
                                      const double *x, const int32_t *t, const int32_t *labels, size_t n)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t first = 0; first < n && status == DIFFUSION_OK; first += MODEL_FORWARD_ROWS) {
        network_batch chunk = chunk_of(model, (network_batch){.t = t, .labels = labels, .n = n}, first);
        const double *from = x + first * model->dim;
        double *to = out + first * model->outputs;
        if (model->predict_double != NULL)
            status = model->predict_double(from, chunk.t, chunk.labels, chunk.n, to, model->user);
        else
            status = narrowed_chunk(model, memory, to, from, chunk);
    }
    return status;
}

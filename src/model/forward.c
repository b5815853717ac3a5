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
    buffer *own[] = {&memory->x, &memory->out, &memory->vjp};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        buffer_release(own[i]);
}

/* ---- one chunk, by what stands behind the model ---- */

/* Some rows of the input; `rows` is what its condition points to. */
typedef struct chunk {
    struct diffusion_condition rows;
    forward_input input;
} chunk;

static void chunk_fill(chunk *self, forward_input whole, size_t first, size_t most)
{
    self->input.n = size_lesser(most, whole.n - first);
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

/* ---- whole batches ---- */

diffusion_status model_forward(const struct diffusion_model *model, forward_memory *memory, float *out, const float *x,
                               forward_input input)
{
    diffusion_status status = DIFFUSION_OK;
    chunk part;
    for (size_t first = 0; first < input.n && status == DIFFUSION_OK; first += MODEL_FORWARD_ROWS) {
        chunk_fill(&part, input, first, MODEL_FORWARD_ROWS);
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
        chunk_fill(&part, input, first, MODEL_FORWARD_ROWS);
        const double *from = x + first * model->dim;
        double *to = out + first * model->outputs;
        if (model->predict_double != NULL)
            status = call_double(model, to, from, part.input);
        else
            status = narrowed_chunk(model, memory, to, from, part.input);
    }
    return status;
}

/* ---- gradients at the input ---- */

enum { LINE = 16 /* floats */ };

/* A sample at a time: what a network's backward() gives for one may depend on the others of its batch, by rounding. */
typedef struct vjp_job {
    const struct diffusion_model *model;
    double *dx;
    const double *x, *weight;
    forward_input input;
    float *memory; /* for every slot: x and dx, output and its weight; tape; scratch, each from a cache line on */
    size_t values, tape_size, slot_size;
} vjp_job;

/* Forward with a tape, then backward without the parameters' gradient. */
static void vjp_row(void *context, size_t row, size_t slot)
{
    const vjp_job *job = context;
    const network *net = job->model->network;
    const size_t dim = job->model->dim, outputs = job->model->outputs;
    float *x = job->memory + slot * job->slot_size, *out = x + dim, *tape = x + job->values;
    float *scratch = tape + job->tape_size;
    chunk of;
    chunk_fill(&of, job->input, row, 1);
    precision_narrow(x, job->x + row * dim, dim);
    scale_rows(x, of.input, dim);
    net->methods->forward_keep(net, job->model->parameters, out, batch_of(x, of.input), tape, scratch);
    precision_narrow(out, job->weight + row * outputs, outputs);
    net->methods->backward(net, job->model->parameters, NULL, x, out, 1, tape, scratch);
    scale_rows(x, of.input, dim);
    precision_widen(job->dx + row * dim, x, dim);
}

static void vjp_row_alone(void *context, size_t row, size_t slot)
{
    threads_alone(vjp_row, context, row, slot);
}

diffusion_status model_vjp(const struct diffusion_model *model, forward_memory *memory, double *dx, const double *x,
                           const double *weight, forward_input input)
{
    const network *net = model->network;
    if (net == NULL)
        return error_set(DIFFUSION_E_STATE, "model: a callback model has no gradient at its input");
    diffusion_status status = blas_ready();
    if (status != DIFFUSION_OK)
        return status;
    const size_t slots = input.n > 1 ? threads_count() : 1, threads = input.n > 1 ? 1 : threads_count();
    vjp_job job = {.model = model, .dx = dx, .x = x, .weight = weight, .input = input};
    job.values = size_round_up(model->dim + model->outputs, LINE);
    job.tape_size = size_round_up(net->methods->tape_size(net, 1), LINE);
    job.slot_size =
        job.values + job.tape_size + size_round_up(net->methods->training_scratch_size(net, 1, threads), LINE);
    job.memory = buffer_reserve(&memory->vjp, slots, job.slot_size * sizeof *job.memory);
    if (job.memory == NULL)
        return DIFFUSION_E_MEMORY;
    if (input.n > 1)
        blas_parallel_for(input.n, 6 * net->size, vjp_row_alone, &job);
    else
        vjp_row(&job, 0, 0);
    return DIFFUSION_OK;
}

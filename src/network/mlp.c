#include "network/mlp.h"

#include "base/memory.h"
#include "base/rng.h"
#include "math/activation.h"
#include "math/blas.h"
#include "math/time_embedding.h"
#include "math/uniform.h"

#include <math.h>
#include <string.h>

const spec_key mlp_keys[MLP_KEYS] = {
    {"width", SPEC_INTEGER, offsetof(mlp_options, width), "128", 1, 16384, NULL, "units of a hidden layer"},
    {"depth", SPEC_INTEGER, offsetof(mlp_options, depth), "3", 1, 64, NULL, "number of hidden layers"},
    {"time", SPEC_INTEGER, offsetof(mlp_options, time), "32", 2, 4096, NULL,
     "features that tell the network the step t: half sines, half cosines (rounded up to an even number)"},
    {"activation", SPEC_CHOICE, offsetof(mlp_options, activation), "silu", 0, 0, ACTIVATION_CHOICES,
     "non-linearity of the hidden layers"},
    {"residual", SPEC_CHOICE, offsetof(mlp_options, residual), "no", 0, 0, "no|yes",
     "every hidden layer but the first adds to its input"},
};

/* A layer's weight is [out, in], its bias [out]; in the flat array the bias follows the weight. */
typedef struct mlp_layer {
    size_t in, out;
    size_t weight, bias;
} mlp_layer;

typedef struct mlp {
    network base;
    time_embedding embedding;
    activation kind;
    int residual;
    size_t depth, width, features;
    mlp_layer *layers; /* [depth + 1], the last one linear */
    size_t blocks;     /* tasks of the weight gradient */
} mlp;

enum {
    TILE_ROWS = UNIFORM_ROWS, /* of forward(): a tile is always a full one, filled up with zeros */
    GRADIENT_ROWS = 128,      /* rows of a weight matrix whose gradient is one task, at least */
};

static const mlp *as_mlp(const network *self)
{
    return (const mlp *)self;
}

/* Rows of a training tile: four tiles to share out, two of a small batch. OpenBLAS packs the weights anew for every
 * product, so a tile must have enough rows to pay for that. */
static size_t training_rows(size_t n)
{
    size_t rows = n < 1024 ? n / 2 : n / 4;
    rows = (rows + 15) / 16 * 16;
    return rows < 128 ? 128 : rows > 512 ? 512 : rows;
}

/* Rows of a layer's weight gradient in one task: half of them, for every task packs the whole of the layer's input. */
static size_t gradient_rows(const mlp_layer *layer)
{
    size_t rows = (layer->out / 2 + 15) / 16 * 16;
    return rows < GRADIENT_ROWS ? GRADIENT_ROWS : rows;
}

static size_t gradient_tasks(const mlp_layer *layer)
{
    return (layer->out + gradient_rows(layer) - 1) / gradient_rows(layer);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* features [features] of one sample. */
static void gather_features(const mlp *net, float *features, network_batch batch, size_t sample)
{
    size_t dim = net->base.task.dim, time = 2 * net->embedding.half, classes = net->base.task.classes;
    memcpy(features, batch.x + sample * dim, dim * sizeof *features);
    time_embedding_row(&net->embedding, features + dim, batch.t[sample]);
    memset(features + dim + time, 0, classes * sizeof *features);
    if (classes > 0 && batch.labels != NULL && batch.labels[sample] >= 0)
        features[dim + time + (size_t)batch.labels[sample]] = 1.0f;
}

/* y [rows, out] = x [rows, in] weight^T */
static void multiply(const mlp_layer *layer, const float *parameters, float *y, const float *x, size_t rows)
{
    blas_sgemm(0, 1, rows, layer->out, layer->in, 1.0f, x, layer->in, parameters + layer->weight, layer->in, 0.0f, y,
               layer->out);
}

static void hidden_forward(const mlp *net, size_t l, const float *parameters, float *y, float *slope, const float *x,
                           size_t rows)
{
    const mlp_layer *layer = &net->layers[l];
    multiply(layer, parameters, y, x, rows);
    activation_forward(net->kind, y, slope, y, parameters + layer->bias, net->residual && l > 0 ? x : NULL, rows,
                       layer->out);
}

static void output_forward(const mlp *net, const float *parameters, float *y, const float *x, size_t rows)
{
    const mlp_layer *layer = &net->layers[net->depth];
    multiply(layer, parameters, y, x, rows);
    bias_forward(y, parameters + layer->bias, rows, layer->out);
}

/* ---- forward without a tape ---- */

static size_t mlp_scratch_size(const network *self)
{
    const mlp *net = as_mlp(self);
    return TILE_ROWS * (net->features + 2 * net->width + self->task.outputs);
}

typedef struct forward_job {
    const mlp *net;
    const float *parameters;
    float *out;
    network_batch batch;
    float *memory; /* scratch of every slot, or the tape */
} forward_job;

/* Samples stand only in rows whose bits do not depend on the row. */
static void forward_tile(void *context, size_t tile, size_t slot)
{
    const forward_job *job = context;
    const mlp *net = job->net;
    const uniform_rows *places = uniform_rows_get();
    size_t outputs = net->base.task.outputs, first = tile * places->count;
    size_t samples = least(places->count, job->batch.n - first);
    float *features = job->memory + slot * mlp_scratch_size(&net->base);
    float *h = features + TILE_ROWS * net->features, *next = h + TILE_ROWS * net->width;
    float *out = next + TILE_ROWS * net->width;

    memset(features, 0, TILE_ROWS * net->features * sizeof *features);
    for (size_t i = 0; i < samples; i++)
        gather_features(net, features + places->row[i] * net->features, job->batch, first + i);
    hidden_forward(net, 0, job->parameters, h, NULL, features, TILE_ROWS);
    for (size_t l = 1; l < net->depth; l++) {
        hidden_forward(net, l, job->parameters, next, NULL, h, TILE_ROWS);
        float *swap = h;
        h = next;
        next = swap;
    }
    output_forward(net, job->parameters, out, h, TILE_ROWS);
    for (size_t i = 0; i < samples; i++)
        memcpy(job->out + (first + i) * outputs, out + places->row[i] * outputs, outputs * sizeof *out);
}

static void mlp_forward(const network *self, const float *parameters, float *out, network_batch batch, float *scratch)
{
    forward_job job = {as_mlp(self), parameters, out, batch, scratch};
    size_t samples = uniform_rows_get()->count;
    blas_parallel_for((batch.n + samples - 1) / samples, 2 * TILE_ROWS * self->size, forward_tile, &job);
}

/* ---- forward with a tape, and backward ---- */

/* The tape: features [n, features], then for each hidden layer its output [n, width] and slope [n, width]. */
static size_t mlp_tape_size(const network *self, size_t n)
{
    const mlp *net = as_mlp(self);
    return n * (net->features + 2 * net->depth * net->width);
}

static float *tape_output(const mlp *net, float *tape, size_t n, size_t l)
{
    return tape + n * (net->features + 2 * l * net->width);
}

static float *tape_slope(const mlp *net, float *tape, size_t n, size_t l)
{
    return tape_output(net, tape, n, l) + n * net->width;
}

/* What went into layer l: [n, in]. */
static float *tape_input(const mlp *net, float *tape, size_t n, size_t l)
{
    return l == 0 ? tape : tape_output(net, tape, n, l - 1);
}

static void forward_keep_tile(void *context, size_t tile, size_t slot)
{
    (void)slot;
    const forward_job *job = context;
    const mlp *net = job->net;
    size_t n = job->batch.n, first = tile * training_rows(n), rows = least(training_rows(n), n - first);
    for (size_t i = first; i < first + rows; i++)
        gather_features(net, job->memory + i * net->features, job->batch, i);
    for (size_t l = 0; l < net->depth; l++)
        hidden_forward(net, l, job->parameters, tape_output(net, job->memory, n, l) + first * net->width,
                       tape_slope(net, job->memory, n, l) + first * net->width,
                       tape_input(net, job->memory, n, l) + first * net->layers[l].in, rows);
    output_forward(net, job->parameters, job->out + first * net->base.task.outputs,
                   tape_output(net, job->memory, n, net->depth - 1) + first * net->width, rows);
}

static void mlp_forward_keep(const network *self, const float *parameters, float *out, network_batch batch, float *tape)
{
    forward_job job = {as_mlp(self), parameters, out, batch, tape};
    blas_parallel_for((batch.n + training_rows(batch.n) - 1) / training_rows(batch.n),
                      2 * training_rows(batch.n) * self->size, forward_keep_tile, &job);
}

typedef struct backward_job {
    const mlp *net;
    const float *parameters;
    float *gradient;
    const float *dout;
    size_t n;
    float *tape, *scratch;
} backward_job;

static size_t mlp_backward_scratch_size(const network *self, size_t n)
{
    return training_rows(n) * as_mlp(self)->width;
}

/* dx [rows, in] = dy [rows, out] weight, added to what dx holds if `add` */
static void multiply_backward(const mlp_layer *layer, const float *parameters, float *dx, const float *dy, size_t rows,
                              int add)
{
    blas_sgemm(0, 0, rows, layer->in, layer->out, 1.0f, dy, layer->out, parameters + layer->weight, layer->in,
               add ? 1.0f : 0.0f, dx, layer->in);
}

/* Leaves dz of every hidden layer where the tape had its slope. */
static void backward_tile(void *context, size_t tile, size_t slot)
{
    const backward_job *job = context;
    const mlp *net = job->net;
    size_t n = job->n, first = tile * training_rows(n), rows = least(training_rows(n), n - first);
    float *dh = job->scratch + slot * mlp_backward_scratch_size(&net->base, n); /* [rows, width] */
    multiply_backward(&net->layers[net->depth], job->parameters, dh, job->dout + first * net->base.task.outputs, rows,
                      0);
    for (size_t l = net->depth; l-- > 0;) {
        float *dz = tape_slope(net, job->tape, n, l) + first * net->width;
        activation_backward(dz, dh, dz, rows * net->width);
        if (l > 0)
            multiply_backward(&net->layers[l], job->parameters, dh, dz, rows, net->residual);
    }
}

/* One block of rows of one layer's weight gradient, over the whole batch in one product: nothing is summed across
 * tasks. */
static void gradient_block(void *context, size_t block, size_t slot)
{
    (void)slot;
    const backward_job *job = context;
    const mlp *net = job->net;
    size_t l = 0;
    for (; block >= gradient_tasks(&net->layers[l]); l++)
        block -= gradient_tasks(&net->layers[l]);
    const mlp_layer *layer = &net->layers[l];
    size_t first = block * gradient_rows(layer), last = least(first + gradient_rows(layer), layer->out);
    const float *dy = l == net->depth ? job->dout : tape_slope(net, job->tape, job->n, l);
    blas_sgemm(1, 0, last - first, layer->in, job->n, 1.0f, dy + first, layer->out,
               tape_input(net, job->tape, job->n, l), layer->in, 0.0f,
               job->gradient + layer->weight + first * layer->in, layer->in);
    bias_backward(job->gradient + layer->bias, dy, job->n, layer->out, first, last);
}

static void mlp_backward(const network *self, const float *parameters, float *gradient, const float *dout, size_t n,
                         float *tape, float *scratch)
{
    backward_job job = {as_mlp(self), parameters, gradient, dout, n, tape, scratch};
    blas_parallel_for((n + training_rows(n) - 1) / training_rows(n), 2 * training_rows(n) * self->size, backward_tile,
                      &job);
    blas_parallel_for(as_mlp(self)->blocks, 2 * n * self->size / as_mlp(self)->blocks, gradient_block, &job);
}

/* ---- making one ---- */

/* Normal weights that keep the variance through the layers (He et al. 2015; Glorot and Bengio 2010 for the saturating
 * non-linearities), no bias, and a last layer of zeros: training starts from an output of 0. */
static void mlp_initialise(const network *self, float *parameters, uint64_t seed)
{
    const mlp *net = as_mlp(self);
    memset(parameters, 0, self->size * sizeof *parameters);
    float gain = net->kind == ACTIVATION_SILU || net->kind == ACTIVATION_RELU ? 2.0f : 1.0f;
    for (size_t l = 0; l < net->depth; l++) {
        const mlp_layer *layer = &net->layers[l];
        rng_normal_float(parameters + layer->weight, layer->out * layer->in, (rng_stream){seed, RNG_PARAMETERS, l, 0});
        for (size_t i = 0; i < layer->out * layer->in; i++)
            parameters[layer->weight + i] *= sqrtf(gain / (float)layer->in);
    }
}

static void mlp_release(network *self)
{
    mlp *net = (mlp *)self;
    time_embedding_release(&net->embedding);
    memory_release(net->layers);
    memory_release(net);
}

static void add_layer(mlp *net, size_t l, size_t in, size_t out, const char *weight, const char *bias)
{
    net->layers[l] = (mlp_layer){in, out, net->base.size, net->base.size + in * out};
    network_add_parameter(&net->base, weight, l, 2, (const int64_t[]){(int64_t)out, (int64_t)in});
    network_add_parameter(&net->base, bias, l, 1, (const int64_t[]){(int64_t)out});
    net->blocks += gradient_tasks(&net->layers[l]);
}

diffusion_status mlp_create(network **out, const void *chosen, network_task task)
{
    static const network_class methods = {
        mlp_release, mlp_initialise,   mlp_scratch_size, mlp_tape_size, mlp_backward_scratch_size,
        mlp_forward, mlp_forward_keep, mlp_backward};
    const mlp_options *options = chosen;
    mlp *net = memory_allocate(1, sizeof *net);
    if (net == NULL)
        return DIFFUSION_E_MEMORY;
    net->base.methods = &methods;
    net->base.task = task;
    net->kind = (activation)options->activation;
    net->residual = options->residual;
    net->depth = (size_t)options->depth;
    net->width = (size_t)options->width;
    net->layers = memory_allocate(net->depth + 1, sizeof *net->layers);
    net->base.parameters = memory_allocate(2 * (net->depth + 1), sizeof *net->base.parameters);
    if (net->layers == NULL || net->base.parameters == NULL ||
        time_embedding_create(&net->embedding, ((size_t)options->time + 1) / 2 * 2) != DIFFUSION_OK) {
        network_free(&net->base);
        return DIFFUSION_E_MEMORY;
    }
    net->features = task.dim + 2 * net->embedding.half + task.classes;
    for (size_t l = 0; l < net->depth; l++)
        add_layer(net, l, l == 0 ? net->features : net->width, net->width, "hidden.%zu.weight", "hidden.%zu.bias");
    add_layer(net, net->depth, net->width, task.outputs, "output.weight", "output.bias");
    *out = &net->base;
    return DIFFUSION_OK;
}

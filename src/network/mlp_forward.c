/* The multi-layer perceptron without a tape. */
#include "base/size.h"
#include "base/threads.h"
#include "math/blas.h"
#include "math/small_product.h"
#include "math/uniform.h"
#include "network/mlp_layers.h"

#include <string.h>

enum { TILE_ROWS = UNIFORM_ROWS, OPERATIONS_PER_NANOSECOND = 64 };

void mlp_gather_features(const mlp *net, float *features, const float *alike, network_batch batch, size_t sample)
{
    const network_task *task = &net->base.task;
    float *time = features + task->dim, *label = time + 2 * net->embedding.half, *vector = label + task->classes;
    memcpy(features, batch.x + sample * task->dim, task->dim * sizeof *features);
    if (alike != NULL) /* as in sampling, where all samples are at one time */
        memcpy(time, alike + task->dim, 2 * net->embedding.half * sizeof *time);
    else
        time_embedding_row(&net->embedding, time, batch.time[sample]);
    memset(label, 0, (task->classes + task->vectors) * sizeof *features);
    if (task->classes > 0 && batch.labels != NULL && batch.labels[sample] >= 0)
        label[batch.labels[sample]] = 1.0f;
    if (task->vectors > 0 && batch.vectors != NULL)
        memcpy(vector, batch.vectors + sample * task->vectors, task->vectors * sizeof *features);
}

void mlp_hidden_forward(const mlp *net, size_t l, const float *parameters, const float *prepared, float *y,
                        float *slope, const float *x, size_t rows)
{
    const linear *layer = &net->layers[l];
    linear_multiply(layer, parameters, prepared, y, x, rows);
    activation_forward(net->kind, y, slope, y, parameters + layer->bias, net->residual && l > 0 ? x : NULL, rows,
                       layer->out);
}

static size_t slot_size(const mlp *net)
{
    return TILE_ROWS * (net->features + 2 * net->width + net->base.task.outputs);
}

size_t mlp_scratch_size(const network *self, size_t n, size_t threads)
{
    (void)n;
    return threads * slot_size((const mlp *)self);
}

size_t mlp_prepared_size(const network *self)
{
    return ((const mlp *)self)->prepared;
}

void mlp_prepare(const network *self, float *prepared, const float *parameters)
{
    const mlp *net = (const mlp *)self;
    for (size_t l = 0; l < net->linears && net->prepared > 0; l++) {
        const linear *layer = &net->layers[l];
        small_product_prepare(prepared + layer->prepared, parameters + layer->weight, layer->out, layer->in);
    }
}

/* With small weights the samples of a tile stand one after another, and nothing else does. By OpenBLAS a tile is always
 * a full one, filled up with zeros, and samples stand only in rows whose bits do not depend on the row. */
typedef struct forward_job {
    const mlp *net;
    const float *parameters, *prepared; /* prepared NULL: by OpenBLAS, */
    const uniform_rows *places;         /* in these rows */
    float *out;
    network_batch batch;
    float *scratch; /* of every slot */
} forward_job;

static size_t tile_samples(const forward_job *job)
{
    return job->prepared != NULL ? TILE_ROWS : job->places->count;
}

static size_t row_of(const forward_job *job, size_t sample)
{
    return job->prepared != NULL ? sample : job->places->row[sample];
}

static void output_tile(const forward_job *job, float *product, const float *h, size_t first, size_t samples)
{
    const mlp *net = job->net;
    const linear *layer = &net->layers[net->depth];
    size_t outputs = net->base.task.outputs;
    float *out = job->out + first * outputs;
    if (job->prepared != NULL) {
        linear_forward(layer, job->parameters, job->prepared, out, h, samples);
        return;
    }
    if (net->per_step.steps > 0) {
        readout_forward_tile(&net->per_step, job->parameters, out, product, h, job->batch.time + first, samples);
        return;
    }
    linear_forward(layer, job->parameters, NULL, product, h, TILE_ROWS);
    for (size_t i = 0; i < samples; i++)
        memcpy(out + i * outputs, product + row_of(job, i) * outputs, outputs * sizeof *out);
}

static void gather_tile(const forward_job *job, float *features, size_t first, size_t samples)
{
    const mlp *net = job->net;
    const float *before = NULL;
    if (job->prepared == NULL)
        memset(features, 0, TILE_ROWS * net->features * sizeof *features);
    for (size_t i = 0; i < samples; i++) {
        float *row = features + row_of(job, i) * net->features;
        const int alike = i > 0 && job->batch.time[first + i] == job->batch.time[first + i - 1];
        mlp_gather_features(net, row, alike ? before : NULL, job->batch, first + i);
        before = row;
    }
}

static void forward_tile(void *context, size_t tile, size_t slot)
{
    const forward_job *job = context;
    const mlp *net = job->net;
    size_t first = tile * tile_samples(job), samples = size_lesser(job->batch.n - first, tile_samples(job));
    size_t rows = job->prepared != NULL ? samples : TILE_ROWS;
    float *features = job->scratch + slot * slot_size(net);
    float *h = features + TILE_ROWS * net->features, *next = h + TILE_ROWS * net->width;
    float *product = next + TILE_ROWS * net->width;

    gather_tile(job, features, first, samples);
    mlp_hidden_forward(net, 0, job->parameters, job->prepared, h, NULL, features, rows);
    for (size_t l = 1; l < net->depth; l++) {
        mlp_hidden_forward(net, l, job->parameters, job->prepared, next, NULL, h, rows);
        float *swap = h;
        h = next;
        next = swap;
    }
    output_tile(job, product, h, first, samples);
}

void mlp_forward(const network *self, const float *parameters, const float *prepared, float *out, network_batch batch,
                 float *scratch)
{
    const mlp *net = (const mlp *)self;
    const size_t operations = 2 * TILE_ROWS * net->work;
    forward_job job = {net, parameters, prepared, NULL, out, batch, scratch};
    if (net->prepared > 0) {
        parallel_for(size_divide_up(batch.n, TILE_ROWS), operations / OPERATIONS_PER_NANOSECOND, forward_tile, &job);
        return;
    }
    job.prepared = NULL;
    job.places = uniform_rows_get();
    blas_parallel_for(size_divide_up(batch.n, job.places->count), operations, forward_tile, &job);
}

/* The multi-layer perceptron without a tape. */
#include "base/size.h"
#include "math/blas.h"
#include "math/uniform.h"
#include "network/mlp_layers.h"

#include <string.h>

enum { TILE_ROWS = UNIFORM_ROWS }; /* a tile is always a full one, filled up with zeros */

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

void mlp_hidden_forward(const mlp *net, size_t l, const float *parameters, float *y, float *slope, const float *x,
                        size_t rows)
{
    const linear *layer = &net->layers[l];
    linear_multiply(layer, parameters, y, x, rows);
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

typedef struct forward_job {
    const mlp *net;
    const float *parameters;
    float *out;
    network_batch batch;
    float *scratch; /* of every slot */
} forward_job;

static void output_tile(const forward_job *job, float *product, const float *h, size_t first, size_t samples)
{
    const mlp *net = job->net;
    const uniform_rows *places = uniform_rows_get();
    size_t outputs = net->base.task.outputs;
    float *out = job->out + first * outputs;
    if (net->per_step.steps > 0) {
        readout_forward_tile(&net->per_step, job->parameters, out, product, h, job->batch.time + first, samples);
        return;
    }
    linear_forward(&net->layers[net->depth], job->parameters, product, h, TILE_ROWS);
    for (size_t i = 0; i < samples; i++)
        memcpy(out + i * outputs, product + places->row[i] * outputs, outputs * sizeof *out);
}

/* Samples stand only in rows whose bits do not depend on the row. */
static void forward_tile(void *context, size_t tile, size_t slot)
{
    const forward_job *job = context;
    const mlp *net = job->net;
    const uniform_rows *places = uniform_rows_get();
    size_t first = tile * places->count, left = job->batch.n - first;
    size_t samples = size_lesser(left, places->count);
    float *features = job->scratch + slot * slot_size(net);
    float *h = features + TILE_ROWS * net->features, *next = h + TILE_ROWS * net->width;
    float *product = next + TILE_ROWS * net->width;

    memset(features, 0, TILE_ROWS * net->features * sizeof *features);
    const float *before = NULL;
    for (size_t i = 0; i < samples; i++) {
        float *row = features + places->row[i] * net->features;
        const int alike = i > 0 && job->batch.time[first + i] == job->batch.time[first + i - 1];
        mlp_gather_features(net, row, alike ? before : NULL, job->batch, first + i);
        before = row;
    }
    mlp_hidden_forward(net, 0, job->parameters, h, NULL, features, TILE_ROWS);
    for (size_t l = 1; l < net->depth; l++) {
        mlp_hidden_forward(net, l, job->parameters, next, NULL, h, TILE_ROWS);
        float *swap = h;
        h = next;
        next = swap;
    }
    output_tile(job, product, h, first, samples);
}

void mlp_forward(const network *self, const float *parameters, const float *prepared, float *out, network_batch batch,
                 float *scratch)
{
    (void)prepared;
    forward_job job = {(const mlp *)self, parameters, out, batch, scratch};
    size_t samples = uniform_rows_get()->count;
    blas_parallel_for(size_divide_up(batch.n, samples), 2 * TILE_ROWS * job.net->work, forward_tile, &job);
}

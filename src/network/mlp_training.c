/* The multi-layer perceptron with a tape, and backward.
 *
 * The tape: features [n, features], then for each hidden layer its output [n, width] and slope [n, width], then the
 * read-out's part. With weights for every step the tape's rows stand in the order of their steps. */
#include "base/size.h"
#include "math/blas.h"
#include "network/mlp_layers.h"

#include <string.h>

/* Rows of a training tile: four tiles to share out, two of a small batch. OpenBLAS packs the weights anew for every
 * product, so a tile must have enough rows to pay for that. */
static size_t training_rows(size_t n)
{
    size_t rows = n < 1024 ? n / 2 : n / 4;
    rows = size_round_up(rows, 16);
    return rows < 128 ? 128 : rows > 512 ? 512 : rows;
}

static size_t training_tiles(size_t n)
{
    return size_divide_up(n, training_rows(n));
}

static size_t tile_end(size_t n, size_t tile)
{
    size_t end = (tile + 1) * training_rows(n);
    return size_lesser(end, n);
}

/* ---- the tape ---- */

static size_t layers_size(const mlp *net, size_t n)
{
    return n * (net->features + 2 * net->depth * net->width);
}

size_t mlp_tape_size(const network *self, size_t n)
{
    const mlp *net = (const mlp *)self;
    return layers_size(net, n) + (net->per_step.steps > 0 ? readout_tape_size(&net->per_step, n) : 0);
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

static readout_batch tape_readout(const mlp *net, float *tape, size_t n)
{
    return readout_batch_at(&net->per_step, tape + layers_size(net, n), n);
}

/* ---- forward ---- */

typedef struct keep_job {
    const mlp *net;
    const float *parameters;
    float *out;
    network_batch batch;
    float *tape;
    readout_batch sorted;
} keep_job;

static void keep_output(const keep_job *job, const float *h, size_t first, size_t end)
{
    const mlp *net = job->net;
    if (net->per_step.steps > 0)
        readout_forward(&net->per_step, job->parameters, job->out, &job->sorted, h, first, end);
    else
        linear_forward(&net->layers[net->depth], job->parameters, NULL, job->out + first * net->base.task.outputs,
                       h + first * net->width, end - first);
}

static void keep_tile(void *context, size_t tile, size_t slot)
{
    (void)slot;
    const keep_job *job = context;
    const mlp *net = job->net;
    size_t n = job->batch.n, first = tile * training_rows(n), end = tile_end(n, tile);
    for (size_t i = first; i < end; i++)
        mlp_gather_features(net, job->tape + i * net->features, NULL, job->batch,
                            net->per_step.steps > 0 ? (size_t)job->sorted.sample[i] : i);
    for (size_t l = 0; l < net->depth; l++)
        mlp_hidden_forward(net, l, job->parameters, NULL, tape_output(net, job->tape, n, l) + first * net->width,
                           tape_slope(net, job->tape, n, l) + first * net->width,
                           tape_input(net, job->tape, n, l) + first * net->layers[l].in, end - first);
    keep_output(job, tape_output(net, job->tape, n, net->depth - 1), first, end);
}

void mlp_forward_keep(const network *self, const float *parameters, float *out, network_batch batch, float *tape,
                      float *scratch)
{
    (void)scratch;
    const mlp *net = (const mlp *)self;
    keep_job job = {net, parameters, out, batch, tape, tape_readout(net, tape, batch.n)};
    if (net->per_step.steps > 0)
        readout_sort(&net->per_step, &job.sorted, batch.time);
    blas_parallel_for(training_tiles(batch.n), 2 * training_rows(batch.n) * net->work, keep_tile, &job);
}

/* ---- backward ---- */

typedef struct backward_job {
    const mlp *net;
    const float *parameters;
    float *gradient, *dx;
    const float *dout;
    size_t n;
    float *tape, *scratch;
    readout_batch sorted;
} backward_job;

static size_t slot_size(const mlp *net, size_t n)
{
    size_t dim = net->base.task.dim;
    return training_rows(n) * (net->width > dim ? net->width : dim);
}

size_t mlp_training_scratch_size(const network *self, size_t n, size_t threads)
{
    return threads * slot_size((const mlp *)self, n);
}

/* dx of rows first..end-1 from dz of the first layer; dx_rows [rows, dim] is scratch, for the rows may be sorted. */
static void input_backward(const backward_job *job, float *dx_rows, const float *dz, size_t first, size_t end)
{
    const mlp *net = job->net;
    size_t dim = net->base.task.dim;
    blas_sgemm(0, 0, end - first, dim, net->width, 1.0f, dz, net->width, job->parameters + net->layers[0].weight,
               net->layers[0].in, 0.0f, dx_rows, dim);
    for (size_t i = first; i < end; i++)
        memcpy(job->dx + (net->per_step.steps > 0 ? (size_t)job->sorted.sample[i] : i) * dim,
               dx_rows + (i - first) * dim, dim * sizeof *dx_rows);
}

static void output_backward(const backward_job *job, float *dh, size_t first, size_t end)
{
    const mlp *net = job->net;
    if (net->per_step.steps > 0)
        readout_backward(&net->per_step, job->parameters, dh, &job->sorted, job->dout, first, end);
    else
        linear_backward(&net->layers[net->depth], job->parameters, dh, job->dout + first * net->base.task.outputs,
                        end - first, 0);
}

/* Leaves dz of every hidden layer where the tape had its slope. */
static void backward_tile(void *context, size_t tile, size_t slot)
{
    const backward_job *job = context;
    const mlp *net = job->net;
    size_t n = job->n, first = tile * training_rows(n), end = tile_end(n, tile);
    float *dh = job->scratch + slot * slot_size(net, n); /* [rows, width] */
    output_backward(job, dh, first, end);
    for (size_t l = net->depth; l-- > 0;) {
        float *dz = tape_slope(net, job->tape, n, l) + first * net->width;
        activation_backward(dz, dh, dz, (end - first) * net->width);
        if (l > 0)
            linear_backward(&net->layers[l], job->parameters, dh, dz, end - first, net->residual);
        else if (job->dx != NULL)
            input_backward(job, dh, dz, first, end);
    }
}

static void gradient_task(void *context, size_t task, size_t slot)
{
    (void)slot;
    const backward_job *job = context;
    const mlp *net = job->net;
    size_t l = 0;
    for (; task >= linear_gradient_tasks(&net->layers[l]); l++)
        task -= linear_gradient_tasks(&net->layers[l]);
    const float *dy = l == net->depth ? job->dout : tape_slope(net, job->tape, job->n, l);
    linear_gradient(&net->layers[l], job->gradient, dy, tape_input(net, job->tape, job->n, l), job->n, task);
}

void mlp_backward(const network *self, const float *parameters, float *gradient, float *dx, const float *dout, size_t n,
                  float *tape, float *scratch)
{
    const mlp *net = (const mlp *)self;
    backward_job job = {net, parameters, gradient, dx, dout, n, tape, scratch, tape_readout(net, tape, n)};
    blas_parallel_for(training_tiles(n), 2 * training_rows(n) * net->work, backward_tile, &job);
    if (gradient == NULL)
        return;
    blas_parallel_for(net->gradients, 2 * n * net->work / net->gradients, gradient_task, &job);
    if (net->per_step.steps > 0)
        readout_gradient(&net->per_step, gradient, &job.sorted, tape_output(net, tape, n, net->depth - 1));
}

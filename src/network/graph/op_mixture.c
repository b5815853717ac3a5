/* A 1x1 convolution with weights of each image's own, W = sum_j by_j W_j. The output is linear in them, so the weights
 * are mixed rather than the outputs of all: as many times fewer products. */
#include "math/activation.h"
#include "math/blas.h"
#include "network/graph/run.h"

#include <string.h>

static const graph_op_class graph_op_mixture; /* below */

void graph_mix(graph *self, graph_value x, graph_value by, graph_value y, size_t weight, size_t bias)
{
    graph_op *op = graph_add_op(self, &graph_op_mixture, x, y);
    op->from[GRAPH_IMAGE] = by;
    op->weight = weight;
    op->bias = bias;
}

static size_t weight_size(const graph_op *op)
{
    return op->y.channels * op->from[GRAPH_X].channels;
}

/* Floats of one mixture: weights [out, in], then bias [out]. */
static size_t mixture_size(const graph_op *op)
{
    return weight_size(op) + op->y.channels;
}

/* A mixture of each slot's; in training then the gradients of all images' mixtures. */
static size_t scratch_size(const graph_op *op, size_t n, size_t threads, int training)
{
    return (threads + (training ? n : 0)) * mixture_size(op);
}

typedef struct mixture_job {
    const graph_run *run;
    const graph_op *op;
    const float *x;
    const float *by;
    float *y;
    graph_target dx, dby; /* of the backward pass */
    const float *dy;
    float *dmixtures; /* [n, mixture] */
    size_t stride_x, stride_by, stride_y;
} mixture_job;

static mixture_job job_of(const graph_run *run, const graph_op *op)
{
    const graph_value *x = &op->from[GRAPH_X], *by = &op->from[GRAPH_IMAGE];
    return (mixture_job){.run = run,
                         .op = op,
                         .x = graph_at(run, x),
                         .by = graph_at(run, by),
                         .stride_x = graph_stride(run, x),
                         .stride_by = graph_stride(run, by),
                         .stride_y = graph_stride(run, &op->y)};
}

/* to [1, size] = by [1, count] from [count, size] */
static void mix(const mixture_job *job, float *to, const float *by, const float *from, size_t size)
{
    size_t count = job->op->from[GRAPH_IMAGE].channels;
    blas_sgemm(0, 0, 1, size, count, 1.0f, by, count, from, size, 0.0f, to, size);
}

static float *mixture_of(const mixture_job *job, size_t image, size_t slot)
{
    const graph_op *op = job->op;
    float *mixture = job->run->scratch + slot * mixture_size(op);
    const float *by = job->by + image * job->stride_by;
    mix(job, mixture, by, job->run->parameters + op->weight, weight_size(op));
    mix(job, mixture + weight_size(op), by, job->run->parameters + op->bias, op->y.channels);
    return mixture;
}

static void forward_image(void *context, size_t image, size_t slot)
{
    const mixture_job *job = context;
    const graph_op *op = job->op;
    size_t pixels = graph_pixels(&op->y), in = op->from[GRAPH_X].channels, out = op->y.channels;
    const float *mixture = mixture_of(job, image, slot);
    float *y = job->y + image * pixels * job->stride_y;
    for (size_t i = 0; i < pixels; i++)
        memcpy(y + i * job->stride_y, mixture + weight_size(op), out * sizeof *y);
    blas_sgemm(0, 1, pixels, out, in, 1.0f, job->x + image * pixels * job->stride_x, job->stride_x, mixture, in, 1.0f,
               y, job->stride_y);
}

static size_t operations(const graph_op *op)
{
    return 2 * weight_size(op) * (graph_pixels(&op->y) + op->from[GRAPH_IMAGE].channels);
}

static void forward(const graph_run *run, const graph_op *op)
{
    mixture_job job = job_of(run, op);
    job.y = graph_at(run, &op->y);
    blas_parallel_for(run->n, operations(op), forward_image, &job);
}

/* dx, and the gradient of this image's mixture, and what that says of its coefficients. */
static void backward_image(void *context, size_t image, size_t slot)
{
    const mixture_job *job = context;
    const graph_op *op = job->op;
    size_t pixels = graph_pixels(&op->y), in = op->from[GRAPH_X].channels, out = op->y.channels;
    const float *mixture = mixture_of(job, image, slot), *x = job->x + image * pixels * job->stride_x;
    const float *dy = job->dy + image * pixels * job->stride_y;
    float *dmixture = job->dmixtures + image * mixture_size(op), *dbias = dmixture + weight_size(op);
    if (job->dx.at != NULL)
        blas_sgemm(0, 0, pixels, in, out, 1.0f, dy, job->stride_y, mixture, in, job->dx.add ? 1.0f : 0.0f,
                   job->dx.at + image * pixels * job->dx.stride, job->dx.stride);
    blas_sgemm(1, 0, out, in, pixels, 1.0f, dy, job->stride_y, x, job->stride_x, 0.0f, dmixture, in);
    memset(dbias, 0, out * sizeof *dbias);
    for (size_t i = 0; i < pixels; i++)
        bias_accumulate(dbias, dy + i * job->stride_y, 1, out);
    if (job->dby.at == NULL)
        return;
    size_t count = op->from[GRAPH_IMAGE].channels;
    float *dby = job->dby.at + image * job->dby.stride;
    blas_sgemm(0, 1, 1, count, weight_size(op), 1.0f, dmixture, weight_size(op), job->run->parameters + op->weight,
               weight_size(op), job->dby.add ? 1.0f : 0.0f, dby, count);
    blas_sgemm(0, 1, 1, count, out, 1.0f, dbias, out, job->run->parameters + op->bias, out, 1.0f, dby, count);
}

/* The gradient of one W_j is the sum over images of by_j times that of their mixture. */
static void gradient_task(void *context, size_t j, size_t slot)
{
    (void)slot;
    const mixture_job *job = context;
    const graph_op *op = job->op;
    size_t size = mixture_size(op), weights = weight_size(op), n = job->run->n;
    float *dweight = job->run->gradient + op->weight + j * weights;
    float *dbias = job->run->gradient + op->bias + j * op->y.channels;
    blas_sgemm(1, 0, 1, weights, n, 1.0f, job->by + j, job->stride_by, job->dmixtures, size, 0.0f, dweight, weights);
    blas_sgemm(1, 0, 1, op->y.channels, n, 1.0f, job->by + j, job->stride_by, job->dmixtures + weights, size, 0.0f,
               dbias, op->y.channels);
}

static void backward(const graph_run *run, const graph_op *op)
{
    size_t count = op->from[GRAPH_IMAGE].channels;
    mixture_job job = job_of(run, op);
    job.dy = graph_gradient_at(run, &op->y);
    job.dx = graph_target_open(run, op, GRAPH_X);
    job.dby = graph_target_open(run, op, GRAPH_IMAGE);
    job.dmixtures = run->scratch + threads_count() * mixture_size(op);
    blas_parallel_for(run->n, 2 * operations(op), backward_image, &job);
    if (run->gradient != NULL)
        blas_parallel_for(count, 2 * run->n * mixture_size(op), gradient_task, &job);
}

static const graph_op_class graph_op_mixture = {.reads = 1u << GRAPH_X | 1u << GRAPH_IMAGE,
                                                .adds = 1u << GRAPH_X | 1u << GRAPH_IMAGE,
                                                .scratch_size = scratch_size,
                                                .forward = forward,
                                                .backward = backward};

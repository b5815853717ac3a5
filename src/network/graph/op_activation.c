/* y = f(x + bias). The slopes are kept beside y. */
#include "base/threads.h"
#include "math/pixels.h"
#include "network/graph/run.h"

static const graph_op_class graph_op_activation; /* below */

enum { PIXELS = 64 /* of a task */ };

static activation function_of(const graph_op *op)
{
    return *(const activation *)(const void *)&op->own;
}

void graph_activate(graph *self, graph_value x, graph_value y, activation kind, size_t bias)
{
    graph_op *op = graph_add_op(self, &graph_op_activation, x, y);
    *(activation *)(void *)&op->own = kind;
    op->bias = bias;
    self->buffers[y.buffer].sloped = 1;
}

static size_t scratch_size(const graph_op *op, size_t n, size_t threads, int training)
{
    (void)threads;
    return training ? pixels_total_scratch_size(n * graph_pixels(&op->y), op->y.channels) : 0;
}

typedef struct activation_job {
    activation function;
    const float *bias;
    size_t pixels, channels;
    float *to;
    size_t stride_to;
    const float *from;
    size_t stride_from;
    float *slopes;
    size_t stride_slopes;
} activation_job;

static void forward_task(void *context, size_t task, size_t slot)
{
    (void)slot;
    const activation_job *job = context;
    size_t first = task * PIXELS, end = size_lesser(first + PIXELS, job->pixels);
    if (job->stride_to == job->channels && job->stride_from == job->channels)
        activation_forward(job->function, job->to + first * job->channels,
                           job->slopes != NULL ? job->slopes + first * job->channels : NULL,
                           job->from + first * job->channels, job->bias, NULL, end - first, job->channels);
    else
        for (size_t i = first; i < end; i++)
            activation_forward(job->function, job->to + i * job->stride_to,
                               job->slopes != NULL ? job->slopes + i * job->stride_slopes : NULL,
                               job->from + i * job->stride_from, job->bias, NULL, 1, job->channels);
}

static void forward(const graph_run *run, const graph_op *op)
{
    const graph_value *x = &op->from[GRAPH_X];
    size_t stride = graph_stride(run, &op->y);
    activation_job job = {function_of(op),
                          run->parameters + op->bias,
                          run->n * graph_pixels(&op->y),
                          op->y.channels,
                          graph_at(run, &op->y),
                          stride,
                          graph_at(run, x),
                          graph_stride(run, x),
                          graph_slopes_at(run, &op->y),
                          stride};
    parallel_for(size_divide_up(job.pixels, PIXELS), PIXELS * job.channels, forward_task, &job);
}

static void backward_task(void *context, size_t task, size_t slot)
{
    (void)slot;
    const activation_job *job = context;
    size_t first = task * PIXELS, end = size_lesser(first + PIXELS, job->pixels);
    for (size_t i = first; i < end; i++)
        activation_backward(job->to + i * job->stride_to, job->from + i * job->stride_from,
                            job->slopes + i * job->stride_slopes, job->channels);
}

/* Where dx is not wanted, what it would be takes the place of dy. */
static void backward(const graph_run *run, const graph_op *op)
{
    graph_target dx = graph_target_open(run, op, GRAPH_X);
    float *dy = graph_gradient_at(run, &op->y), *dbias = graph_parameter_gradient(run, op->bias);
    size_t stride = graph_stride(run, &op->y);
    activation_job job = {.pixels = run->n * graph_pixels(&op->y),
                          .channels = op->y.channels,
                          .to = dx.at != NULL ? dx.at : dy,
                          .stride_to = dx.at != NULL ? dx.stride : stride,
                          .from = dy,
                          .stride_from = stride,
                          .slopes = graph_slopes_at(run, &op->y),
                          .stride_slopes = stride};
    parallel_for(size_divide_up(job.pixels, PIXELS), PIXELS * job.channels / 8, backward_task, &job);
    if (dbias != NULL)
        pixels_total(dbias, job.to, job.stride_to, job.pixels, job.channels, run->scratch);
    graph_target_close(run, op, GRAPH_X, &dx);
}

static const graph_op_class graph_op_activation = {
    .scratch_size = scratch_size, .forward = forward, .backward = backward};

/* Images twice as large, each pixel four times. The backward pass sums the four. */
#include "base/threads.h"
#include "math/pool.h"
#include "network/graph/run.h"

static const graph_op_class graph_op_enlarge; /* below */

void graph_enlarge(graph *self, graph_value x, graph_value y)
{
    graph_add_op(self, &graph_op_enlarge, x, y);
    self->buffers[y.buffer].remade = 1;
}

typedef struct image_job {
    const graph_value *x;
    float *to;
    const float *from;
} image_job;

static void forward_image(void *context, size_t image, size_t slot)
{
    (void)slot;
    const image_job *job = context;
    size_t size = graph_pixels(job->x) * job->x->channels;
    pool_repeat(job->to + 4 * image * size, job->from + image * size, job->x->height, job->x->width, job->x->channels);
}

static void forward(const graph_run *run, const graph_op *op)
{
    const graph_value *x = &op->from[GRAPH_X];
    image_job job = {x, graph_at(run, &op->y), graph_at(run, x)};
    parallel_for(run->n, graph_pixels(&op->y) * x->channels / 8, forward_image, &job);
}

static void backward_image(void *context, size_t image, size_t slot)
{
    (void)slot;
    const image_job *job = context;
    const graph_value *x = job->x;
    size_t size = graph_pixels(x) * x->channels;
    pool_forward(job->to + image * size, job->from + 4 * image * size, 1.0f, 2 * x->height, 2 * x->width, x->channels);
}

static void backward(const graph_run *run, const graph_op *op)
{
    graph_target dx = graph_target_open(run, op, GRAPH_X);
    image_job job = {&op->from[GRAPH_X], dx.at, graph_gradient_at(run, &op->y)};
    if (dx.at != NULL)
        parallel_for(run->n, graph_pixels(&op->y) * op->y.channels / 8, backward_image, &job);
    graph_target_close(run, op, GRAPH_X, &dx);
}

static const graph_op_class graph_op_enlarge = {
    .whole = 1u << GRAPH_X | 1u << GRAPH_Y, .forward = forward, .backward = backward};

/* Images half as large, means of four pixels. The backward pass gives a quarter to each. */
#include "base/threads.h"
#include "math/pool.h"
#include "network/graph/run.h"

#include <string.h>

static const graph_op_class graph_op_halve; /* below */

void graph_halve(graph *self, graph_value x, graph_value y)
{
    graph_add_op(self, &graph_op_halve, x, y);
}

typedef struct image_job {
    const graph_value *x;
    float *to;
    const float *from;
    int add;
} image_job;

static void forward_image(void *context, size_t image, size_t slot)
{
    (void)slot;
    const image_job *job = context;
    const graph_value *x = job->x;
    size_t size = graph_pixels(x) * x->channels;
    pool_forward(job->to + image * size / 4, job->from + image * size, 0.25f, x->height, x->width, x->channels);
}

static void forward(const graph_run *run, const graph_op *op)
{
    const graph_value *x = &op->from[GRAPH_X];
    image_job job = {x, graph_at(run, &op->y), graph_at(run, x), 0};
    parallel_for(run->n, graph_pixels(x) * x->channels / 8, forward_image, &job);
}

static void backward_image(void *context, size_t image, size_t slot)
{
    (void)slot;
    const image_job *job = context;
    const graph_value *x = job->x;
    size_t size = graph_pixels(x) * x->channels;
    float *dx = job->to + image * size;
    if (!job->add)
        memset(dx, 0, size * sizeof *dx);
    pool_upsample(dx, job->from + image * size / 4, 0.25f, x->height, x->width, x->channels);
}

static void backward(const graph_run *run, const graph_op *op)
{
    const graph_value *x = &op->from[GRAPH_X];
    graph_target dx = graph_target_open(run, op, GRAPH_X);
    image_job job = {x, dx.at, graph_gradient_at(run, &op->y), dx.add};
    if (dx.at != NULL)
        parallel_for(run->n, graph_pixels(x) * x->channels / 8, backward_image, &job);
}

static const graph_op_class graph_op_halve = {
    .adds = 1u << GRAPH_X, .whole = 1u << GRAPH_X | 1u << GRAPH_Y, .forward = forward, .backward = backward};

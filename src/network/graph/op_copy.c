/* A value copied to other columns, or into another shape. */
#include "math/pixels.h"
#include "network/graph/run.h"

static const graph_op_class graph_op_copy; /* below */

/* x has no gaps, so its rows are as long as y's pixels are wide. */
void graph_copy(graph *self, graph_value x, graph_value y)
{
    graph_add_op(self, &graph_op_copy, x, y);
}

static void forward(const graph_run *run, const graph_op *op)
{
    pixels_copy(graph_at(run, &op->y), graph_stride(run, &op->y), graph_at(run, &op->from[GRAPH_X]), op->y.channels,
                run->n, graph_pixels(&op->y), op->y.channels);
}

static void backward(const graph_run *run, const graph_op *op)
{
    graph_target dx = graph_target_open(run, op, GRAPH_X);
    if (dx.at != NULL)
        (dx.add ? pixels_add : pixels_copy)(dx.at, op->y.channels, graph_gradient_at(run, &op->y),
                                            graph_stride(run, &op->y), run->n, graph_pixels(&op->y), op->y.channels);
}

static const graph_op_class graph_op_copy = {
    .adds = 1u << GRAPH_X, .whole = 1u << GRAPH_X, .forward = forward, .backward = backward};

/* Self-attention among the pixels of an image. */
#include "math/attention.h"
#include "network/graph/run.h"

static const graph_op_class graph_op_attention; /* below */

GRAPH_OWN(attention);

static const attention *shape_of(const graph_op *op)
{
    return (const attention *)(const void *)&op->own;
}

void graph_attend(graph *self, graph_value x, graph_value y, size_t heads)
{
    graph_op *op = graph_add_op(self, &graph_op_attention, x, y);
    *(attention *)(void *)&op->own = (attention){graph_pixels(&y), y.channels, heads};
}

static size_t scratch_size(const graph_op *op, size_t n, size_t threads, int training)
{
    (void)n, (void)training;
    return attention_scratch_size(shape_of(op), threads);
}

static void forward(const graph_run *run, const graph_op *op)
{
    attention_forward(shape_of(op), graph_at(run, &op->y), graph_at(run, &op->from[GRAPH_X]), run->n, run->scratch);
}

static void backward(const graph_run *run, const graph_op *op)
{
    graph_target dx = graph_target_open(run, op, GRAPH_X);
    if (dx.at != NULL)
        attention_backward(shape_of(op), dx.at, graph_gradient_at(run, &op->y), graph_at(run, &op->from[GRAPH_X]),
                           run->n, run->scratch);
    graph_target_close(run, op, GRAPH_X, &dx);
}

static const graph_op_class graph_op_attention = {.reads = 1u << GRAPH_X,
                                                  .scratch_size = scratch_size,
                                                  .whole = 1u << GRAPH_X | 1u << GRAPH_Y,
                                                  .forward = forward,
                                                  .backward = backward};

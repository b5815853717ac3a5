/* Bumps over the time. */
#include "network/bumps.h"
#include "network/graph/run.h"

static const graph_op_class graph_op_bumps; /* below */

void graph_bump_time(graph *self, graph_value y, size_t steps)
{
    graph_op *op = graph_add_op(self, &graph_op_bumps, (graph_value){.channels = 0}, y);
    *(size_t *)(void *)&op->own = steps;
}

static void forward(const graph_run *run, const graph_op *op)
{
    size_t steps = *(const size_t *)(const void *)&op->own;
    float *y = graph_at(run, &op->y);
    for (size_t i = 0; i < run->n; i++)
        bumps_at(y + i * graph_stride(run, &op->y), op->y.channels, steps, run->batch.time[i]);
}

static const graph_op_class graph_op_bumps = {.forward = forward};

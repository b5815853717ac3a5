/* What samples are conditioned on, as features: the one-hot label, then the vector. */
#include "network/graph/run.h"

#include <string.h>

static const graph_op_class graph_op_condition; /* below */

void graph_condition(graph *self, graph_value y, size_t classes)
{
    graph_op *op = graph_add_op(self, &graph_op_condition, (graph_value){.channels = 0}, y);
    *(size_t *)(void *)&op->own = classes;
    self->vectors = y.channels - classes;
}

static void forward(const graph_run *run, const graph_op *op)
{
    const network_batch *batch = &run->batch;
    size_t classes = *(const size_t *)(const void *)&op->own, vectors = op->y.channels - classes;
    float *y = graph_at(run, &op->y);
    for (size_t i = 0; i < run->n; i++, y += graph_stride(run, &op->y)) {
        memset(y, 0, op->y.channels * sizeof *y);
        if (classes > 0 && batch->labels != NULL && batch->labels[i] >= 0)
            y[batch->labels[i]] = 1.0f;
        if (vectors > 0 && batch->vectors != NULL)
            memcpy(y + classes, batch->vectors + i * vectors, vectors * sizeof *y);
    }
}

static const graph_op_class graph_op_condition = {.forward = forward};

/* y += a table's row for the label. */
#include "math/activation.h"
#include "network/graph/run.h"

#include <string.h>

static const graph_op_class graph_op_label; /* below */

void graph_add_label(graph *self, graph_value y, size_t weight, size_t classes)
{
    graph_op *op = graph_add_op(self, &graph_op_label, y, y); /* in place */
    *(size_t *)(void *)&op->own = classes;
    op->weight = weight;
}

static void forward(const graph_run *run, const graph_op *op)
{
    const int32_t *labels = run->batch.labels;
    const float *rows = run->parameters + op->weight;
    float *y = graph_at(run, &op->y);
    for (size_t i = 0; labels != NULL && i < run->n; i++)
        if (labels[i] >= 0)
            bias_forward(y + i * graph_stride(run, &op->y), rows + (size_t)labels[i] * op->y.channels, 1,
                         op->y.channels);
}

static void backward(const graph_run *run, const graph_op *op)
{
    size_t classes = *(const size_t *)(const void *)&op->own, channels = op->y.channels;
    const int32_t *labels = run->batch.labels;
    const float *dy = graph_gradient_at(run, &op->y);
    float *drows = graph_parameter_gradient(run, op->weight);
    if (drows == NULL)
        return;
    memset(drows, 0, classes * channels * sizeof *drows);
    for (size_t i = 0; i < run->n; i++)
        if (labels[i] >= 0)
            bias_accumulate(drows + (size_t)labels[i] * channels, dy + i * graph_stride(run, &op->y), 1, channels);
}

static const graph_op_class graph_op_label = {.forward = forward, .backward = backward};

#include "network/graph/run.h"

#include "math/pixels.h"

/* ---- where things stand ---- */

static float *place(const graph_run *run, graph_place where, size_t column)
{
    return run->arena[where.arena] + where.offset * run->n + column;
}

float *graph_at(const graph_run *run, const graph_value *value)
{
    const graph_buffer *of = &run->graph->buffers[value->buffer];
    graph_place where = run->stage == GRAPH_SAMPLING  ? of->sampling
                        : run->stage == GRAPH_KEEPING ? of->keeping
                                                      : of->again;
    return place(run, where, value->column);
}

size_t graph_stride(const graph_run *run, const graph_value *value)
{
    return run->graph->buffers[value->buffer].stride;
}

static unsigned wanted(const graph_run *run)
{
    return (run->gradient != NULL ? GRAPH_ON_PARAMETERS : 0u) | (run->dx != NULL ? GRAPH_ON_INPUT : 0u);
}

float *graph_gradient_at(const graph_run *run, const graph_value *value)
{
    const graph_buffer *of = &run->graph->buffers[value->buffer];
    if ((of->depends & wanted(run)) == 0)
        return NULL;
    return value->buffer == GRAPH_INPUT ? run->dx + value->column : place(run, of->gradient, value->column);
}

float *graph_slopes_at(const graph_run *run, const graph_value *value)
{
    const graph_buffer *of = &run->graph->buffers[value->buffer];
    int made = of->sloped && (run->stage == GRAPH_REMAKING || (run->stage == GRAPH_KEEPING && !of->remade));
    return made ? place(run, of->slopes, value->column) : NULL;
}

float *graph_kept_at(const graph_run *run, const graph_op *op)
{
    return run->kept != NULL ? run->kept + op->kept * run->n : NULL;
}

float *graph_parameter_gradient(const graph_run *run, size_t offset)
{
    return run->gradient != NULL && offset != GRAPH_NONE ? run->gradient + offset : NULL;
}

/* ---- gradients of operands ---- */

graph_target graph_target_open(const graph_run *run, const graph_op *op, graph_operand operand)
{
    const graph_value *to = &op->from[operand];
    float *at = graph_is_value(to) && !graph_is_in_place(op, operand) ? graph_gradient_at(run, to) : NULL;
    if (at != NULL && op->adds[operand] && !(op->methods->adds >> operand & 1))
        return (graph_target){run->aside, to->channels, 0};
    return (graph_target){at, graph_stride(run, to), op->adds[operand]};
}

void graph_target_close(const graph_run *run, const graph_op *op, graph_operand operand, const graph_target *target)
{
    const graph_value *to = &op->from[operand];
    if (target->at != NULL && target->at == run->aside)
        pixels_add(graph_gradient_at(run, to), graph_stride(run, to), run->aside, to->channels, run->n,
                   graph_pixels(to), to->channels);
}

void graph_pass_gradient(const graph_run *run, const graph_op *op, graph_operand operand)
{
    graph_target to = graph_target_open(run, op, operand);
    if (to.at == NULL)
        return;
    (to.add ? pixels_add : pixels_copy)(to.at, to.stride, graph_gradient_at(run, &op->y), graph_stride(run, &op->y),
                                        run->n, graph_pixels(&op->y), op->y.channels);
    graph_target_close(run, op, operand, &to);
}

/* ---- the output ---- */

void graph_split(const graph_run *run, float *parts, float *pixels, int back)
{
    const graph *self = run->graph;
    size_t count = graph_pixels(&self->out), channels = self->out.channels / self->parts;
    size_t stride = graph_stride(run, &self->out);
    for (size_t i = 0; i < run->n; i++)
        for (size_t part = 0; part < self->parts; part++) {
            float *in_part = parts + (i * self->parts + part) * count * channels;
            float *in_pixels = pixels + i * count * stride + part * channels;
            if (back)
                pixels_copy(in_pixels, stride, in_part, channels, 1, count, channels);
            else
                pixels_copy(in_part, channels, in_pixels, stride, 1, count, channels);
        }
}

/* ---- memory of the kernels ---- */

size_t graph_kernel_scratch(const graph *self, size_t n, size_t threads, int training)
{
    size_t size = 0;
    for (size_t i = 0; i < self->op_count; i++) {
        const graph_op *op = &self->ops[i];
        const graph_op_class *class = op->methods;
        if (class->scratch_size != NULL)
            size = size_greater(size, class->scratch_size(op, n, threads, training));
    }
    return size;
}

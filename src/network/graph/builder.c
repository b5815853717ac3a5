#include "base/error.h"
#include "base/memory.h"
#include "network/graph/op.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Room for one more entry, unless building has failed. */
static void *reserve(graph *self, void *entries, size_t count, size_t *capacity, size_t size)
{
    void *grown = self->status == DIFFUSION_OK ? memory_grow(entries, count, capacity, size) : entries;
    if (grown == NULL)
        self->status = DIFFUSION_E_MEMORY;
    return grown != NULL ? grown : entries;
}

/* ---- values ---- */

diffusion_status graph_create(graph **out, size_t height, size_t width, size_t channels)
{
    graph *self = memory_allocate(1, sizeof *self);
    if (self == NULL)
        return DIFFUSION_E_MEMORY;
    self->in = graph_new_value(self, height, width, channels); /* GRAPH_INPUT */
    if (self->status != DIFFUSION_OK) {
        graph_free(self);
        return DIFFUSION_E_MEMORY;
    }
    *out = self;
    return DIFFUSION_OK;
}

void graph_free(graph *self)
{
    if (self == NULL)
        return;
    memory_release(self->ops);
    memory_release(self->buffers);
    memory_release(self);
}

graph_value graph_input(const graph *self)
{
    return self->in;
}

graph_value graph_new_value(graph *self, size_t height, size_t width, size_t channels)
{
    self->buffers = reserve(self, self->buffers, self->buffer_count, &self->buffer_capacity, sizeof *self->buffers);
    if (self->status != DIFFUSION_OK)
        return (graph_value){0, 0, height, width, channels};
    self->buffers[self->buffer_count] = (graph_buffer){.pixels = height * width, .stride = channels};
    return (graph_value){self->buffer_count++, 0, height, width, channels};
}

graph_value graph_columns(graph_value of, size_t first, size_t channels)
{
    of.column += first;
    of.channels = channels;
    return of;
}

graph_value graph_widen(graph *self, graph_value of, size_t channels)
{
    graph_buffer *buffer = &self->buffers[of.buffer];
    of.column = buffer->stride;
    of.channels = channels;
    buffer->stride += channels;
    return of;
}

void graph_refuse(graph *self, diffusion_status status, const char *format, ...)
{
    char sentence[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (self->status == DIFFUSION_OK)
        self->status = error_set(status, "%s", sentence);
}

/* ---- operations ---- */

size_t graph_op_count(const graph *self)
{
    return self->op_count;
}

graph_op *graph_add_op(graph *self, const graph_op_class *methods, graph_value x, graph_value y)
{
    self->ops = reserve(self, self->ops, self->op_count, &self->op_capacity, sizeof *self->ops);
    graph_op *op = self->status == DIFFUSION_OK ? &self->ops[self->op_count++] : &self->spare;
    *op = (graph_op){.methods = methods, .y = y, .from = {[GRAPH_X] = x}, .weight = GRAPH_NONE, .bias = GRAPH_NONE};
    return op;
}

static void reverse(graph_op *ops, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        graph_op swap = ops[i];
        ops[i] = ops[count - 1 - i];
        ops[count - 1 - i] = swap;
    }
}

/* Turned by three reversals. */
void graph_move_to_front(graph *self, size_t count)
{
    if (self->status != DIFFUSION_OK)
        return;
    reverse(self->ops, self->op_count);
    reverse(self->ops, count);
    reverse(self->ops + count, self->op_count - count);
}

/* ---- the end ---- */

static void check_whole(graph *self, const graph_op *op, const graph_value *value, size_t bit)
{
    const graph_buffer *buffer = &self->buffers[value->buffer];
    if ((op->methods->whole >> bit & 1) && buffer->stride != value->channels)
        graph_refuse(self, DIFFUSION_E_ARGUMENT, "graph: %zu of %zu channels, expected a value alone in its buffer",
                     value->channels, buffer->stride);
}

static int reads(const graph_op *op, size_t parameter)
{
    return parameter != GRAPH_NONE && (op->weight == parameter || op->bias == parameter);
}

/* Gradients of parameters are written, not added. */
static void check_parameters(graph *self, const graph_op *op)
{
    for (const graph_op *before = self->ops; before < op; before++)
        if (reads(before, op->weight) || reads(before, op->bias))
            graph_refuse(self, DIFFUSION_E_ARGUMENT, "graph: a parameter of two operations, expected one for each");
}

/* What operations keep of an image, and where their prepared weights stand. */
static void lay_out(graph *self)
{
    for (size_t i = 0; i < self->op_count; i++) {
        graph_op *op = &self->ops[i];
        const graph_op_class *class = op->methods;
        for (size_t k = 0; k < GRAPH_OPERANDS; k++)
            check_whole(self, op, &op->from[k], k);
        check_whole(self, op, &op->y, GRAPH_Y);
        check_parameters(self, op);
        op->kept = self->kept;
        op->prepared = self->prepared;
        self->kept += class->kept_size != NULL ? class->kept_size(op) : 0;
        self->prepared += class->prepared_size != NULL ? graph_aligned(class->prepared_size(op)) : 0;
    }
}

diffusion_status graph_finish(graph *self, graph_value out, size_t parts)
{
    self->out = out;
    self->parts = parts;
    if (self->status != DIFFUSION_OK)
        return self->status;
    lay_out(self);
    graph_find_readers(self);
    return self->status == DIFFUSION_OK ? graph_place_buffers(self) : self->status;
}

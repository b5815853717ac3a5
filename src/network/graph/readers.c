/* Who reads what: when buffers live, what the backward pass keeps or makes again, and where gradients begin.
 *
 * The backward pass goes from the last operation to the first, and within one from its last operand to its first: the
 * first reader that it meets writes a value's gradient, the others add to it. */
#include "network/graph/op.h"

/* ---- in the order of the forward pass ---- */

static void note_operand(graph *self, size_t i, size_t operand)
{
    const graph_op *op = &self->ops[i];
    if (!graph_is_value(&op->from[operand]))
        return;
    graph_buffer *buffer = &self->buffers[op->from[operand].buffer];
    buffer->last_reader = i;
    self->buffers[op->y.buffer].depends |= buffer->depends;
}

static void find_lives(graph *self)
{
    for (size_t i = 0; i < self->buffer_count; i++)
        self->buffers[i].producer = GRAPH_NONE;
    self->buffers[GRAPH_INPUT].depends = GRAPH_ON_INPUT;
    for (size_t i = 0; i < self->op_count; i++) {
        const graph_op *op = &self->ops[i];
        graph_buffer *y = &self->buffers[op->y.buffer];
        for (size_t k = 0; k < GRAPH_OPERANDS; k++)
            note_operand(self, i, k);
        if (op->weight != GRAPH_NONE || op->bias != GRAPH_NONE)
            y->depends |= GRAPH_ON_PARAMETERS;
        if (y->producer == GRAPH_NONE)
            y->producer = i;
        y->last_reader = i;
    }
    self->buffers[self->out.buffer].last_reader = self->op_count; /* the caller */
}

/* ---- what is kept ---- */

/* A buffer is made again if one operation alone writes it and one alone reads it, from what is kept. */
static int can_be_remade(const graph *self, size_t buffer)
{
    size_t readers = 0, writers = 0;
    int reader_is_remade = 0, from_remade = 0;
    for (size_t i = 0; i < self->op_count; i++) {
        const graph_op *op = &self->ops[i];
        writers += op->y.buffer == buffer;
        for (size_t k = 0; k < GRAPH_OPERANDS; k++) {
            if (!graph_is_value(&op->from[k]))
                continue;
            if (op->from[k].buffer == buffer) {
                readers++;
                reader_is_remade |= self->buffers[op->y.buffer].remade;
            } else if (op->y.buffer == buffer)
                from_remade |= self->buffers[op->from[k].buffer].remade;
        }
    }
    return readers == 1 && writers == 1 && !reader_is_remade && !from_remade && self->out.buffer != buffer;
}

static void find_kept(graph *self)
{
    for (size_t i = 0; i < self->buffer_count; i++)
        if (self->buffers[i].remade)
            self->buffers[i].remade = can_be_remade(self, i);
    for (size_t i = 0; i < self->op_count; i++) {
        const graph_op *op = &self->ops[i];
        for (size_t k = 0; k < GRAPH_OPERANDS; k++) {
            graph_buffer *buffer = &self->buffers[op->from[k].buffer];
            int read = self->buffers[op->y.buffer].remade || (op->methods->reads >> k & 1);
            if (graph_is_value(&op->from[k]) && read && !buffer->remade)
                buffer->kept = 1;
        }
    }
}

/* ---- where gradients begin ---- */

typedef struct columns {
    size_t buffer, begin, end;
} columns;

static columns columns_of(const graph_value *value)
{
    return (columns){value->buffer, value->column, value->column + value->channels};
}

/* A reader: operand k of operation i; the caller, who reads the output, is the operation behind the last. */
static int reads(const graph *self, size_t i, size_t k, columns *range)
{
    if (i == self->op_count) {
        *range = columns_of(&self->out);
        return k == 0;
    }
    const graph_op *op = &self->ops[i];
    *range = columns_of(&op->from[k]);
    return graph_is_value(&op->from[k]) && !graph_is_in_place(op, k);
}

/* How far on from `column` the readers behind operand k of operation i cover columns; whether any touches `range`. */
static size_t covered_from(const graph *self, columns range, size_t column, size_t i, size_t k, int *touched)
{
    size_t end = column;
    columns other;
    for (size_t j = i; j <= self->op_count; j++)
        for (size_t m = j == i ? k + 1 : 0; m < GRAPH_OPERANDS; m++) {
            if (!reads(self, j, m, &other) || other.buffer != range.buffer || other.end <= range.begin ||
                other.begin >= range.end)
                continue;
            *touched = 1;
            if (other.begin <= column && other.end > end)
                end = other.end;
        }
    return end;
}

typedef enum coverage { UNCOVERED, PARTLY, WHOLLY } coverage;

/* How much of `range` readers behind operand k of operation i cover. */
static coverage coverage_of(const graph *self, columns range, size_t i, size_t k)
{
    int touched = 0;
    size_t column = range.begin, next = column;
    do {
        column = next;
        next = covered_from(self, range, column, i, k, &touched);
    } while (next > column && next < range.end);
    return next >= range.end ? WHOLLY : touched ? PARTLY : UNCOVERED;
}

/* Also where a producer's columns are not all read: what none reads has a gradient of 0. */
static void find_zeroed(graph *self)
{
    columns range;
    for (size_t i = 0; i < self->op_count; i++) {
        graph_op *op = &self->ops[i];
        for (size_t k = 0; k < GRAPH_OPERANDS; k++) {
            coverage covered = reads(self, i, k, &range) ? coverage_of(self, range, i, k) : UNCOVERED;
            op->adds[k] = covered != UNCOVERED;
            if (covered == PARTLY)
                self->buffers[range.buffer].zeroed = 1;
        }
        if (coverage_of(self, columns_of(&op->y), i, GRAPH_OPERANDS) != WHOLLY)
            self->buffers[op->y.buffer].zeroed = 1;
    }
    range = columns_of(&self->in);
    if (coverage_of(self, range, 0, (size_t)-1) != WHOLLY)
        self->buffers[GRAPH_INPUT].zeroed = 1;
}

/* The largest gradient that an operation cannot add to. */
static void find_aside(graph *self)
{
    for (size_t i = 0; i < self->op_count; i++) {
        graph_op *op = &self->ops[i];
        for (size_t k = 0; k < GRAPH_OPERANDS; k++) {
            const graph_value *from = &op->from[k];
            if (!graph_is_value(from))
                continue;
            op->adds[k] = op->adds[k] || self->buffers[from->buffer].zeroed;
            if (op->adds[k] && !graph_is_in_place(op, k) && self->buffers[from->buffer].depends != 0 &&
                !(op->methods->adds >> k & 1))
                self->aside_size = size_greater(self->aside_size, graph_pixels(from) * from->channels);
        }
    }
}

void graph_find_readers(graph *self)
{
    find_lives(self);
    find_kept(self);
    find_zeroed(self);
    find_aside(self);
}

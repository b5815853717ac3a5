/* Where buffers stand: each is given the first gap that is free for as long as it lives. */
#include "base/memory.h"
#include "network/graph/op.h"

/* Something that must stand undisturbed from one moment to another, both included. */
typedef struct span {
    size_t size, begin, end;
    graph_place *place;
} span;

static int live_together(const span *a, const span *b)
{
    return a->begin <= b->end && b->begin <= a->end;
}

/* Whether `size` floats from offset on overlap with none of them. */
static int is_free(const span *const *others, size_t count, size_t offset, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        size_t begin = others[i]->place->offset;
        if (offset < begin + others[i]->size && begin < offset + size)
            return 0;
    }
    return 1;
}

/* The lowest free offset: 0, or the end of one of those that live at the same time. */
static size_t first_gap(const span *const *others, size_t count, size_t size)
{
    if (is_free(others, count, 0, size))
        return 0;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t offset = others[i]->place->offset + others[i]->size;
        if (offset < best && is_free(others, count, offset, size))
            best = offset;
    }
    return best;
}

typedef struct planner {
    span *spans;
    const span **others; /* those that live while the one that is placed does */
} planner;

/* Places all spans; the floats that they take together. */
static size_t place_spans(const planner *plan, size_t count, graph_arena arena)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        const span *own = &plan->spans[i];
        size_t together = 0;
        for (size_t j = 0; j < i; j++)
            if (live_together(&plan->spans[j], own))
                plan->others[together++] = &plan->spans[j];
        size_t offset = first_gap(plan->others, together, own->size);
        *own->place = (graph_place){arena, offset};
        size = size_greater(size, offset + own->size);
    }
    return size;
}

static size_t buffer_size(const graph_buffer *buffer)
{
    return graph_aligned(buffer->pixels * buffer->stride);
}

/* The input is the caller's; what no operation writes needs no place. */
static int is_placed(const graph *self, size_t i)
{
    return i != GRAPH_INPUT && self->buffers[i].producer != GRAPH_NONE;
}

static size_t place_sampling(graph *self, const planner *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < self->buffer_count; i++) {
        graph_buffer *buffer = &self->buffers[i];
        if (is_placed(self, i))
            plan->spans[count++] =
                (span){buffer_size(buffer), buffer->producer, buffer->last_reader, &buffer->sampling};
    }
    return place_spans(plan, count, GRAPH_ARENA_PASSING);
}

/* What is kept for the backward pass stands one after another. */
static size_t place_tape(graph *self)
{
    size_t size = 0;
    for (size_t i = 0; i < self->buffer_count; i++) {
        graph_buffer *buffer = &self->buffers[i];
        if (buffer->kept) {
            buffer->keeping = buffer->again = (graph_place){GRAPH_ARENA_TAPE, size};
            size += buffer_size(buffer);
        }
        if (buffer->sloped && !buffer->remade) {
            buffer->slopes = (graph_place){GRAPH_ARENA_TAPE, size};
            size += buffer_size(buffer);
        }
    }
    return size;
}

static size_t place_forward(graph *self, const planner *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < self->buffer_count; i++) {
        graph_buffer *buffer = &self->buffers[i];
        if (is_placed(self, i) && !buffer->kept)
            plan->spans[count++] = (span){buffer_size(buffer), buffer->producer, buffer->last_reader, &buffer->keeping};
    }
    return place_spans(plan, count, GRAPH_ARENA_PASSING);
}

/* The backward pass counts moments from the caller, behind the last operation, to the first operation. Gradients live
 * from the last reader to the producer; what is made again lives while its one reader works, slopes until the producer
 * has read them. */
static size_t place_backward(graph *self, const planner *plan)
{
    size_t count = 0, last = self->op_count;
    for (size_t i = 0; i < self->buffer_count; i++) {
        graph_buffer *buffer = &self->buffers[i];
        if (!is_placed(self, i))
            continue;
        size_t begin = last - buffer->last_reader, end = last - buffer->producer;
        if (buffer->depends != 0)
            plan->spans[count++] = (span){buffer_size(buffer), begin, end, &buffer->gradient};
        if (buffer->remade)
            plan->spans[count++] = (span){buffer_size(buffer), begin, begin, &buffer->again};
        if (buffer->remade && buffer->sloped)
            plan->spans[count++] = (span){buffer_size(buffer), begin, end, &buffer->slopes};
    }
    return place_spans(plan, count, GRAPH_ARENA_PASSING);
}

diffusion_status graph_place_buffers(graph *self)
{
    planner plan = {memory_allocate(3 * self->buffer_count, sizeof *plan.spans),
                    memory_allocate(3 * self->buffer_count, sizeof *plan.others)};
    diffusion_status status = plan.spans != NULL && plan.others != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK) {
        self->sampling_size = place_sampling(self, &plan);
        self->tape_size = place_tape(self);
        self->forward_size = place_forward(self, &plan);
        self->backward_size = place_backward(self, &plan);
    }
    memory_release(plan.spans);
    memory_release(plan.others);
    return status;
}

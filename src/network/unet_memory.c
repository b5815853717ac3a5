/* Where buffers stand: each is given the first gap that is free for as long as it lives. */
#include "base/memory.h"
#include "network/unet_graph.h"

/* Something that must stand undisturbed from one moment to another, both included. */
typedef struct span {
    size_t size, begin, end;
    unet_place *place;
} span;

static int live_together(const span *a, const span *b)
{
    return a->begin <= b->end && b->begin <= a->end;
}

/* Whether `size` floats from offset on are in nobody's way. */
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
static size_t place_spans(const planner *plan, size_t count, unet_arena arena)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        const span *own = &plan->spans[i];
        size_t together = 0;
        for (size_t j = 0; j < i; j++)
            if (live_together(&plan->spans[j], own))
                plan->others[together++] = &plan->spans[j];
        size_t offset = first_gap(plan->others, together, own->size);
        *own->place = (unet_place){arena, offset};
        size = size > offset + own->size ? size : offset + own->size;
    }
    return size;
}

static size_t buffer_size(const unet_buffer *buffer)
{
    return unet_aligned(buffer->pixels * buffer->row);
}

static size_t place_inference(unet *net, const planner *plan)
{
    size_t count = 0;
    for (size_t i = UNET_INPUT + 1; i < net->buffer_count; i++) {
        unet_buffer *buffer = &net->buffers[i];
        plan->spans[count++] = (span){buffer_size(buffer), buffer->producer, buffer->last_reader, &buffer->inference};
    }
    return place_spans(plan, count, UNET_ARENA_PASSING);
}

/* Kept for the backward pass, one after another. */
static size_t place_tape(unet *net)
{
    size_t size = 0;
    for (size_t i = UNET_INPUT; i < net->buffer_count; i++) {
        unet_buffer *buffer = &net->buffers[i];
        if (buffer->remade)
            continue;
        buffer->tape = buffer->again = (unet_place){UNET_ARENA_TAPE, size};
        size += buffer_size(buffer);
    }
    return size;
}

static size_t place_forward(unet *net, const planner *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < net->buffer_count; i++) {
        unet_buffer *buffer = &net->buffers[i];
        if (buffer->remade)
            plan->spans[count++] = (span){buffer_size(buffer), buffer->producer, buffer->last_reader, &buffer->tape};
    }
    return place_spans(plan, count, UNET_ARENA_PASSING);
}

/* The backward pass counts moments from the last operation to the first. Gradients live from the last reader to the
 * producer; what is made again lives while its one reader works, slopes until the producer has read them. */
static size_t place_backward(unet *net, const planner *plan)
{
    size_t count = 0, last = net->op_count - 1;
    for (size_t i = UNET_INPUT + 1; i < net->buffer_count; i++) {
        unet_buffer *buffer = &net->buffers[i];
        size_t begin = last - buffer->last_reader;
        plan->spans[count++] = (span){buffer_size(buffer), begin, last - buffer->producer, &buffer->gradient};
        if (buffer->remade)
            plan->spans[count++] = (span){buffer_size(buffer), begin, begin, &buffer->again};
        if (buffer->sloped)
            plan->spans[count++] = (span){buffer_size(buffer), begin, last - buffer->producer, &buffer->slopes};
    }
    return place_spans(plan, count, UNET_ARENA_PASSING);
}

diffusion_status unet_place_buffers(unet *net)
{
    planner plan = {memory_allocate(3 * net->buffer_count, sizeof *plan.spans),
                    memory_allocate(3 * net->buffer_count, sizeof *plan.others)};
    diffusion_status status = plan.spans != NULL && plan.others != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK) {
        net->buffers[UNET_INPUT].inference = (unet_place){UNET_ARENA_INPUT, 0};
        net->inference_size = place_inference(net, &plan);
        net->tape_size = place_tape(net);
        net->forward_size = place_forward(net, &plan);
        net->backward_size = place_backward(net, &plan);
    }
    memory_release(plan.spans);
    memory_release(plan.others);
    return status;
}

/* Where buffers stand: each is given the first gap that is free for as long as it lives. */
#include "base/memory.h"
#include "network/unet_graph.h"

/* Something that must stand undisturbed from one moment to another, both included. */
typedef struct span {
    size_t size, begin, end;
    unet_place *place;
} span;

static size_t aligned(size_t floats)
{
    return (floats + 15) / 16 * 16;
}

static int live_together(const span *a, const span *b)
{
    return a->begin <= b->end && b->begin <= a->end;
}

/* The lowest offset at which nothing that lives at the same time is in the way, tried from the end of each such thing.
 */
static size_t first_gap(const span *spans, size_t index)
{
    const span *own = &spans[index];
    size_t best = SIZE_MAX;
    for (size_t candidate = 0; candidate <= index; candidate++) {
        const span *other = &spans[candidate];
        if (candidate < index && !live_together(other, own))
            continue;
        size_t offset = candidate < index ? other->place->offset + other->size : 0;
        int is_free = 1;
        for (size_t i = 0; i < index && is_free; i++)
            is_free = !live_together(&spans[i], own) || offset + own->size <= spans[i].place->offset ||
                      spans[i].place->offset + spans[i].size <= offset;
        if (is_free && offset < best)
            best = offset;
    }
    return best;
}

/* Places all spans; the floats that they take together. */
static size_t place_spans(const span *spans, size_t count, unet_arena arena)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size_t offset = first_gap(spans, i);
        *spans[i].place = (unet_place){arena, offset};
        size = size > offset + spans[i].size ? size : offset + spans[i].size;
    }
    return size;
}

static size_t buffer_size(const unet_buffer *buffer)
{
    return aligned(buffer->pixels * buffer->row);
}

static size_t place_inference(unet *net, span *spans)
{
    size_t count = 0;
    for (size_t i = UNET_INPUT + 1; i < net->buffer_count; i++) {
        unet_buffer *buffer = &net->buffers[i];
        spans[count++] = (span){buffer_size(buffer), buffer->producer, buffer->last_reader, &buffer->inference};
    }
    return place_spans(spans, count, UNET_ARENA_PASSING);
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

static size_t place_forward(unet *net, span *spans)
{
    size_t count = 0;
    for (size_t i = 0; i < net->buffer_count; i++) {
        unet_buffer *buffer = &net->buffers[i];
        if (buffer->remade)
            spans[count++] = (span){buffer_size(buffer), buffer->producer, buffer->last_reader, &buffer->tape};
    }
    return place_spans(spans, count, UNET_ARENA_PASSING);
}

/* The backward pass counts moments from the last operation to the first. Gradients live from the last reader to the
 * producer; what is made again lives while its one reader works. */
static size_t place_backward(unet *net, span *spans)
{
    size_t count = 0, last = net->op_count - 1;
    for (size_t i = UNET_INPUT + 1; i < net->buffer_count; i++) {
        unet_buffer *buffer = &net->buffers[i];
        size_t begin = last - buffer->last_reader;
        spans[count++] = (span){buffer_size(buffer), begin, last - buffer->producer, &buffer->gradient};
        if (buffer->remade)
            spans[count++] = (span){buffer_size(buffer), begin, begin, &buffer->again};
    }
    return place_spans(spans, count, UNET_ARENA_PASSING);
}

diffusion_status unet_place_buffers(unet *net)
{
    span *spans = memory_allocate(2 * net->buffer_count, sizeof *spans);
    if (spans == NULL)
        return DIFFUSION_E_MEMORY;
    net->buffers[UNET_INPUT].inference = (unet_place){UNET_ARENA_INPUT, 0};
    net->inference_size = place_inference(net, spans);
    net->tape_size = place_tape(net);
    net->forward_size = place_forward(net, spans);
    net->backward_size = place_backward(net, spans);
    memory_release(spans);
    return DIFFUSION_OK;
}

/* The pass in sampling: a part of the batch at a time, with prepared weights. */
#include "network/graph/run.h"

enum { AT_ONCE = 4 * 1024 * 1024 /* floats of the widest buffer for the images that pass together */ };

/* As equal parts of the batch as can be. */
static size_t images_at_once(const graph *self, size_t n)
{
    size_t widest = 1;
    for (size_t i = 0; i < self->buffer_count; i++)
        widest = size_greater(widest, self->buffers[i].pixels * self->buffers[i].stride);
    return size_divide_up(n, size_divide_up(n, size_greater(AT_ONCE / widest, 1)));
}

size_t graph_scratch_size(const graph *self, size_t n, size_t threads)
{
    size_t images = images_at_once(self, n);
    return images * self->sampling_size + graph_kernel_scratch(self, images, threads, 0);
}

size_t graph_prepared_size(const graph *self)
{
    return self->prepared;
}

void graph_prepare(const graph *self, float *prepared, const float *parameters)
{
    for (size_t i = 0; i < self->op_count; i++) {
        const graph_op *op = &self->ops[i];
        const graph_op_class *class = op->methods;
        if (class->prepare != NULL)
            class->prepare(op, prepared + op->prepared, parameters);
    }
}

static network_batch part_of(const graph *self, network_batch batch, size_t first, size_t images)
{
    size_t dim = graph_pixels(&self->in) * self->in.channels;
    network_batch part = batch;
    part.n = size_lesser(batch.n - first, images);
    part.x += first * dim;
    part.time += first;
    if (part.labels != NULL)
        part.labels += first;
    if (part.vectors != NULL)
        part.vectors += first * self->vectors;
    return part;
}

void graph_forward(const graph *self, const float *parameters, const float *prepared, float *out, network_batch batch,
                   float *scratch)
{
    size_t images = images_at_once(self, batch.n), outputs = graph_pixels(&self->out) * self->out.channels;
    for (size_t first = 0; first < batch.n; first += images) {
        network_batch part = part_of(self, batch, first, images);
        graph_run run = {.graph = self,
                         .parameters = parameters,
                         .prepared = prepared,
                         .stage = GRAPH_SAMPLING,
                         .n = part.n,
                         .batch = part,
                         .arena = {(float *)part.x, NULL, scratch}, /* the input is only read */
                         .scratch = scratch + part.n * self->sampling_size};
        for (size_t i = 0; i < self->op_count; i++)
            self->ops[i].methods->forward(&run, &self->ops[i]);
        graph_split(&run, out + first * outputs, graph_at(&run, &self->out), 0);
    }
}

#include "network/graph_network.h"

#include "base/memory.h"

/* ---- making one ---- */

diffusion_status graph_network_create(graph_network **out, const network_class *methods, network_task task)
{
    graph_network *self = memory_allocate(1, sizeof *self);
    if (self == NULL)
        return DIFFUSION_E_MEMORY;
    self->base.methods = methods;
    self->base.task = task;
    size_t channels = task.shape.rank == 3 ? (size_t)task.shape.size[2] : 1;
    diffusion_status status =
        graph_create(&self->graph, (size_t)task.shape.size[0], (size_t)task.shape.size[1], channels);
    if (status == DIFFUSION_OK)
        *out = self;
    else
        network_free(&self->base);
    return status;
}

diffusion_status graph_network_finish(network **to, graph_network *self, graph_value out)
{
    diffusion_status status = self->base.status;
    if (status == DIFFUSION_OK)
        status = graph_finish(self->graph, out, self->base.task.outputs / self->base.task.dim);
    if (status == DIFFUSION_OK)
        *to = &self->base;
    else
        network_free(&self->base);
    return status;
}

void graph_network_release(network *self)
{
    graph_free(((graph_network *)self)->graph);
    memory_release(self);
}

/* ---- layers ---- */

static const char *dot(const char *path)
{
    return *path != '\0' ? "." : "";
}

size_t graph_network_vector(graph_network *self, const char *path, const char *name, size_t size)
{
    return network_add_parameter(&self->base, 1, (const int64_t[]){(int64_t)size}, "%s%s%s", path, dot(path), name);
}

size_t graph_network_matrix(graph_network *self, const char *path, const char *name, size_t out, size_t in)
{
    return network_add_parameter(&self->base, 2, (const int64_t[]){(int64_t)out, (int64_t)in}, "%s%s%s", path,
                                 dot(path), name);
}

void graph_network_convolve(graph_network *self, const char *path, graph_value x, graph_value y, graph_convolution with)
{
    const int64_t side = (int64_t)with.kernel, shape[] = {(int64_t)y.channels, (int64_t)x.channels, side, side};
    with.weight = network_add_parameter(&self->base, 4, shape, "%s.weight", path);
    with.bias = graph_network_vector(self, path, "bias", y.channels);
    graph_convolve(self->graph, x, y, &with);
}

void graph_network_connect(graph_network *self, const char *path, graph_value x, graph_value y, graph_convolution with)
{
    with.weight = graph_network_matrix(self, path, "weight", y.channels, x.channels);
    with.bias = graph_network_vector(self, path, "bias", y.channels);
    graph_convolve(self->graph, x, y, &with);
}

/* ---- the methods: those of the graph ---- */

static const graph *graph_of(const network *self)
{
    return ((const graph_network *)self)->graph;
}

size_t graph_network_scratch_size(const network *self, size_t n, size_t threads)
{
    return graph_scratch_size(graph_of(self), n, threads);
}

size_t graph_network_tape_size(const network *self, size_t n)
{
    return graph_tape_size(graph_of(self), n);
}

size_t graph_network_training_scratch_size(const network *self, size_t n, size_t threads)
{
    return graph_training_scratch_size(graph_of(self), n, threads);
}

size_t graph_network_prepared_size(const network *self)
{
    return graph_prepared_size(graph_of(self));
}

void graph_network_prepare(const network *self, float *prepared, const float *parameters)
{
    graph_prepare(graph_of(self), prepared, parameters);
}

void graph_network_forward(const network *self, const float *parameters, const float *prepared, float *out,
                           network_batch batch, float *scratch)
{
    graph_forward(graph_of(self), parameters, prepared, out, batch, scratch);
}

void graph_network_forward_keep(const network *self, const float *parameters, float *out, network_batch batch,
                                float *tape, float *scratch)
{
    graph_forward_keep(graph_of(self), parameters, out, batch, tape, scratch);
}

void graph_network_backward(const network *self, const float *parameters, float *gradient, float *dx, const float *dout,
                            size_t n, float *tape, float *scratch)
{
    graph_backward(graph_of(self), parameters, gradient, dx, dout, n, tape, scratch);
}

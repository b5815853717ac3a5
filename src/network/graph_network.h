/* A network whose function is a graph. */
#ifndef NETWORK_GRAPH_NETWORK_H
#define NETWORK_GRAPH_NETWORK_H

#include "network/graph/graph.h"

typedef struct graph_network {
    network base;
    graph *graph;
} graph_network;

/* The methods of network_class; initialise() is the kind's own. */
#define GRAPH_NETWORK_METHODS(initialises)                                                                             \
    {                                                                                                                  \
        .release = graph_network_release, .initialise = initialises, .scratch_size = graph_network_scratch_size,       \
        .tape_size = graph_network_tape_size, .training_scratch_size = graph_network_training_scratch_size,            \
        .prepared_size = graph_network_prepared_size, .prepare = graph_network_prepare,                                \
        .forward = graph_network_forward, .forward_keep = graph_network_forward_keep,                                  \
        .backward = graph_network_backward                                                                             \
    }

/* A network of these methods for images; its parameters and graph are still empty. */
diffusion_status graph_network_create(graph_network **out, const network_class *methods, network_task task);

/* The output is `out`, as parts of as many values as the input has. Gives the finished network, or frees it. */
diffusion_status graph_network_finish(network **to, graph_network *self, graph_value out);

/* ---- layers, with their parameters under the name `path`.`name`, or `name` where the path is empty ---- */

size_t graph_network_vector(graph_network *self, const char *path, const char *name, size_t size);
size_t graph_network_matrix(graph_network *self, const char *path, const char *name, size_t out, size_t in);

/* The convolution as `with` says, but for its parameters: `path`.weight [out, in, kernel, kernel] and `path`.bias. */
void graph_network_convolve(graph_network *self, const char *path, graph_value x, graph_value y,
                            graph_convolution with);

/* A dense layer of vectors: `path`.weight [out, in] and `path`.bias. */
void graph_network_connect(graph_network *self, const char *path, graph_value x, graph_value y, graph_convolution with);

void graph_network_release(network *self);
size_t graph_network_scratch_size(const network *self, size_t n, size_t threads);
size_t graph_network_tape_size(const network *self, size_t n);
size_t graph_network_training_scratch_size(const network *self, size_t n, size_t threads);
size_t graph_network_prepared_size(const network *self);
void graph_network_prepare(const network *self, float *prepared, const float *parameters);
void graph_network_forward(const network *self, const float *parameters, const float *prepared, float *out,
                           network_batch batch, float *scratch);
void graph_network_forward_keep(const network *self, const float *parameters, float *out, network_batch batch,
                                float *tape, float *scratch);
void graph_network_backward(const network *self, const float *parameters, float *gradient, float *dx, const float *dout,
                            size_t n, float *tape, float *scratch);

#endif

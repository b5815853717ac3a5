/* Function approximators: raw output from (x, t, label), and its gradient. They know nothing of what the output means.
 *
 * A network is a description; its parameters are one flat array that the caller owns (weights, their average and their
 * moments all have this layout). Batches are cut into tiles by shape alone, so the bits do not depend on threads. */
#ifndef NETWORK_NETWORK_H
#define NETWORK_NETWORK_H

#include "base/spec.h"

#include <diffusion/status.h>

enum { NETWORK_NAME = 64, NETWORK_STEPS = 100000 /* the largest t */ };

/* One parameter tensor: where it stands in the flat array. */
typedef struct network_parameter {
    char name[NETWORK_NAME];
    size_t rank;
    int64_t shape[SPEC_RANK];
    size_t offset, count;
} network_parameter;

/* What a network is to approximate. */
typedef struct network_task {
    size_t dim;       /* values in a sample */
    size_t outputs;   /* values to give for it */
    size_t classes;   /* 0: labels play no part */
    spec_shape shape; /* of a sample */
} network_task;

typedef struct network network;

typedef struct network_batch {
    const float *x;        /* [n, dim] */
    const int32_t *t;      /* [n], 1..last_step of the network, or NETWORK_STEPS */
    const int32_t *labels; /* [n], -1 for none; or NULL */
    size_t n;
    uint64_t seed, step; /* of the training step, for dropout */
} network_batch;

/* What a kind of network implements, forward beside backward. */
typedef struct network_class {
    void (*release)(network *self);
    void (*initialise)(const network *self, float *parameters, uint64_t seed);
    size_t (*scratch_size)(const network *self, size_t n, size_t threads); /* floats for forward() of n samples */
    size_t (*tape_size)(const network *self, size_t n); /* floats that forward_keep() leaves for backward() */
    size_t (*training_scratch_size)(const network *self, size_t n, size_t threads); /* floats for the next two */
    /* Floats of the parameters as forward() reads them, and making them; NULL where it needs no such thing. */
    size_t (*prepared_size)(const network *self);
    void (*prepare)(const network *self, float *prepared, const float *parameters);
    /* out [n, outputs]. A sample's bits do not depend on n or its place in the batch. */
    void (*forward)(const network *self, const float *parameters, const float *prepared, float *out,
                    network_batch batch, float *scratch);
    void (*forward_keep)(const network *self, const float *parameters, float *out, network_batch batch, float *tape,
                         float *scratch);
    /* gradient (all parameters, overwritten), and dx [n, dim] unless it is NULL, from dout [n, outputs] and the tape,
     * which is used up. dx is only asked of networks with gives_dx. */
    void (*backward)(const network *self, const float *parameters, float *gradient, float *dx, const float *dout,
                     size_t n, float *tape, float *scratch);
} network_class;

/* Every kind begins with this. */
struct network {
    const network_class *methods;
    network_task task;
    network_parameter *parameters; /* owned */
    size_t parameter_count;
    size_t size;       /* floats in all parameters */
    int32_t last_step; /* the largest t that it can take; 0: any */
    int gives_dx;      /* backward() can give the gradient at its input */
};

void network_free(network *self); /* NULL is allowed */

/* The parameter of this name; NULL if there is none. */
const network_parameter *network_find(const network *self, const char *name);

/* Helps a kind to lay out its parameters one after another: fills in the next entry and adds to size. */
void network_add_parameter(network *self, const char *name, size_t rank, const int64_t *shape);

/* The same for the parameter of a layer, whose number `format` takes. */
void network_add_layer_parameter(network *self, const char *format, size_t layer, size_t rank, const int64_t *shape)
    __attribute__((format(printf, 2, 0)));

#endif

/* Function approximators: raw output from (x, time, label, vector), and its gradient. They know nothing of what the
 * output means.
 *
 * A network is a description; its parameters are one flat array that the caller owns (weights, their average and their
 * moments all have this layout). Batches are cut into tiles by shape alone, so the bits do not depend on threads. */
#ifndef NETWORK_NETWORK_H
#define NETWORK_NETWORK_H

#include "base/printf_like.h"
#include "base/spec.h"

#include <diffusion/status.h>

enum { NETWORK_NAME = 64, NETWORK_STEPS = 100000 /* the largest step */ };

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
    size_t vectors;   /* width of the vectors that samples are conditioned on; 0 for none */
    spec_shape shape; /* of a sample */
} network_task;

typedef struct network network;

typedef struct network_batch {
    const float *x;        /* [n, dim] */
    const double *time;    /* [n], what the network is told of time: steps, from 1 on, or other real numbers. Networks
                              with weights of each step's own take the nearest step. */
    const int32_t *labels; /* [n], -1 for none; or NULL */
    const float *vectors;  /* [n, task.vectors]; NULL reads as zeros */
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
    /* gradient (of all parameters, overwritten) and dx [n, dim] from dout [n, outputs] and the tape, which is used up.
     * Either may be NULL: not wanted. */
    void (*backward)(const network *self, const float *parameters, float *gradient, float *dx, const float *dout,
                     size_t n, float *tape, float *scratch);
} network_class;

/* Every network begins with this. */
struct network {
    const network_class *methods;
    network_task task;
    network_parameter *parameters; /* owned */
    size_t parameter_count, parameter_capacity;
    size_t size;             /* floats in all parameters */
    int32_t last_step;       /* the largest step that has weights; 0: any */
    diffusion_status status; /* of adding parameters: the first failure */
};

/* A kind that a spec can name: its row in the table of networks (network/table.h). */
typedef struct network_kind {
    spec_kind spec;
    diffusion_status (*create)(network **out, const void *options, network_task task);
} network_kind;

void network_free(network *self); /* NULL is allowed */

/* The parameter of this name; NULL if there is none. */
const network_parameter *network_find(const network *self, const char *name);

/* Lays out a parameter behind the others, under a name as by printf(), and gives its offset in the flat array. A name
 * that is too long or taken, or no memory, is a failure that stays in self->status: look there when all are added. */
size_t network_add_parameter(network *self, size_t rank, const int64_t *shape, const char *name, ...) PRINTF_LIKE(4, 5);

#endif

/* Multi-layer perceptron: features [x, sin and cos of t, one-hot label], then `depth` hidden layers of `width`
 * (z = W h + b, h' = f(z), or h + f(z) with residual connections from the second layer on), then a linear output: one
 * for all steps, or as in the paper one for each. */
#ifndef NETWORK_MLP_H
#define NETWORK_MLP_H

#include "network/network.h"

typedef struct mlp_options {
    int64_t width, depth, time, steps;
    int32_t activation, residual, readout;
} mlp_options;

enum { MLP_KEYS = 7 };
extern const spec_key mlp_keys[MLP_KEYS];

/* `options` are mlp_options. */
diffusion_status mlp_create(network **out, const void *options, network_task task);

#endif

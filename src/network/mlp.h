/* Multi-layer perceptron: features [x, sin and cos of the time, one-hot label, vector], then `depth` hidden layers of
 * `width` (z = W h + b, h' = f(z), or h + f(z) with residual connections from the second layer on), then a linear
 * output: one for all steps, or as in the paper one for each. */
#ifndef NETWORK_MLP_H
#define NETWORK_MLP_H

#include "network/network.h"

typedef struct mlp_options {
    int64_t width, depth, time_features, steps;
    int32_t activation, residual, readout;
} mlp_options;

extern const network_kind mlp_kind; /* its options are mlp_options */

#endif

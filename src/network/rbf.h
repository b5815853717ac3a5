/* The paper's network for the Swiss roll: normalised radial basis functions
 * phi_k = softmax_k(-|x - c_k|^2 / (2 w_k^2)), read out with weights of each step's own. */
#ifndef NETWORK_RBF_H
#define NETWORK_RBF_H

#include "network/network.h"

typedef struct rbf_options {
    int64_t units, steps;
} rbf_options;

extern const network_kind rbf_kind; /* its options are rbf_options */

#endif

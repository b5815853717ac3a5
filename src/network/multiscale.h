/* The paper's network for images: `layers` of multi-scale convolution (the image is halved again and again by means,
 * every scale is convolved, the results are enlarged and added up, softplus), if asked for a dense path in parallel,
 * then 1x1 convolutions with tanh, and a read-out whose coefficients stand against bumps over t. */
#ifndef NETWORK_MULTISCALE_H
#define NETWORK_MULTISCALE_H

#include "network/network.h"

typedef struct multiscale_options {
    int64_t scales, kernel, channels, layers, dense, dense_depth, width, depth, bumps, steps;
} multiscale_options;

extern const network_kind multiscale_kind; /* its options are multiscale_options */

#endif

/* Log densities under Gaussians around samples (Breuleux et al. 2011). */
#ifndef EVALUATE_PARZEN_H
#define EVALUATE_PARZEN_H

#include <diffusion/status.h>

enum { PARZEN_GRID = 16 }; /* bandwidths that one pass over the distances can serve */

typedef struct parzen_input {
    const float *samples; /* [m, dim] */
    size_t m;
    const float *data; /* [n, dim] */
    size_t n;
    size_t dim;
} parzen_input;

/* nats [count, n] for `count` bandwidths in rising order, at most PARZEN_GRID. */
diffusion_status parzen_evaluate(const parzen_input *input, const double *bandwidths, size_t count, double *nats);

/* The bandwidth in minimum..maximum with the largest mean log density. */
diffusion_status parzen_bandwidth(const parzen_input *input, double minimum, double maximum, double *bandwidth);

#endif

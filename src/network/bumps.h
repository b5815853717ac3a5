/* The paper's functions of time (its appendix on multi-scale convolution): Gaussian bumps over t, each divided by the
 * sum of all. Centres are spread evenly over 1..steps, and as wide as they are apart. */
#ifndef NETWORK_BUMPS_H
#define NETWORK_BUMPS_H

#include <stddef.h>

/* g [count], which adds up to 1, at a time. */
void bumps_at(float *g, size_t count, size_t steps, double time);

#endif

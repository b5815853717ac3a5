/* Draws from the forward process, given the noise. Arrays are row-major float32; sums are taken in double. */
#ifndef PROCESS_FORWARD_H
#define PROCESS_FORWARD_H

#include "process/schedule.h"

/* x_t from q(x_t | x_0) for one sample of dim values; xt may be x0 or noise. */
void forward_marginal(float *xt, const struct diffusion_schedule *schedule, int32_t t, const float *x0,
                      const float *noise, size_t dim);

/* x_t from q(x_t | x_{t-1}), likewise. */
void forward_step(float *xt, const struct diffusion_schedule *schedule, int32_t t, const float *previous,
                  const float *noise, size_t dim);

#endif

/* The forward process and its laws on plain arrays, as the public functions of <diffusion/process.h> have them. */
#ifndef PROCESS_FORWARD_H
#define PROCESS_FORWARD_H

#include "process/schedule.h"

/* x_t ~ q(x_t | x_s) for one sample of dim values; xt may be xs or the noise. Sums are taken in double. */
void forward_draw(float *xt, const struct diffusion_schedule *schedule, const noise_level *s, const noise_level *t,
                  const float *xs, const float *noise, size_t dim);

typedef enum forward_law_of {
    FORWARD_STEP,      /* q(x_t | x_{t-1}), first = x_{t-1} */
    FORWARD_MARGINAL,  /* q(x_t | x_0), first = x_0 */
    FORWARD_POSTERIOR, /* q(x_{t-1} | x_t, x_0), first = x_0, second = x_t */
} forward_law_of;

/* out [count]; `second` is read for the posterior alone. */
void forward_law(law out, const struct diffusion_schedule *schedule, forward_law_of which, int32_t t,
                 const double *first, const double *second, size_t count);

/* Its entropy in nats, summed over count components. An additive kernel's does not depend on what is given, which may
 * then be NULL. */
double forward_entropy(const struct diffusion_schedule *schedule, forward_law_of which, int32_t t, const double *first,
                       const double *second, size_t count);

#endif

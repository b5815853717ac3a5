/* Entropies of the forward process's conditionals, and the bounds they put on the reverse one's. Nats. */
#ifndef PROCESS_ENTROPY_H
#define PROCESS_ENTROPY_H

#include "process/schedule.h"

typedef enum entropy_of {
    ENTROPY_STEP,      /* q(x_t | x_{t-1}), given x_{t-1} */
    ENTROPY_MARGINAL,  /* q(x_t | x_0), given x_0 */
    ENTROPY_POSTERIOR, /* q(x_{t-1} | x_t, x_0), given x_0 and x_t */
} entropy_of;

/* Summed over count components; `first` and `second` are what is given and are not read for the Gaussian kernel. */
double entropy_sum(const struct diffusion_schedule *schedule, entropy_of which, int32_t t, const double *first,
                   const double *second, size_t count);

/* Equations 24 and 36 of the paper, per dimension; binomial: for data whose bits follow the prior, the mean over bits.
 */
void entropy_bounds(const struct diffusion_schedule *schedule, int32_t t, double *lower, double *upper);

#endif

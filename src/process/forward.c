#include "process/forward.h"

#include "process/binomial.h"

#include <math.h>

/* In double, rounded once: each product rounded to float32 would cost a digit where alpha_bar is near 0 or 1. Element
 * by element, so out may be x or noise. */
static void mix(float *out, double signal, const float *x, double spread, const float *noise, size_t dim)
{
    for (size_t i = 0; i < dim; i++)
        out[i] = (float)(signal * (double)x[i] + spread * (double)noise[i]);
}

void forward_marginal(float *xt, const struct diffusion_schedule *schedule, int32_t t, const float *x0,
                      const float *noise, size_t dim)
{
    if (schedule->kernel == KERNEL_GAUSSIAN) {
        mix(xt, sqrt(schedule->alpha_bar[t]), x0, sqrt(schedule->noise[t]), noise, dim);
        return;
    }
    for (size_t i = 0; i < dim; i++) { /* noise is uniform: below the rate with the rate's probability */
        double rate = binomial_marginal_rate(schedule, t, (double)x0[i], schedule_rate(schedule, i));
        xt[i] = (double)noise[i] < rate ? 1.0F : 0.0F;
    }
}

void forward_step(float *xt, const struct diffusion_schedule *schedule, int32_t t, const float *previous,
                  const float *noise, size_t dim)
{
    if (schedule->kernel == KERNEL_GAUSSIAN) {
        mix(xt, sqrt(1.0 - schedule->beta[t]), previous, sqrt(schedule->beta[t]), noise, dim);
        return;
    }
    for (size_t i = 0; i < dim; i++) {
        double rate = binomial_step_rate(schedule, t, (double)previous[i], schedule_rate(schedule, i));
        xt[i] = (double)noise[i] < rate ? 1.0F : 0.0F;
    }
}

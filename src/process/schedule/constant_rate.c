/* beta_t = 1 / (T - t + 1): each step erases the same share of the original signal (section 2.4.1 of the paper). */
#include "process/schedule/curve.h"

static const spec_key keys[] = {CURVE_STEPS_KEY};

/* alpha_bar_t = (T - t) / T: linear in t, and nothing is left at t = T. */
static void betas(double *beta, const void *options)
{
    const int64_t steps = ((const curve_steps *)options)->steps;
    for (int64_t t = 1; t <= steps; t++)
        beta[t] = 1.0 / ((double)(steps - t) + 1.0);
}

const curve constant_rate_curve = {
    .spec = {"constant_rate", "beta_t = 1/(T-t+1), the binomial schedule of Sohl-Dickstein et al. 2015", keys,
             SPEC_COUNT(keys)},
    .betas = betas,
};

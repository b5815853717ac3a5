/* Every real time from 1 to T with the same chance. */
#include "base/error.h"
#include "train/times.h"

static diffusion_status settle(trained_times *self)
{
    if (self->last > 1)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_SPEC,
                     "trainer: times=continuous draws t between 1 and T, but the schedule has 1 step");
}

static double quantile(const trained_times *self, double u)
{
    return 1.0 + u * (double)(self->last - 1);
}

const times_class continuous_times = {.name = "continuous", .real = 1, .settle = settle, .quantile = quantile};

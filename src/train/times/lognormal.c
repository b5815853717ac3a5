/* log(sigma / signal) is normal (EDM, arXiv:2206.00364, table 1). */
#include "train/times.h"

#include <math.h>

static double log_ratio(const noise_level *at)
{
    return -0.5 * at->log_snr;
}

static diffusion_status settle(trained_times *self)
{
    const noise_level *levels = self->schedule->levels;
    self->normal.mean = self->options->p_mean;
    self->normal.deviation = self->options->p_std;
    return normal_law_open(&self->normal, self, log_ratio(&levels[1]), log_ratio(&levels[self->last]),
                           "log(sigma / signal)");
}

static double quantile(const trained_times *self, double u)
{
    const double t = schedule_time(self->schedule, -2.0 * normal_law_quantile(&self->normal, u));
    return fmin(fmax(t, 1.0), (double)self->last);
}

const times_class lognormal_times = {.name = "lognormal", .real = 1, .settle = settle, .quantile = quantile};

/* signal = 1 - t/T, sigma = sqrt(1 - signal^2): the straight fall of the signal with the variance preserved, as
 * flow_matching's LinearVPScheduler has it. */
#include "process/schedule/curve.h"

#include <math.h>

static const spec_key keys[] = {CURVE_STEPS_KEY};

/* 1 - signal^2 = u (2 - u). */
static noise_level level(const void *chosen, double t)
{
    const long double steps = (long double)((const curve_steps *)chosen)->steps;
    const long double u = (long double)t / steps, signal = (steps - (long double)t) / steps;
    return level_from_log_snr(t, 2.0L * logl(signal) - logl(u * (1.0L + signal)));
}

static level_slope slope(const void *chosen, const noise_level *at)
{
    const double steps = (double)((const curve_steps *)chosen)->steps;
    return (level_slope){-1.0 / steps, at->signal / at->sigma / steps};
}

/* 1 - signal = sigma^2 / (1 + signal). */
static double time(const void *chosen, double log_snr)
{
    const noise_level at = level_from_log_snr(0.0, (long double)log_snr);
    return (double)((const curve_steps *)chosen)->steps * at.sigma * at.sigma / (1.0 + at.signal);
}

const curve linear_vp_curve = {
    .spec = {"linear_vp", "signal = 1 - t/T, variance preserving, without signal at T", keys, SPEC_COUNT(keys)},
    .level = level,
    .slope = slope,
    .time = time,
};

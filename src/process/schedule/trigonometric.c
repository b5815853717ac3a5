/* signal = cos(pi t / 2T), sigma = sin(pi t / 2T): v-diffusion (Salimans, Ho 2022, arXiv:2202.00512). */
#include "process/schedule/curve.h"

#include <math.h>

#define HALF_PI 1.57079632679489661923

static const spec_key keys[] = {CURVE_STEPS_KEY};

/* The angle from the nearer end, so that T has no signal to the last digit. */
static noise_level level(const void *chosen, double t)
{
    const double steps = (double)((const curve_steps *)chosen)->steps;
    const double angle = HALF_PI * t / steps, rest = HALF_PI * (steps - t) / steps;
    return level_from_log_snr(t, 2.0L * (logl(sinl((long double)rest)) - logl(sinl((long double)angle))));
}

static level_slope slope(const void *chosen, const noise_level *at)
{
    const double fast = HALF_PI / (double)((const curve_steps *)chosen)->steps;
    return (level_slope){-fast * at->sigma, fast * at->signal};
}

static double time(const void *chosen, double log_snr)
{
    return (double)((const curve_steps *)chosen)->steps * atan(exp(-0.5 * log_snr)) / HALF_PI;
}

const curve trigonometric_curve = {
    .spec = {"trigonometric", "signal = cos(pi t / 2T), without signal at T", keys, SPEC_COUNT(keys)},
    .level = level,
    .slope = slope,
    .time = time,
};

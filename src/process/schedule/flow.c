/* Rectified flow (Liu et al. 2023, arXiv:2209.03003; Lipman et al. 2023, arXiv:2210.02747): x_t = (1 - s) x_0 + s
 * epsilon, with s = t/T, or shifted towards the noise as for large images (Esser et al. 2024, arXiv:2403.03206); and
 * the other convex paths, (1 - s)^power x_0 + (1 - (1 - s)^power) epsilon. */
#include "process/schedule/curve.h"

#include <math.h>

typedef struct flow_options {
    curve_steps common;
    double shift, power;
} flow_options;
SPEC_OWN(flow_options);

static const spec_key keys[] = {
    CURVE_STEPS_KEY,
    {"shift", SPEC_REAL, offsetof(flow_options, shift), "1", 1e-3, 1e3, NULL,
     "s = shift u / (1 + (shift - 1) u), u = t/T"},
    {"power", SPEC_REAL, offsetof(flow_options, power), "1", 1e-3, 1e3, NULL, "signal = (1 - s)^power"},
};

/* 1 + (shift - 1) u, s and 1 - s being shift u and 1 - u over it. */
static double whole_of(const flow_options *options, double t)
{
    const double steps = (double)options->common.steps;
    return (steps - t) / steps + options->shift * (t / steps);
}

static noise_level level(const void *chosen, double t)
{
    const flow_options *options = chosen;
    const double steps = (double)options->common.steps, whole = whole_of(options, t);
    const double s = options->shift * (t / steps) / whole, rest = (steps - t) / steps / whole;
    if (options->power == 1.0)
        return level_from_signal_sigma(t, rest, s);
    return level_from_signal_sigma(t, pow(rest, options->power), -expm1(options->power * log1p(-s)));
}

static level_slope slope(const void *chosen, const noise_level *at)
{
    const flow_options *options = chosen;
    const double steps = (double)options->common.steps, whole = whole_of(options, at->t), power = options->power;
    const double rest = (steps - at->t) / steps / whole, fast = options->shift / (whole * whole) / steps;
    const double rise = power * pow(rest, power - 1.0) * fast;
    return (level_slope){-rise, rise};
}

/* The ratio sigma / signal is (1 - s)^-power - 1, and shift u / (1 - u) is s / (1 - s). */
static double time(const void *chosen, double log_snr)
{
    const flow_options *options = chosen;
    const double ratio = exp(-0.5 * log_snr);
    const double odds = (options->power == 1.0 ? ratio : expm1(log1p(ratio) / options->power)) / options->shift;
    return (double)options->common.steps * (isinf(odds) ? 1.0 : odds / (1.0 + odds));
}

const curve flow_curve = {
    .spec = {"flow", "x_t = (1 - s) x_0 + s epsilon, s rising evenly (rectified flow, flow matching)", keys,
             SPEC_COUNT(keys)},
    .level = level,
    .slope = slope,
    .time = time,
};

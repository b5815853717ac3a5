/* Rectified flow (Liu et al. 2023, arXiv:2209.03003; Lipman et al. 2023, arXiv:2210.02747): x_t = (1 - s) x_0 + s
 * epsilon, with s = t/T, or shifted towards the noise as for large images (Esser et al. 2024, arXiv:2403.03206). */
#include "process/schedule/curve.h"

#include <math.h>

typedef struct flow_options {
    curve_steps common;
    double shift;
} flow_options;
SPEC_OWN(flow_options);

static const spec_key keys[] = {
    CURVE_STEPS_KEY,
    {"shift", SPEC_REAL, offsetof(flow_options, shift), "1", 1e-3, 1e3, NULL,
     "s = shift u / (1 + (shift - 1) u), u = t/T"},
};

static noise_level level(const void *chosen, double t)
{
    const flow_options *options = chosen;
    const double steps = (double)options->common.steps, u = t / steps, rest = (steps - t) / steps;
    const double whole = rest + options->shift * u; /* 1 + (shift - 1) u */
    return level_from_signal_sigma(t, rest / whole, options->shift * u / whole);
}

/* shift u / (1 - u) is the ratio sigma / signal. */
static double time(const void *chosen, double log_snr)
{
    const flow_options *options = chosen;
    const double odds = exp(-0.5 * log_snr) / options->shift;
    return (double)options->common.steps * (isinf(odds) ? 1.0 : odds / (1.0 + odds));
}

const curve flow_curve = {
    .spec = {"flow", "x_t = (1 - s) x_0 + s epsilon, s rising evenly (rectified flow, flow matching)", keys,
             SPEC_COUNT(keys)},
    .level = level,
    .time = time,
};

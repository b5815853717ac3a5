/* The log SNR falls in equal steps, variance preserving. */
#include "base/error.h"
#include "process/schedule/curve.h"

#include <math.h>

typedef struct log_snr_options {
    curve_steps common;
    double maximum, minimum;
} log_snr_options;
SPEC_OWN(log_snr_options);

static const spec_key keys[] = {
    CURVE_STEPS_KEY,
    {"maximum", SPEC_REAL, offsetof(log_snr_options, maximum), "13.3", -700, 700, NULL,
     "log SNR at t = 1, natural logarithm of alpha_bar / (1 - alpha_bar)"},
    {"minimum", SPEC_REAL, offsetof(log_snr_options, minimum), "-5", -700, 700, NULL, "log SNR at t = T"},
};

static diffusion_status settle(void *chosen)
{
    const log_snr_options *options = chosen;
    if (options->minimum >= options->maximum)
        return error_set(DIFFUSION_E_SPEC, "schedule: minimum=%g, expected less than maximum=%g", options->minimum,
                         options->maximum);
    return DIFFUSION_OK;
}

/* What falls from one step to the next; a single step goes to the minimum at once. */
static double fall(const log_snr_options *options)
{
    return (options->minimum - options->maximum) / (double)(options->common.steps - 1);
}

static noise_level first_level(const log_snr_options *options, double t)
{
    return level_from_log_snr(t, (long double)(options->common.steps > 1 ? options->maximum : options->minimum));
}

/* Between the data and the first step log signal^2 is linear in t, as between betas. */
static noise_level level(const void *chosen, double t)
{
    const log_snr_options *options = chosen;
    const int64_t steps = options->common.steps;
    if (t < 1.0) {
        const noise_level first = first_level(options, 1.0);
        return level_from_log_signal_square(t, (accurate_sum){t * level_log_signal_square(&first), 0.0});
    }
    if (steps == 1)
        return first_level(options, t);
    const long double weight = ((long double)t - 1.0L) / (long double)(steps - 1); /* both ends come out exactly */
    return level_from_log_snr(t,
                              (long double)options->maximum * (1.0L - weight) + (long double)options->minimum * weight);
}

static level_slope slope(const void *chosen, const noise_level *at)
{
    const log_snr_options *options = chosen;
    const noise_level first = first_level(options, 1.0);
    if (at->t < 1.0 || options->common.steps == 1)
        return level_slope_preserving(at, level_log_signal_square(&first));
    return level_slope_preserving(at, at->sigma * at->sigma * fall(options));
}

static double time(const void *chosen, double log_snr)
{
    const log_snr_options *options = chosen;
    noise_level first = first_level(options, 1.0), at = level_from_log_snr(0.0, (long double)log_snr);
    if (log_snr > first.log_snr)
        return level_log_signal_square(&at) / level_log_signal_square(&first);
    return options->common.steps > 1 ? 1.0 + (log_snr - options->maximum) / fall(options) : 1.0;
}

const curve log_snr_curve = {
    .spec = {"log_snr", "the log SNR falls in equal steps, variance preserving", keys, SPEC_COUNT(keys)},
    .settle = settle,
    .level = level,
    .slope = slope,
    .time = time,
};

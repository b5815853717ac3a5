/* The variance-exploding SDE (Song et al. 2021, arXiv:2011.13456, equation 9): x_t = x_0 + sigma_t epsilon, with log
 * sigma rising evenly from sigma_min at t = 1 to sigma_max at t = T. */
#include "base/error.h"
#include "process/schedule/curve.h"

#include <math.h>

typedef struct ve_options {
    curve_steps common;
    double sigma_min, sigma_max;
} ve_options;
SPEC_OWN(ve_options);

static const spec_key keys[] = {
    CURVE_STEPS_KEY,
    {"sigma_min", SPEC_REAL, offsetof(ve_options, sigma_min), "0.02", 1e-100, 1e100, NULL, "sigma at t = 1"},
    {"sigma_max", SPEC_REAL, offsetof(ve_options, sigma_max), "100", 1e-100, 1e100, NULL, "sigma at t = T"},
};

static diffusion_status settle(void *chosen)
{
    const ve_options *options = chosen;
    if (options->sigma_min >= options->sigma_max)
        return error_set(DIFFUSION_E_SPEC, "schedule: sigma_min=%g, expected less than sigma_max=%g",
                         options->sigma_min, options->sigma_max);
    return DIFFUSION_OK;
}

/* What log sigma gains in a step; a single step goes to sigma_max at once. */
static double gain(const ve_options *options)
{
    return log(options->sigma_max / options->sigma_min) / (double)(options->common.steps - 1);
}

static double first_sigma(const ve_options *options)
{
    return options->common.steps > 1 ? options->sigma_min : options->sigma_max;
}

/* Below t = 1 sigma is linear in t. */
static noise_level level(const void *chosen, double t)
{
    const ve_options *options = chosen;
    double sigma = first_sigma(options) * t;
    if (t == (double)options->common.steps)
        sigma = options->sigma_max;
    else if (t >= 1.0)
        sigma = options->sigma_min * exp((t - 1.0) * gain(options));
    return level_from_signal_sigma(t, 1.0, sigma);
}

static level_slope slope(const void *chosen, const noise_level *at)
{
    const ve_options *options = chosen;
    return (level_slope){0.0,
                         at->t < 1.0 || options->common.steps == 1 ? first_sigma(options) : at->sigma * gain(options)};
}

static double time(const void *chosen, double log_snr)
{
    const ve_options *options = chosen;
    const double low = first_sigma(options), log_ratio = -0.5 * log_snr - log(low);
    return log_ratio <= 0.0 || options->common.steps == 1 ? exp(log_ratio) : 1.0 + log_ratio / gain(options);
}

const curve ve_curve = {
    .spec = {"ve", "x_t = x_0 + sigma epsilon, log sigma rising evenly (score SDEs)", keys, SPEC_COUNT(keys)},
    .settle = settle,
    .level = level,
    .slope = slope,
    .time = time,
};

/* EDM (Karras et al. 2022, arXiv:2206.00364, equation 5): x_t = x_0 + sigma_t epsilon, with sigma^(1/rho) rising evenly
 * from sigma_min at t = 1 to sigma_max at t = T. */
#include "base/error.h"
#include "process/schedule/curve.h"

#include <math.h>

typedef struct edm_options {
    curve_steps common;
    double sigma_min, sigma_max, rho;
} edm_options;
SPEC_OWN(edm_options);

static const spec_key keys[] = {
    CURVE_STEPS_KEY,
    {"sigma_min", SPEC_REAL, offsetof(edm_options, sigma_min), "0.002", 1e-100, 1e100, NULL, "sigma at t = 1"},
    {"sigma_max", SPEC_REAL, offsetof(edm_options, sigma_max), "80", 1e-100, 1e100, NULL, "sigma at t = T"},
    {"rho", SPEC_REAL, offsetof(edm_options, rho), "7", 1e-3, 1e3, NULL, "the power"},
};

static diffusion_status settle(void *chosen)
{
    const edm_options *options = chosen;
    if (options->sigma_min >= options->sigma_max)
        return error_set(DIFFUSION_E_SPEC, "schedule: sigma_min=%g, expected less than sigma_max=%g",
                         options->sigma_min, options->sigma_max);
    return DIFFUSION_OK;
}

/* Below t = 1 sigma is linear in t. A single step goes to sigma_max at once. */
static noise_level level(const void *chosen, double t)
{
    const edm_options *options = chosen;
    const int64_t steps = options->common.steps;
    const double low = steps > 1 ? options->sigma_min : options->sigma_max, high = options->sigma_max;
    double sigma = low * t;
    if (t >= 1.0 && steps > 1) {
        const double weight = (t - 1.0) / (double)(steps - 1), power = 1.0 / options->rho;
        sigma = weight == 0.0   ? low
                : weight == 1.0 ? high
                                : pow((1.0 - weight) * pow(low, power) + weight * pow(high, power), options->rho);
    }
    return level_from_signal_sigma(t, 1.0, sigma);
}

static level_slope slope(const void *chosen, const noise_level *at)
{
    const edm_options *options = chosen;
    const double power = 1.0 / options->rho, steps = (double)(options->common.steps - 1);
    if (at->t < 1.0 || steps == 0.0)
        return (level_slope){0.0, steps > 0.0 ? options->sigma_min : options->sigma_max};
    const double rise = (pow(options->sigma_max, power) - pow(options->sigma_min, power)) / steps;
    return (level_slope){0.0, options->rho * rise * pow(at->sigma, 1.0 - power)};
}

static double time(const void *chosen, double log_snr)
{
    const edm_options *options = chosen;
    const double sigma = exp(-0.5 * log_snr), power = 1.0 / options->rho;
    const double low = options->common.steps > 1 ? options->sigma_min : options->sigma_max, high = options->sigma_max;
    if (sigma <= low)
        return sigma / low;
    return 1.0 + (double)(options->common.steps - 1) * (pow(sigma, power) - pow(low, power)) /
                     (pow(high, power) - pow(low, power));
}

const curve edm_curve = {
    .spec = {"edm", "x_t = x_0 + sigma epsilon, sigma^(1/rho) rising evenly (EDM)", keys, SPEC_COUNT(keys)},
    .settle = settle,
    .level = level,
    .slope = slope,
    .time = time,
};

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

/* What sigmas are measured by: 1, or sigma_max where its power is beyond a double. */
static double unit_of(const edm_options *options)
{
    return isnormal(pow(options->sigma_max, 1.0 / options->rho)) ? 1.0 : options->sigma_max;
}

/* sigma^(1/rho) in that unit. */
static double raised(const edm_options *options, double sigma)
{
    return pow(sigma / unit_of(options), 1.0 / options->rho);
}

/* Below t = 1 sigma is linear in t. A single step goes to sigma_max at once. */
static noise_level level(const void *chosen, double t)
{
    const edm_options *options = chosen;
    const int64_t steps = options->common.steps;
    const double low = steps > 1 ? options->sigma_min : options->sigma_max, high = options->sigma_max;
    double sigma = low * t;
    if (t >= 1.0 && steps > 1) {
        const double weight = (t - 1.0) / (double)(steps - 1);
        const double between = (1.0 - weight) * raised(options, low) + weight * raised(options, high);
        sigma = weight == 0.0 ? low : weight == 1.0 ? high : unit_of(options) * pow(between, options->rho);
    }
    return level_from_signal_sigma(t, 1.0, sigma);
}

static level_slope slope(const void *chosen, const noise_level *at)
{
    const edm_options *options = chosen;
    const double steps = (double)(options->common.steps - 1), unit = unit_of(options);
    if (at->t < 1.0 || steps == 0.0)
        return (level_slope){0.0, steps > 0.0 ? options->sigma_min : options->sigma_max};
    const double rise = (raised(options, options->sigma_max) - raised(options, options->sigma_min)) / steps;
    return (level_slope){0.0, unit * options->rho * rise * pow(at->sigma / unit, 1.0 - 1.0 / options->rho)};
}

static double time(const void *chosen, double log_snr)
{
    const edm_options *options = chosen;
    const double sigma = exp(-0.5 * log_snr);
    const double low = options->common.steps > 1 ? options->sigma_min : options->sigma_max, high = options->sigma_max;
    if (sigma <= low)
        return sigma / low;
    const double begin = raised(options, low);
    return 1.0 +
           (double)(options->common.steps - 1) * (raised(options, sigma) - begin) / (raised(options, high) - begin);
}

const curve edm_curve = {
    .spec = {"edm", "x_t = x_0 + sigma epsilon, sigma^(1/rho) rising evenly (EDM)", keys, SPEC_COUNT(keys)},
    .settle = settle,
    .level = level,
    .slope = slope,
    .time = time,
};

/* The variance-preserving SDE (Song et al. 2021, arXiv:2011.13456, equation 11): beta rises evenly over u = t/T, so
 * that signal^2 = exp(-beta_min u - (beta_max - beta_min) u^2 / 2). */
#include "base/error.h"
#include "process/schedule/curve.h"

#include <math.h>

typedef struct vp_options {
    curve_steps common;
    double beta_min, beta_max;
} vp_options;
SPEC_OWN(vp_options);

static const spec_key keys[] = {
    CURVE_STEPS_KEY,
    {"beta_min", SPEC_REAL, offsetof(vp_options, beta_min), "0.1", 1e-6, 1e6, NULL,
     "what log signal^2 loses at the data, for the whole way"},
    {"beta_max", SPEC_REAL, offsetof(vp_options, beta_max), "20", 1e-6, 1e6, NULL, "and at t = T"},
};

static diffusion_status settle(void *chosen)
{
    const vp_options *options = chosen;
    if (options->beta_min > options->beta_max)
        return error_set(DIFFUSION_E_SPEC, "schedule: beta_min=%g, expected at most beta_max=%g", options->beta_min,
                         options->beta_max);
    return DIFFUSION_OK;
}

static noise_level level(const void *chosen, double t)
{
    const vp_options *options = chosen;
    const long double u = (long double)t / (long double)options->common.steps, low = (long double)options->beta_min;
    const long double lost = u * (low + 0.5L * ((long double)options->beta_max - low) * u);
    const double whole = (double)lost;
    return level_from_log_signal_square(t, (accurate_sum){-whole, (double)((long double)whole - lost)});
}

static level_slope slope(const void *chosen, const noise_level *at)
{
    const vp_options *options = chosen;
    const double steps = (double)options->common.steps;
    const double lost = (options->beta_min + (options->beta_max - options->beta_min) * at->t / steps) / steps;
    return level_slope_preserving(at, -lost);
}

/* The root of a quadratic in which nothing cancels; -log signal^2 = log(1 + 1 / SNR). */
static double time(const void *chosen, double log_snr)
{
    const vp_options *options = chosen;
    const double lost = log_snr > 0.0 ? log1p(exp(-log_snr)) : log1p(exp(log_snr)) - log_snr;
    const double low = options->beta_min, rise = options->beta_max - low;
    return (double)options->common.steps * 2.0 * lost / (low + sqrt(low * low + 2.0 * rise * lost));
}

const curve vp_curve = {
    .spec = {"vp", "beta rises evenly in continuous time, variance preserving (score SDEs)", keys, SPEC_COUNT(keys)},
    .settle = settle,
    .level = level,
    .slope = slope,
    .time = time,
};

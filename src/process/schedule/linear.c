/* beta, or its square root, rises in equal steps. */
#include "process/schedule/curve.h"

#include <math.h>

typedef struct linear_options {
    curve_steps common;
    double beta_start, beta_end;
} linear_options;
SPEC_OWN(linear_options);

double curve_spaced(double start, double end, int64_t t, int64_t steps)
{
    double weight = steps > 1 ? (double)(t - 1) / (double)(steps - 1) : 0.0;
    return start * (1.0 - weight) + end * weight;
}

#define START_KEY(standard)                                                                                            \
    {                                                                                                                  \
        "beta_start", SPEC_REAL, offsetof(linear_options, beta_start), standard, 0, 1, NULL, "beta at t = 1"           \
    }
#define END_KEY(standard)                                                                                              \
    {                                                                                                                  \
        "beta_end", SPEC_REAL, offsetof(linear_options, beta_end), standard, 0, 1, NULL, "beta at t = T"               \
    }

/* DDPM's schedule, section 4 of arXiv:2006.11239. Other lengths keep start and end; improved-diffusion's code scales
 * them by 1000 / T instead. */
static void linear_betas(double *beta, const void *chosen)
{
    const linear_options *options = chosen;
    for (int64_t t = 1; t <= options->common.steps; t++)
        beta[t] = curve_spaced(options->beta_start, options->beta_end, t, options->common.steps);
}

static const spec_key linear_keys[] = {CURVE_STEPS_KEY, START_KEY("1e-4"), END_KEY("0.02")};

const curve linear_curve = {
    .spec = {"linear", "beta rises in equal steps (DDPM's schedule)", linear_keys, SPEC_COUNT(linear_keys)},
    .betas = linear_betas,
};

/* "scaled" is diffusers' word: linear in sqrt(beta), as latent diffusion's code has it. */
static void scaled_linear_betas(double *beta, const void *chosen)
{
    const linear_options *options = chosen;
    for (int64_t t = 1; t <= options->common.steps; t++) {
        double root = curve_spaced(sqrt(options->beta_start), sqrt(options->beta_end), t, options->common.steps);
        beta[t] = root * root;
    }
}

static const spec_key scaled_linear_keys[] = {CURVE_STEPS_KEY, START_KEY("0.00085"), END_KEY("0.012")};

const curve scaled_linear_curve = {
    .spec = {"scaled_linear", "the square root of beta rises in equal steps (latent diffusion's schedule)",
             scaled_linear_keys, SPEC_COUNT(scaled_linear_keys)},
    .betas = scaled_linear_betas,
};

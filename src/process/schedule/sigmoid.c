/* beta rises from start to end along the logistic function of -6..6. */
#include "process/schedule/curve.h"

#include <math.h>

typedef struct sigmoid_options {
    curve_steps common;
    double beta_start, beta_end;
} sigmoid_options;
SPEC_OWN(sigmoid_options);

static const spec_key keys[] = {
    CURVE_STEPS_KEY,
    {"beta_start", SPEC_REAL, offsetof(sigmoid_options, beta_start), "1e-4", 0, 1, NULL,
     "beta far before the first step"},
    {"beta_end", SPEC_REAL, offsetof(sigmoid_options, beta_end), "0.02", 0, 1, NULL, "beta far after the last step"},
};

/* The ends are reached to 0.25 % of end - start: the logistic function of 6 is 0.9975. */
static void betas(double *beta, const void *chosen)
{
    const sigmoid_options *options = chosen;
    const double start = options->beta_start, end = options->beta_end;
    for (int64_t t = 1; t <= options->common.steps; t++)
        beta[t] = start + (end - start) / (1.0 + exp(-curve_spaced(-6.0, 6.0, t, options->common.steps)));
}

const curve sigmoid_curve = {
    .spec = {"sigmoid", "beta rises along the logistic function of -6..6 (GeoDiff's schedule)", keys, SPEC_COUNT(keys)},
    .betas = betas,
};

/* Betas as given. */
#include "base/error.h"
#include "process/schedule/curve.h"

#include <string.h>

SPEC_OWN(betas_options);

static const spec_key keys[] = {
    {"values", SPEC_REALS, offsetof(betas_options, values), NULL, 0, 1, NULL,
     "beta_1 to beta_T, at most 100000 of them"},
};

static diffusion_status settle(void *chosen)
{
    betas_options *options = chosen;
    if (options->values.count > SCHEDULE_STEPS)
        return error_set(DIFFUSION_E_SPEC, "schedule: values holds %zu betas, expected at most %d",
                         options->values.count, SCHEDULE_STEPS);
    options->common.steps = (int64_t)options->values.count;
    return DIFFUSION_OK;
}

static void betas(double *beta, const void *chosen)
{
    const betas_options *options = chosen;
    memcpy(beta + 1, options->values.values, options->values.count * sizeof *beta);
}

const curve betas_curve = {
    .spec = {"betas", "betas as given", keys, SPEC_COUNT(keys)},
    .settle = settle,
    .betas = betas,
};

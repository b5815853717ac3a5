/* DPM-Solver-2 in sigma, as k-diffusion has it (sample_dpm_2, sample_dpm_2_ancestral): the slope at the geometric
 * middle of a step; to the data Euler's. */
#include "sample/churn.h"

#include <math.h>

typedef struct kdpm2_options {
    churn_options churn;
    double eta;
} kdpm2_options;
SPEC_OWN(kdpm2_options);

static const spec_key keys[] = {CHURN_KEYS(kdpm2_options, churn)};

static const spec_key ancestral_keys[] = {
    {"eta", SPEC_REAL, offsetof(kdpm2_options, eta), "1", 0, 1, NULL, "share of the noise that a step may draw"},
};

enum { X, SEEN, MIDDLE, ROOM, ARRAYS };

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

/* y at sigma `to`, from y at `from` and the slope, as x at the level `at`. */
static void move(const solver_chain *chain, double *out, const noise_level *from, const noise_level *at, double to,
                 const double *slope)
{
    linear_sum(chain, out,
               (linear_term[]){{at->signal / from->signal, linear_array(chain, X)},
                               {at->signal * (to - level_ratio(from)), slope}},
               2);
}

static diffusion_status take(const solver_chain *chain, solver_step *step, const noise_level *from, ancestral_step of)
{
    const double sigma = level_ratio(from);
    double *slope = linear_array(chain, SEEN), *room = linear_array(chain, ROOM), *middle = linear_array(chain, MIDDLE);
    diffusion_status status = linear_see(chain, SEES_NOISE, linear_array(chain, X), from, slope, room);
    if (status == DIFFUSION_OK && of.down > 0.0) {
        const double half = sqrt(sigma * of.down);
        const noise_level at = solver_level_at(chain, -2.0 * log(half));
        move(chain, middle, from, &at, half, slope);
        status = linear_see(chain, SEES_NOISE, middle, &at, slope, room);
    }
    if (status != DIFFUSION_OK)
        return status;
    move(chain, step->next.mean, from, &step->aim, of.down, slope);
    linear_spread(chain, step, step->aim.signal * of.up);
    return DIFFUSION_OK;
}

static diffusion_status step_flow(const solver_chain *chain, solver_step *step)
{
    const kdpm2_options *options = chain->options;
    const noise_level raised = churn_level(chain, &options->churn, step);
    diffusion_status status = churn_raise(chain, &options->churn, step, &raised, linear_array(chain, X));
    return status == DIFFUSION_OK ? take(chain, step, &raised, (ancestral_step){level_ratio(&step->aim), 0.0}) : status;
}

static diffusion_status step_ancestral(const solver_chain *chain, solver_step *step)
{
    const kdpm2_options *options = chain->options;
    linear_sum(chain, linear_array(chain, X), (linear_term[]){{1.0, chain->x}}, 1);
    return take(chain, step, &step->from,
                ancestral_step_of(level_ratio(&step->from), level_ratio(&step->aim), options->eta));
}

static diffusion_status check(const void *options)
{
    return churn_check(&((const kdpm2_options *)options)->churn);
}

const solver kdpm2_solver = {
    .spec = {"kdpm2", "DPM-Solver-2 in sigma, two evaluations a step (Gaussian kernel).", keys, SPEC_COUNT(keys)},
    .additive = 1,
    .check = check,
    .needs_signal = linear_needs_signal,
    .arrays = arrays,
    .step = step_flow,
};

const solver kdpm2_ancestral_solver = {
    .spec = {"kdpm2_ancestral", "The same with noise drawn behind each step (Gaussian kernel).", ancestral_keys,
             SPEC_COUNT(ancestral_keys)},
    .additive = 1,
    .needs_signal = linear_needs_signal,
    .arrays = arrays,
    .step = step_ancestral,
};

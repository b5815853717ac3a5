#include "sample/options.h"

#include <math.h>

static const spec_key keys[] = {
    {"seed", SPEC_UNSIGNED, offsetof(sampler_options, seed), "0", 0, 0, NULL, "seed of the noise"},
    {"first", SPEC_INTEGER, offsetof(sampler_options, first), "0", 0, 9007199254740992.0, NULL,
     "index of the first sample: sample i of a batch is the same whichever batch it is drawn in"},
    {"steps", SPEC_INTEGER, offsetof(sampler_options, plan.steps), "0", 0, 100000, NULL,
     "steps that the chain visits, at most T; 0 for all T (fewer: Gaussian kernel)"},
    {"spacing", SPEC_CHOICE, offsetof(sampler_options, plan.spacing), "leading", 0, 0, "leading|linspace|trailing",
     "the steps visited, with s = T/steps: 1 and then every floor(s)-th; 1..T evenly, rounded; T and then every s-th "
     "downwards, rounded; as diffusers, but never one step more than asked for, below the first"},
    {"steps_offset", SPEC_INTEGER, offsetof(sampler_options, plan.steps_offset), "0", 0, 100000, NULL,
     "spacing=leading: added to every step visited (Gaussian kernel)"},
    {"clip", SPEC_REAL, offsetof(sampler_options, clip), "0", 0, HUGE_VAL, NULL,
     "estimates of x_0 are held within -clip..clip; 0 for no limit (Gaussian kernel)"},
    {"posterior", SPEC_CHOICE, offsetof(sampler_options, posterior), "constant", 0, 0, "constant|annealed|exact",
     "r(x_t) where samples are multiplied by r(x_0): the same r, r^((T-t)/T), or, for an observation in Gaussian "
     "noise, "
     "a chain that begins where x_t has the observation's noise (ancestral)"},
    {"particles", SPEC_INTEGER, offsetof(sampler_options, particles), "1", 1, 65536, NULL,
     "chains for each sample, weighted by what normalising p(x_{t-1} | x_t) r(x_{t-1}) leaves out; 1: the paper's "
     "approximation, more: towards the exact posterior (ancestral)"},
};

static const spec_kind *kind_at(size_t index)
{
    const solver *of = solver_at(index);
    return of != NULL ? &of->spec : NULL;
}

const spec_grammar *sampler_grammar(void)
{
    static const spec_grammar grammar = {"sampler", kind_at, keys, SPEC_COUNT(keys)};
    return &grammar;
}

char *sampler_help(void)
{
    return spec_help(sampler_grammar());
}

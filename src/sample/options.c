#include "sample/options.h"

#include <math.h>

static const spec_key keys[] = {
    {"seed", SPEC_UNSIGNED, offsetof(sampler_options, seed), "0", 0, 0, NULL, "seed of the noise"},
    {"first", SPEC_INTEGER, offsetof(sampler_options, first), "0", 0, 9007199254740992.0, NULL,
     "index of the first sample: sample i of a batch is the same whichever batch it is drawn in"},
};

static const spec_key ancestral_keys[] = {
    {"steps", SPEC_INTEGER, offsetof(sampler_options, steps), "0", 0, 100000, NULL,
     "steps of a respaced chain, at most T; 0 for all T (Gaussian kernel)"},
    {"clip", SPEC_REAL, offsetof(sampler_options, clip), "0", 0, HUGE_VAL, NULL,
     "estimates of x_0 are held within -clip..clip; 0 for no limit (Gaussian kernel)"},
    {"last", SPEC_CHOICE, offsetof(sampler_options, last), "mean", 0, 0, "mean|model|forward",
     "x_0 given x_1: the mean (the likelier bit), a draw from p(x_0 | x_1), or the paper's edge rule, a draw from the "
     "forward kernel with beta_1"},
    {"posterior", SPEC_CHOICE, offsetof(sampler_options, posterior), "constant", 0, 0, "constant|annealed|exact",
     "r(x_t) where samples are multiplied by r(x_0): the same r, r^((T-t)/T), or, for an observation in Gaussian "
     "noise, a chain that begins where x_t has the observation's noise"},
    {"particles", SPEC_INTEGER, offsetof(sampler_options, particles), "1", 1, 65536, NULL,
     "chains for each sample, weighted by what normalising p(x_{t-1} | x_t) r(x_{t-1}) leaves out; 1: the paper's "
     "approximation, more: towards the exact posterior"},
};

static const spec_kind kinds[] = {
    {"ancestral", "x_{t-1} drawn from p(x_{t-1} | x_t), step by step (Gaussian and binomial kernel).", ancestral_keys,
     SPEC_COUNT(ancestral_keys)},
};

const spec_grammar *sampler_grammar(void)
{
    static const spec_grammar grammar = {"sampler", kinds, SPEC_COUNT(kinds), keys, SPEC_COUNT(keys)};
    return &grammar;
}

char *sampler_help(void)
{
    return spec_help(sampler_grammar());
}

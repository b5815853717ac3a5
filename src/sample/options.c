#include "sample/options.h"

#include <math.h>

static const spec_key keys[] = {
    {"seed", SPEC_UNSIGNED, offsetof(sampler_options, seed), "0", 0, 0, NULL, "seed of the noise"},
    {"first", SPEC_INTEGER, offsetof(sampler_options, first), "0", 0, 9007199254740992.0, NULL,
     "index of the first sample: sample i of a batch is the same whichever batch it is drawn in"},
};

#define STEPS_KEY                                                                                                      \
    {                                                                                                                  \
        "steps", SPEC_INTEGER, offsetof(sampler_options, steps), "0", 0, 100000, NULL,                                 \
            "steps of a respaced chain, at most T; 0 for all T (Gaussian kernel)"                                      \
    }
#define CLIP_KEY                                                                                                       \
    {                                                                                                                  \
        "clip", SPEC_REAL, offsetof(sampler_options, clip), "0", 0, HUGE_VAL, NULL,                                    \
            "estimates of x_0 are held within -clip..clip; 0 for no limit (Gaussian kernel)"                           \
    }

#define SPACING_KEY                                                                                                    \
    {                                                                                                                  \
        "spacing", SPEC_CHOICE, offsetof(sampler_options, spacing), "leading", 0, 0, "leading|linspace|trailing",      \
            "the steps visited, with s = T/steps: 1 and then every floor(s)-th; 1..T evenly, rounded; T and then "     \
            "every s-th downwards, rounded"                                                                            \
    }
#define OFFSET_KEY                                                                                                     \
    {                                                                                                                  \
        "steps_offset", SPEC_INTEGER, offsetof(sampler_options, steps_offset), "0", 0, 100000, NULL,                   \
            "spacing=leading: added to every step visited"                                                             \
    }

static const spec_key ancestral_keys[] = {
    STEPS_KEY,
    CLIP_KEY,
    SPACING_KEY,
    OFFSET_KEY,
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

static const spec_key ddim_keys[] = {
    STEPS_KEY,
    CLIP_KEY,
    {"eta", SPEC_REAL, offsetof(sampler_options, eta), "0", 0, 1, NULL,
     "noise of a step as a share of the posterior's standard deviation: 0 draws none, so that x_T decides x_0; 1 is "
     "DDPM's"},
    SPACING_KEY,
    OFFSET_KEY,
    {"stride", SPEC_CHOICE, offsetof(sampler_options, stride), "next", 0, 0, "next|even",
     "where a step goes: to the next one visited, or floor(T/steps) down, as diffusers' code has it (they differ where "
     "the spacing is uneven)"},
    {"set_alpha_to_one", SPEC_CHOICE, offsetof(sampler_options, set_alpha_to_one), "yes", 0, 0, "no|yes",
     "whether the last step goes to alpha_bar = 1, the data, or stays at alpha_bar_1"},
};

/* In the order of sampler_kind. */
static const spec_kind kinds[] = {
    {"ancestral", "x_{t-1} drawn from p(x_{t-1} | x_t), step by step (Gaussian and binomial kernel).", ancestral_keys,
     SPEC_COUNT(ancestral_keys)},
    {"ddim", "Denoising diffusion implicit models: x_{t-1} from the x_0 and the noise seen in x_t (Gaussian kernel).",
     ddim_keys, SPEC_COUNT(ddim_keys)},
};

static const spec_kind *kind_at(size_t index)
{
    return index < SPEC_COUNT(kinds) ? &kinds[index] : NULL;
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

#include "model/options.h"

static const spec_key keys[] = {
    {"shape", SPEC_SHAPE, offsetof(model_options, shape), NULL, 1, 16777216, NULL,
     "sizes of one sample, such as 2 or 28,28,1 (height, width, channels)"},
    {"classes", SPEC_INTEGER, offsetof(model_options, classes), "0", 0, 65536, NULL,
     "number of classes that labels name; 0 for no labels"},
    {"predict", SPEC_CHOICE, offsetof(model_options, predict), "epsilon", 0, 0, PREDICT_CHOICES,
     "what the output is read as (binomial kernel: x0, mean or direct)"},
    {"variance", SPEC_CHOICE, offsetof(model_options, variance), "fixed_large", 0, 0, VARIANCE_CHOICES,
     "variance of p(x_{t-1} | x_t): the posterior's, beta, or a second half of the output: the paper's sigmoid "
     "perturbation of beta, or improved DDPM's interpolation (Gaussian kernel)"},
};

static const spec_kind *kind_at(size_t index)
{
    return index < NETWORK_KINDS ? &network_kinds[index] : NULL;
}

const spec_grammar *model_grammar(void)
{
    static const spec_grammar grammar = {"model", kind_at, keys, SPEC_COUNT(keys)};
    return &grammar;
}

const spec_grammar *model_callback_grammar(void)
{
    static const spec_grammar grammar = {"model", NULL, keys, SPEC_COUNT(keys)};
    return &grammar;
}

char *model_help(void)
{
    return spec_help(model_grammar());
}

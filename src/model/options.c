#include "model/options.h"

#include "model/prediction.h"
#include "model/variance.h"
#include "network/table.h"

static const spec_key keys[] = {
    {"shape", SPEC_SHAPE, offsetof(model_options, shape), NULL, 1, 16777216, NULL,
     "sizes of one sample, such as 2 or 28,28,1 (height, width, channels)"},
    {"classes", SPEC_INTEGER, offsetof(model_options, classes), "0", 0, 65536, NULL,
     "number of classes that labels name; 0 for no labels"},
    {"condition", SPEC_INTEGER, offsetof(model_options, condition), "0", 0, 65536, NULL,
     "width of the vector that a sample is conditioned on; 0 for none"},
    {"predict", SPEC_CHOICE, offsetof(model_options, predict), "epsilon", 0, 0, prediction_names,
     "what the output is read as (binomial kernel: x0, mean or perturbation)"},
    {"variance", SPEC_CHOICE, offsetof(model_options, variance), "fixed_large", 0, 0, variance_names,
     "variance of p(x_{t-1} | x_t): the posterior's, the forward step's, or a second half of the output: the paper's "
     "sigmoid perturbation of the forward step's, improved DDPM's interpolation, or the variance itself, of models "
     "trained elsewhere (Gaussian kernel)"},
    {"time", SPEC_CHOICE, offsetof(model_options, time), "step", 0, 0, "step|log_snr|edm|ve",
     "what the network is told of time: the step t, the log SNR there, log(sigma / signal) / 4, or log(sigma / signal "
     "/ 2)"},
    {"sigma_data", SPEC_REAL, offsetof(model_options, sigma_data), "0.5", 1e-6, 1e6, NULL,
     "standard deviation of the data, for predict=edm and edm_v and a trainer's weight=edm"},
};

static const spec_kind *kind_at(size_t index)
{
    const network_kind *kind = network_kind_at(index);
    return kind != NULL ? &kind->spec : NULL;
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

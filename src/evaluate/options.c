#include "evaluate/options.h"

#include <math.h>

static const spec_key keys[] = {
    {"draws", SPEC_INTEGER, offsetof(bound_options, draws), "1", 1, 1000000, NULL,
     "draws of x_t for every sample and step"},
    {"seed", SPEC_UNSIGNED, offsetof(bound_options, seed), "0", 0, 0, NULL, "seed of the draws"},
    {"edge", SPEC_CHOICE, offsetof(bound_options, edge), "forward", 0, 0, "forward|model|discretized",
     "p(x_0 | x_1): the forward kernel with beta_1 (the paper's rule), the model's own density, or its mass in the "
     "bins "
     "of discrete data spread over -1..1"},
    {"levels", SPEC_INTEGER, offsetof(bound_options, levels), "256", 2, 65536, NULL,
     "number of bins with edge=discretized"},
    {"dequantize", SPEC_REAL, offsetof(bound_options, dequantize), "0", 0, HUGE_VAL, NULL,
     "width of the uniform noise that is added to every value of x_0, in the scale of x_0; 0 for none"},
};

const spec_grammar *bound_grammar(void)
{
    static const spec_grammar grammar = {"bound", NULL, keys, SPEC_COUNT(keys)};
    return &grammar;
}

char *bound_help(void)
{
    return spec_help(bound_grammar());
}

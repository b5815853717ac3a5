#include "coding/options.h"

#include "model/variance.h"

#define OWN(field) offsetof(coder_options, field)

static const spec_key keys[] = {
    {"steps", SPEC_INTEGER, OWN(steps), "0", 0, 100000, NULL,
     "steps of the chain, at most T; 0 for all T. Each is a pass of the network, there and back"},
    {"spacing", SPEC_CHOICE, OWN(spacing), "even", 0, 0, "even|optimal",
     "which they are: 1..T evenly, or 1, T and those between that make the bound best, by the model's moments"},
    {"variance", SPEC_CHOICE, OWN(variance), "model", 0, 0, variance_asked_names,
     "of p(x_s | x_t): the model's own, a fixed one in its place, or the best for the model's mean (Analytic-DPM), by "
     "the moments that were measured of it (Gaussian kernel)"},
    {"cells", SPEC_INTEGER, OWN(cells), "2", 1, 1024, NULL,
     "cells of the grid that x_t is drawn on, to the smallest standard deviation there (Gaussian kernel)"},
    {"levels", SPEC_INTEGER, OWN(levels), "256", 2, 65536, NULL,
     "values of the data, spread evenly over -1..1 (Gaussian kernel)"},
    {"edge", SPEC_CHOICE, OWN(edge), "model", 0, 0, "model|forward",
     "p(x_0 | x_1) of bits: the model's own law, or the forward kernel with beta_1, the paper's rule"},
    {"batch", SPEC_INTEGER, OWN(batch), "64", 1, 1024, NULL,
     "samples that go through the network together, at most: an eighth of those coded before them"},
};

static const spec_kind bits_back = {"bits_back", "Bits-back coding over the chain with asymmetric numeral systems.",
                                    keys, SPEC_COUNT(keys)};

static const spec_kind *kind_at(size_t index)
{
    return index == 0 ? &bits_back : NULL;
}

const spec_grammar *coder_grammar(void)
{
    static const spec_grammar grammar = {"coder", kind_at, NULL, 0};
    return &grammar;
}

char *coder_help(void)
{
    return spec_help(coder_grammar());
}

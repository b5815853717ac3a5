/* The table of weights. */
#include "train/weight.h"

const char weight_names[] = "none|min_snr|edm|bound";

extern const weight_class none_weight, min_snr_weight, edm_weight;

static const weight_class *const weights[] = {
    &none_weight,
    &min_snr_weight,
    &edm_weight,
    &bound_weight,
};

const weight_class *weight_class_at(size_t index)
{
    return index < SPEC_COUNT(weights) ? weights[index] : NULL;
}

/* signal epsilon - sigma x_0 (arXiv:2202.00512). */
#include "model/prediction.h"

static prediction_target target(const prediction_step *at, double variance, prediction_target *slope)
{
    (void)variance, (void)slope;
    return (prediction_target){-at->from->sigma, at->from->signal};
}

const prediction v_prediction = {.name = "v", .target = target};

/* The noise in x_t (arXiv:2006.11239). */
#include "model/prediction.h"

static prediction_target target(const prediction_step *at, double variance, prediction_target *slope)
{
    (void)at, (void)variance, (void)slope;
    return (prediction_target){0.0, 1.0};
}

const prediction epsilon_prediction = {.name = "epsilon", .target = target};

/* The slope of the straight path from the data to the noise, epsilon - x_0 (arXiv:2209.03003, arXiv:2210.02747). */
#include "model/prediction.h"

static prediction_target target(const prediction_step *at, double variance, prediction_target *slope)
{
    (void)at, (void)variance, (void)slope;
    return (prediction_target){-1.0, 1.0};
}

const prediction flow_prediction = {.name = "flow", .target = target};

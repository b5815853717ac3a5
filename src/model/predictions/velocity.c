/* dx_t/du, u = t/T: the slope of the schedule's own path from the data to the noise (Lipman et al. 2023,
 * arXiv:2210.02747), which for the curve flow is predict=flow. */
#include "model/prediction.h"

static prediction_target target(const prediction_step *at, double variance, prediction_target *slope)
{
    (void)variance, (void)slope;
    return (prediction_target){at->rise.signal, at->rise.sigma};
}

const prediction velocity_prediction = {.name = "velocity", .needs_rise = 1, .target = target};

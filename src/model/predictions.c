/* The table of predictions. */
#include "model/prediction.h"

#include <stddef.h>

const char prediction_names[] = "epsilon|x0|v|mean|perturbation|flow|edm|edm_v|velocity|scaled_score";

extern const prediction epsilon_prediction, x0_prediction, v_prediction, mean_prediction, flow_prediction,
    edm_prediction, edm_v_prediction, velocity_prediction, scaled_score_prediction;

static const prediction *const predictions[] = {
    &epsilon_prediction, &x0_prediction,  &v_prediction,     &mean_prediction,     &perturbation_prediction,
    &flow_prediction,    &edm_prediction, &edm_v_prediction, &velocity_prediction, &scaled_score_prediction,
};

const prediction *prediction_at(size_t index)
{
    return index < sizeof predictions / sizeof predictions[0] ? predictions[index] : NULL;
}

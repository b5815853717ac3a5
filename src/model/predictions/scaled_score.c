/* sigma times the score grad log p(x_t), -epsilon: what networks of score SDEs answer before it is divided by sigma
 * (Song et al. 2021, arXiv:2011.13456; the VE of Karras et al. 2022, table 1). */
#include "model/prediction.h"

static prediction_target target(const prediction_step *at, double variance, prediction_target *slope)
{
    (void)at, (void)variance, (void)slope;
    return (prediction_target){0.0, -1.0};
}

const prediction scaled_score_prediction = {.name = "scaled_score", .target = target};

/* EDM's F (Karras et al. 2022, arXiv:2206.00364, table 1): for y = x / signal and s = sigma / signal
 *
 *     x_0 = c_skip y + c_out F,  c_skip = d^2 / (s^2 + d^2),  c_out = s d / sqrt(s^2 + d^2)
 *
 * with d the data's standard deviation; edm_v is -F, which comes to v where both deviations are 1. And c_in = 1 /
 * sqrt(s^2 + d^2) before y where a network reads it. */
#include "model/prediction.h"

#include <math.h>

/* Neither divides by the signal: both sides of F are taken times it. */
static prediction_target target(const prediction_step *at, double variance, prediction_target *slope)
{
    (void)variance, (void)slope;
    const double d = at->sigma_data, signal = at->from->signal, sigma = at->from->sigma;
    const double whole = hypot(sigma, signal * d);
    return (prediction_target){sigma / (d * whole), -signal * d / whole};
}

static prediction_target negative(const prediction_step *at, double variance, prediction_target *slope)
{
    const prediction_target of = target(at, variance, slope);
    return (prediction_target){-of.x0, -of.epsilon};
}

static double input_scale(const prediction_step *at)
{
    return 1.0 / hypot(at->from->sigma, at->from->signal * at->sigma_data);
}

const prediction edm_prediction = {.name = "edm", .target = target, .input_scale = input_scale};
const prediction edm_v_prediction = {.name = "edm_v", .target = negative, .input_scale = input_scale};

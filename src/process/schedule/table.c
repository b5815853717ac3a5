/* The table of curves. */
#include "process/schedule/log_snr.h"

extern const curve linear_curve, scaled_linear_curve, cosine_curve, sigmoid_curve, constant_rate_curve, edm_curve,
    flow_curve, trigonometric_curve, vp_curve, ve_curve, linear_vp_curve;

static const curve *const curves[] = {
    &linear_curve,        &scaled_linear_curve, &cosine_curve,  &sigmoid_curve,
    &constant_rate_curve, &betas_curve,         &log_snr_curve, &edm_curve,
    &flow_curve,          &trigonometric_curve, &vp_curve,      &ve_curve,
    &linear_vp_curve,
};

const curve *curve_at(size_t index)
{
    return index < SPEC_COUNT(curves) ? curves[index] : NULL;
}

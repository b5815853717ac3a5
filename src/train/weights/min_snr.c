/* min(SNR, gamma) of x_0 (Hang et al. 2023, arXiv:2303.09556): of epsilon min(SNR, gamma) / SNR, of v min(SNR, gamma) /
 * (SNR + 1). */
#include "train/weight.h"

#include <math.h>

static double of_x0(const weight_at *at)
{
    return fmin(exp(at->step->from.log_snr), at->gamma);
}

const weight_class min_snr_weight = {.name = "min_snr", .of_x0 = of_x0};

/* (s^2 + d^2) / (s d)^2 of x_0, with s = sigma / signal and d the data's standard deviation: 1 of EDM's F (Karras et
 * al. 2022, arXiv:2206.00364, table 1). */
#include "train/weight.h"

static double of_x0(const weight_at *at)
{
    const noise_level *level = &at->step->from;
    const double d = at->step->sigma_data, scaled = level->signal * d, product = level->sigma * d;
    return (level->sigma * level->sigma + scaled * scaled) / (product * product);
}

const weight_class edm_weight = {.name = "edm", .of_x0 = of_x0};

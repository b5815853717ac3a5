/* What the bound makes of an error of x_0. Of whole steps T times the KL's posterior.x0^2 / (2 Sigma), Sigma the
 * model's fixed variance, or where it is learned the posterior's, which makes it T (SNR_{t-1} - SNR_t) / 2; of real
 * ones its limit, the length times -SNR'(t) / 2 (Kingma et al. 2021, arXiv:2107.00630, equation 17). */
#include "train/weight.h"

#include <math.h>

static double snr_at(const struct diffusion_schedule *schedule, double t)
{
    return exp(schedule_level(schedule, t).log_snr);
}

/* A difference quotient within the times that are drawn. */
static double of_real(const weight_at *at)
{
    const double width = 1e-4, t = at->step->from.t, last = (double)at->schedule->steps;
    const double low = fmax(t - width, 1.0), high = fmin(t + width, last);
    return 0.5 * (last - 1.0) * (snr_at(at->schedule, low) - snr_at(at->schedule, high)) / (high - low);
}

static double of_x0(const weight_at *at)
{
    const reverse_step *step = at->step;
    const double variance = step->learned ? exp(step->ends.log_small) : step->ends.fixed;
    if (at->real)
        return of_real(at);
    return (double)at->schedule->steps * step->posterior.x0 * step->posterior.x0 / (2.0 * variance);
}

const weight_class bound_weight = {.name = "bound", .of_x0 = of_x0};

#include "process/betas.h"

#include "base/error.h"
#include "base/number.h"
#include "process/accurate_sum.h"

/* beta = 0 would make the posterior's variance 0; after an inner 1 nothing of x_0 is left, nothing could be learned
 * from the steps that follow, and their levels could not be told apart. The comparison is written so that a NaN fails
 * it. */
diffusion_status betas_check(const double *beta, int32_t steps, const char *object, diffusion_status failure)
{
    char text[NUMBER_SIZE];
    for (int32_t t = 1; t <= steps; t++) {
        if (!(beta[t] > 0.0 && beta[t] <= 1.0)) {
            number_format_real(text, beta[t]);
            return error_set(failure, "%s: beta_%d=%s, expected above 0 and at most 1", object, t, text);
        }
        if (beta[t] == 1.0 && t < steps)
            return error_set(
                failure,
                "%s: beta_%d=1, expected below 1 before the last step %d: nothing of x_0 would be left for "
                "the steps after it",
                object, t, steps);
    }
    return DIFFUSION_OK;
}

/* With s = sqrt(alpha_bar), the new sqrt(alpha_t) is (s_t - s_T) / (s_{t-1} - s_T). Its distance d from 1 is
 * (s_{t-1} - s_t) / (s_{t-1} - s_T), where s_{t-1} divides out: the logarithms of step t and of steps t..T remain. */
void betas_zero_terminal_snr(double *beta, int32_t steps)
{
    accurate_sum rest = {0.0, 0.0};
    for (int32_t t = steps; t >= 2; t--) {
        double log_alpha = log1p(-beta[t]);
        accurate_add(&rest, log_alpha);
        double d = t < steps ? expm1(0.5 * log_alpha) / expm1(0.5 * accurate_value(&rest)) : 1.0;
        beta[t] = d * (2.0 - d);
    }
}

/* The product of 1 - beta as a sum of logarithms: it neither underflows nor loses what is small beside 1. */
void betas_levels(noise_level *levels, const double *beta, int32_t steps)
{
    accurate_sum log_alpha_bar = {0.0, 0.0};
    levels[0] = level_of_data();
    for (int32_t t = 1; t <= steps; t++) {
        accurate_add(&log_alpha_bar, log1p(-beta[t]));
        levels[t] = level_from_log_signal_square(t, log_alpha_bar);
    }
}

#include "process/gaussian.h"

#include "process/divergence.h"

#include <math.h>

#define LOG_TWO_PI 1.8378770664093454835606594728112

/* Equation 7 of arXiv:2006.11239. Quotients come first, so that no product underflows at either end, and 1 - alpha_bar
 * is read from `noise`, which has all its digits. With beta_T = 1 only the coefficient of x_0 remains. */
gaussian_posterior gaussian_posterior_at(const struct diffusion_schedule *schedule, int32_t t)
{
    if (t == 1) /* rounding must not leave x_0 with a coefficient of almost 1 */
        return (gaussian_posterior){1.0, 0.0, 0.0};
    const double share = schedule->beta[t] / schedule->noise[t];
    return (gaussian_posterior){
        .x0 = sqrt(schedule->alpha_bar[t - 1]) * share,
        .xt = sqrt(1.0 - schedule->beta[t]) * (schedule->noise[t - 1] / schedule->noise[t]),
        .variance = schedule->noise[t - 1] * share,
    };
}

double gaussian_posterior_log_variance(const struct diffusion_schedule *schedule, int32_t t)
{
    if (schedule->steps == 1)
        return log(schedule->beta[1]);
    return log(gaussian_posterior_at(schedule, t > 1 ? t : 2).variance);
}

/* (log(v2/v1) + v1/v2 - 1 + shift^2/v2) / 2, the first three terms as one that does not cancel. */
double gaussian_kl(double mean1, double variance1, double mean2, double variance2)
{
    const double shift = mean1 - mean2;
    const double spread = divergence(variance2, variance1, variance1 - variance2) / variance2;
    return 0.5 * (spread + shift / variance2 * shift);
}

double gaussian_log_density(double x, double mean, double variance)
{
    const double shift = x - mean;
    return -0.5 * (LOG_TWO_PI + log(variance) + shift / variance * shift);
}

double gaussian_entropy(double variance)
{
    return 0.5 * (1.0 + LOG_TWO_PI + log(variance));
}

/* The approximation of the normal distribution function, (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) / 2, is the logistic
 * function of twice the tanh's argument. */
#define LOGISTIC_SCALE 1.5957691216057307117597842397375 /* 2 sqrt(2/pi) */
#define CUBIC 0.044715

static double logistic_argument(double z)
{
    return LOGISTIC_SCALE * (z + CUBIC * z * z * z);
}

/* log of the logistic function, from the side where nothing overflows. */
static double log_logistic(double argument)
{
    return argument >= 0.0 ? -log1p(exp(-argument)) : argument - log1p(exp(argument));
}

/* log(1 - exp(-gap)) for gap > 0. */
static double log_gap(double gap)
{
    return gap < 1.0 ? log(-expm1(-gap)) : log1p(-exp(-gap));
}

/* The mass between two points of the distribution function F is F(high) (1 - F(low)) (1 - exp(-gap)) with gap the
 * difference of their logistic arguments: the small difference of two distribution functions never appears. */
double gaussian_discretized_log_likelihood(double x, double mean, double variance, int32_t levels)
{
    const double half = 1.0 / (levels - 1.0), scale = 1.0 / sqrt(variance), least = log(1e-12);
    const double low = scale * (x - mean - half), high = scale * (x - mean + half);
    double log_mass = 0.0;
    if (x > half - 1.0 && x < 1.0 - half) {
        double gap = LOGISTIC_SCALE * (2.0 * half * scale) * (1.0 + CUBIC * (high * high + high * low + low * low));
        log_mass = log_gap(gap);
    }
    if (x < 1.0 - half) /* not the highest bin, which is open above */
        log_mass += log_logistic(logistic_argument(high));
    if (x > half - 1.0) /* not the lowest */
        log_mass += log_logistic(-logistic_argument(low));
    return log_mass < least ? least : log_mass; /* a NaN stays one */
}

#include "process/betas.h"

#include "base/error.h"
#include "base/number.h"
#include "process/accurate_sum.h"

#define HALF_PI 1.5707963267948966192313216916398

/* Item t = 1..steps of an even spacing; both ends come out exactly. */
static double spaced(double start, double end, int32_t t, int32_t steps)
{
    double weight = steps > 1 ? (double)(t - 1) / (double)(steps - 1) : 0.0;
    return start * (1.0 - weight) + end * weight;
}

/* DDPM's schedule, section 4 of arXiv:2006.11239. Other lengths keep start and end; improved-diffusion's code scales
 * them by 1000 / T instead. */
void betas_linear(double *beta, int32_t steps, double start, double end)
{
    for (int32_t t = 1; t <= steps; t++)
        beta[t] = spaced(start, end, t, steps);
}

/* "scaled" is diffusers' word: linear in sqrt(beta), as latent diffusion's code has it. */
void betas_scaled_linear(double *beta, int32_t steps, double start, double end)
{
    for (int32_t t = 1; t <= steps; t++) {
        double root = spaced(sqrt(start), sqrt(end), t, steps);
        beta[t] = root * root;
    }
}

/* With a and b the angles of t-1 and t, 1 - cos^2 b / cos^2 a = sin(b - a) sin(a + b) / cos^2 a: nothing cancels where
 * beta is small. Angles are taken from 0 or from pi/2, whichever function of them is small at its end. */
void betas_cosine(double *beta, int32_t steps)
{
    /* offset: sqrt(beta_1) stays near the size of a pixel's bin; largest: no singular step at t = T. */
    const double offset = 0.008, largest = 0.999, unit = HALF_PI / (1.0 + offset), count = (double)steps;
    for (int32_t t = 1; t <= steps; t++) {
        double cos_a = sin(unit * (count - t + 1.0) / count);
        double sin_middle = sin(unit * ((t - 0.5) / count + offset));
        double cos_middle = sin(unit * (count - t + 0.5) / count);
        double exact = sin(unit / count) * 2.0 * sin_middle * cos_middle / (cos_a * cos_a);
        beta[t] = fmin(exact, largest);
    }
}

/* The ends are reached to 0.25 % of end - start: the logistic function of 6 is 0.9975. */
void betas_sigmoid(double *beta, int32_t steps, double start, double end)
{
    for (int32_t t = 1; t <= steps; t++)
        beta[t] = start + (end - start) / (1.0 + exp(-spaced(-6.0, 6.0, t, steps)));
}

/* alpha_bar_t = (T - t) / T: linear in t, and nothing is left at t = T. */
void betas_constant_rate(double *beta, int32_t steps)
{
    for (int32_t t = 1; t <= steps; t++)
        beta[t] = 1.0 / ((double)steps - t + 1.0);
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

/* beta = 0 would make the posterior's variance 0; an inner 1 erases x_0, and a Gaussian chain could learn nothing from
 * the steps after it. The comparison is written so that a NaN fails it. */
diffusion_status betas_check(const double *beta, int32_t steps, int inner_one, const char *object,
                             diffusion_status failure)
{
    char text[NUMBER_SIZE];
    for (int32_t t = 1; t <= steps; t++) {
        if (!(beta[t] > 0.0 && beta[t] <= 1.0)) {
            number_format_real(text, beta[t]);
            return error_set(failure, "%s: beta_%d=%s, expected above 0 and at most 1", object, t, text);
        }
        if (beta[t] == 1.0 && t < steps && !inner_one)
            return error_set(
                failure,
                "%s: beta_%d=1, expected below 1 before the last step %d: nothing of x_0 would be left for "
                "the steps after it",
                object, t, steps);
    }
    return DIFFUSION_OK;
}

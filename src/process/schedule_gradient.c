#include "process/schedule_gradient.h"

#include <math.h>

/* ---- arithmetic with derivatives ---- */

static slope_value times(slope_value a, slope_value b)
{
    return (slope_value){a.value * b.value, a.beta * b.value + a.value * b.beta,
                         a.log_alpha_bar * b.value + a.value * b.log_alpha_bar};
}

static slope_value over(slope_value a, slope_value b)
{
    double value = a.value / b.value;
    return (slope_value){value, (a.beta - value * b.beta) / b.value,
                         (a.log_alpha_bar - value * b.log_alpha_bar) / b.value};
}

static slope_value root(slope_value a)
{
    double value = sqrt(a.value), half = 0.5 / value;
    return (slope_value){value, half * a.beta, half * a.log_alpha_bar};
}

schedule_point schedule_point_at(double beta, double log_alpha_bar)
{
    double before = exp(log_alpha_bar), now = before * (1.0 - beta);
    const slope_value rate = {beta, 1.0, 0.0}, alpha = {1.0 - beta, -1.0, 0.0};
    const slope_value bar_before = {before, 0.0, before}, bar = {now, -before, now};
    const slope_value noise_before = {-expm1(log_alpha_bar), 0.0, -before};
    const slope_value noise = {-expm1(log_alpha_bar + log1p(-beta)), before, -now};
    return (schedule_point){
        .beta = beta,
        .signal = root(bar),
        .deviation = root(noise),
        .posterior_x0 = over(times(root(bar_before), rate), noise),
        .posterior_x = over(times(root(alpha), noise_before), noise),
        .posterior_variance = over(times(rate, noise_before), noise),
    };
}

/* KL = 0.5 (log Sigma - log v + (v + d^2) / Sigma - 1) with d = mu_p - mu_q, mu_p = (x - z)(1 - Sigma) + z,
 * Sigma = sigmoid(s + logit beta), mu_q = posterior_x0 x_0 + posterior_x x, v the posterior's variance. */
void schedule_gradient_add(const schedule_point *point, schedule_component at, double *by_beta,
                           double *by_log_alpha_bar)
{
    const double x = point->signal.value * at.x0 + point->deviation.value * at.noise;
    const double sigma = 1.0 / (1.0 + exp(-at.s) * (1.0 - point->beta) / point->beta);
    const double v = point->posterior_variance.value;
    const double off =
        (x - at.z) * (1.0 - sigma) + at.z - point->posterior_x0.value * at.x0 - point->posterior_x.value * x;
    const double by_off = off / sigma, by_v = 0.5 * (1.0 / sigma - 1.0 / v);
    const double by_log_sigma = 0.5 * (1.0 - (v + off * off) / sigma) - by_off * (x - at.z) * sigma;
    const double by_x = by_off * (1.0 - sigma - point->posterior_x.value) + at.from_network;
    *by_beta += by_x * (point->signal.beta * at.x0 + point->deviation.beta * at.noise) -
                by_off * (point->posterior_x0.beta * at.x0 + point->posterior_x.beta * x) +
                by_v * point->posterior_variance.beta +
                by_log_sigma * (1.0 - sigma) / (point->beta * (1.0 - point->beta));
    *by_log_alpha_bar += by_x * (point->signal.log_alpha_bar * at.x0 + point->deviation.log_alpha_bar * at.noise) -
                         by_off * (point->posterior_x0.log_alpha_bar * at.x0 + point->posterior_x.log_alpha_bar * x) +
                         by_v * point->posterior_variance.log_alpha_bar;
}

void schedule_gradient_add_unobserved(const schedule_point *point, schedule_component at, double *by_beta,
                                      double *by_log_alpha_bar)
{
    *by_beta += at.from_network * (point->signal.beta * at.x0 + point->deviation.beta * at.noise);
    *by_log_alpha_bar +=
        at.from_network * (point->signal.log_alpha_bar * at.x0 + point->deviation.log_alpha_bar * at.noise);
}

/* KL = 0.5 (alpha_bar x_0^2 + (1 - alpha_bar) - 1 - log(1 - alpha_bar)). */
double schedule_prior_gradient(double log_alpha_bar, double x0)
{
    double bar = exp(log_alpha_bar);
    return 0.5 * bar * (x0 * x0 - 1.0 - 1.0 / expm1(log_alpha_bar));
}

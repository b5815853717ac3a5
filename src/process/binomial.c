#include "process/binomial.h"

#include "process/divergence.h"

#include <math.h>

/* Table App.1 of the paper: with probability beta_t the bit is drawn anew from the prior. */
double binomial_step_rate(const struct diffusion_schedule *schedule, int32_t t, double previous, double prior)
{
    return previous * (1.0 - schedule->beta[t]) + prior * schedule->beta[t];
}

/* The bit is still x_0's with probability alpha_bar_t: no step has drawn it anew. A sum of positive terms, so small
 * rates keep their digits. */
double binomial_marginal_rate(const struct diffusion_schedule *schedule, int32_t t, double x0, double prior)
{
    return x0 * schedule->alpha_bar[t] + prior * schedule->noise[t];
}

/* Bayes' rule for x_{t-1} = 1, given the bit x_0: q(x_t | x_{t-1}) q(x_{t-1} | x_0), normalised. Each factor and its
 * complement are sums of positive terms, so that none loses digits. */
static double posterior_of_bit(const struct diffusion_schedule *schedule, int32_t t, int x0, int xt, double prior)
{
    const double beta = schedule->beta[t];
    const double one = binomial_marginal_rate(schedule, t - 1, x0, prior);
    const double zero = binomial_marginal_rate(schedule, t - 1, 1 - x0, 1.0 - prior);
    const double from_one = xt ? (1.0 - beta) + prior * beta : (1.0 - prior) * beta;
    const double from_zero = xt ? prior * beta : (1.0 - beta) + (1.0 - prior) * beta;
    const double evidence = from_one * one + from_zero * zero;
    return evidence > 0.0 ? from_one * one / evidence : one; /* an x_t that x_0 rules out teaches nothing */
}

double binomial_posterior_rate(const struct diffusion_schedule *schedule, int32_t t, double x0, double xt, double prior)
{
    if (t == 1)
        return x0;
    double rate = 0.0; /* p(x_0) is the caller's: x_t does not weigh it again */
    if (x0 > 0.0)
        rate += x0 * posterior_of_bit(schedule, t, 1, xt > 0.5, prior);
    if (x0 < 1.0)
        rate += (1.0 - x0) * posterior_of_bit(schedule, t, 0, xt > 0.5, prior);
    return rate;
}

/* The terms that divergence() adds, -p + q for either value of the bit, sum to 0. */
double bernoulli_kl(double rate1, double rate2)
{
    return divergence(rate1, rate2, rate2 - rate1) + divergence(1.0 - rate1, 1.0 - rate2, rate1 - rate2);
}

/* 0 log 0 is 0. */
double bernoulli_entropy(double rate)
{
    if (rate <= 0.0 || rate >= 1.0)
        return 0.0;
    return -rate * log(rate) - (1.0 - rate) * log1p(-rate);
}

double bernoulli_log_probability(double x, double rate)
{
    return x > 0.5 ? log(rate) : log1p(-rate);
}

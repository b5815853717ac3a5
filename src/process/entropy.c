#include "process/entropy.h"

#include "process/binomial.h"
#include "process/gaussian.h"

/* A Gaussian's variance does not depend on what is given. */
static double gaussian_variance(const struct diffusion_schedule *schedule, entropy_of which, int32_t t)
{
    if (which == ENTROPY_STEP)
        return schedule->beta[t];
    return which == ENTROPY_MARGINAL ? schedule->noise[t] : gaussian_posterior_at(schedule, t).variance;
}

static double binomial_rate(const struct diffusion_schedule *schedule, entropy_of which, int32_t t, const double *first,
                            const double *second, size_t bit)
{
    const double prior = schedule_rate(schedule, bit);
    if (which == ENTROPY_STEP)
        return binomial_step_rate(schedule, t, first[bit], prior);
    if (which == ENTROPY_MARGINAL)
        return binomial_marginal_rate(schedule, t, first[bit], prior);
    return binomial_posterior_rate(schedule, t, first[bit], second[bit], prior);
}

double entropy_sum(const struct diffusion_schedule *schedule, entropy_of which, int32_t t, const double *first,
                   const double *second, size_t count)
{
    if (count == 0)
        return 0.0;
    if (schedule->kernel == KERNEL_GAUSSIAN) /* count = 0 has gone: 0 times -infinity is no number */
        return (double)count * gaussian_entropy(gaussian_variance(schedule, which, t));
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += bernoulli_entropy(binomial_rate(schedule, which, t, first, second, i));
    return sum;
}

/* H(X_t | X_{t-1}) of a bit whose rate is the prior's at every t. */
static double step_entropy(const struct diffusion_schedule *schedule, int32_t t, double prior)
{
    return prior * bernoulli_entropy(binomial_step_rate(schedule, t, 1.0, prior)) +
           (1.0 - prior) * bernoulli_entropy(binomial_step_rate(schedule, t, 0.0, prior));
}

/* H(X_{t-1} | X_t, X_0) of such a bit: the mean over the four cases of x_0 and x_t. */
static double posterior_entropy(const struct diffusion_schedule *schedule, int32_t t, double prior)
{
    double sum = 0.0;
    for (int x0 = 0; x0 <= 1; x0++)
        for (int xt = 0; xt <= 1; xt++) {
            double chance_x0 = x0 ? prior : 1.0 - prior;
            double chance_xt = binomial_marginal_rate(schedule, t, x0 == xt, xt ? prior : 1.0 - prior);
            sum += chance_x0 * chance_xt * bernoulli_entropy(binomial_posterior_rate(schedule, t, x0, xt, prior));
        }
    return sum;
}

/* By the chain rule H(X_t | X_{t-1}) + H(X_{t-1} | X_0) - H(X_t | X_0) is H(X_{t-1} | X_t, X_0), in which nothing
 * cancels: the Gaussian posterior's entropy, or the mean of the binomial ones. */
void entropy_bounds(const struct diffusion_schedule *schedule, int32_t t, double *lower, double *upper)
{
    if (schedule->kernel == KERNEL_GAUSSIAN) {
        *lower = gaussian_entropy(gaussian_posterior_at(schedule, t).variance);
        *upper = gaussian_entropy(schedule->beta[t]);
        return;
    }
    double lower_sum = 0.0, upper_sum = 0.0;
    for (size_t bit = 0; bit < schedule->rate_count; bit++) {
        lower_sum += posterior_entropy(schedule, t, schedule->rates[bit]);
        upper_sum += step_entropy(schedule, t, schedule->rates[bit]);
    }
    *lower = lower_sum / (double)schedule->rate_count;
    *upper = upper_sum / (double)schedule->rate_count;
}

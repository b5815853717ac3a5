#include "evaluate/bound.h"

#include "process/binomial.h"
#include "process/gaussian.h"

#include <math.h>

static int is_binomial(const struct diffusion_schedule *schedule)
{
    return schedule->kernel == KERNEL_BINOMIAL;
}

double term_prior(const struct diffusion_schedule *schedule, const double *x0, size_t dim)
{
    int32_t last = schedule->steps;
    double nats = 0.0;
    for (size_t j = 0; j < dim; j++) {
        if (is_binomial(schedule)) {
            double prior = schedule_rate(schedule, j);
            nats += bernoulli_kl(binomial_marginal_rate(schedule, last, x0[j], prior), prior);
        } else {
            nats += gaussian_kl(sqrt(schedule->alpha_bar[last]) * x0[j], schedule->noise[last], 0.0, 1.0);
        }
    }
    return nats;
}

double term_null(const struct diffusion_schedule *schedule, const double *x0, size_t dim)
{
    double nats = 0.0;
    for (size_t j = 0; j < dim; j++)
        nats += is_binomial(schedule) ? bernoulli_log_probability(x0[j], schedule_rate(schedule, j))
                                      : gaussian_log_density(x0[j], 0.0, 1.0);
    return nats;
}

/* E over x_1 ~ q(x_1 | x_0) of log N(x_0; x_1 sqrt(1 - beta_1), beta_1). The expected square of
 * x_0 - sqrt(1 - beta_1) x_1 = beta_1 x_0 - sqrt(beta_1 (1 - beta_1)) noise is beta_1^2 x_0^2 + beta_1 (1 - beta_1). */
static double gaussian_edge(double beta, double x0)
{
    return gaussian_log_density(0.0, 0.0, beta) - 0.5 * (beta * x0 * x0 + 1.0 - beta);
}

/* The same over the two values of a bit. */
static double binomial_edge(const struct diffusion_schedule *schedule, double x0, double prior)
{
    double nats = 0.0, one = binomial_marginal_rate(schedule, 1, x0, prior);
    if (one > 0.0)
        nats += one * bernoulli_log_probability(x0, binomial_step_rate(schedule, 1, 1.0, prior));
    if (one < 1.0)
        nats += (1.0 - one) * bernoulli_log_probability(x0, binomial_step_rate(schedule, 1, 0.0, prior));
    return nats;
}

double term_edge_forward(const struct diffusion_schedule *schedule, const double *x0, size_t dim)
{
    double nats = 0.0;
    for (size_t j = 0; j < dim; j++)
        nats += is_binomial(schedule) ? binomial_edge(schedule, x0[j], schedule_rate(schedule, j))
                                      : gaussian_edge(schedule->beta[1], x0[j]);
    return nats;
}

double term_edge_model(const bound_work *work, const double *x0, const double *mean, const double *variance)
{
    double nats = 0.0;
    for (size_t j = 0; j < work->result->dim; j++) {
        if (is_binomial(work->predictor.schedule))
            nats += bernoulli_log_probability(x0[j], mean[j]);
        else if (work->options.edge == EDGE_MODEL)
            nats += gaussian_log_density(x0[j], mean[j], variance[j]);
        else
            nats += gaussian_discretized_log_likelihood(x0[j], mean[j], variance[j], (int32_t)work->options.levels);
    }
    return nats;
}

double term_kl(const struct diffusion_schedule *schedule, int32_t t, const double *x0, const double *xt,
               const double *mean, const double *variance, size_t dim)
{
    double nats = 0.0;
    if (is_binomial(schedule)) {
        for (size_t j = 0; j < dim; j++)
            nats +=
                bernoulli_kl(binomial_posterior_rate(schedule, t, x0[j], xt[j], schedule_rate(schedule, j)), mean[j]);
        return nats;
    }
    gaussian_posterior posterior = gaussian_posterior_at(schedule, t);
    for (size_t j = 0; j < dim; j++)
        nats += gaussian_kl(posterior.x0 * x0[j] + posterior.xt * xt[j], posterior.variance, mean[j], variance[j]);
    return nats;
}

/* The binomial kernel's closed forms, one bit at a time (Table App.1 of the paper). `prior` is the bit's rate under
 * p(x_T); x0 and xt are 0 or 1, except that a probability is allowed for x0 where it says so. */
#ifndef PROCESS_BINOMIAL_H
#define PROCESS_BINOMIAL_H

#include "process/schedule.h"

/* Rate of x_t given x_{t-1}: x (1 - beta_t) + prior beta_t. Also the paper's edge rule p(x_0 | x_1), with t = 1. */
double binomial_step_rate(const struct diffusion_schedule *schedule, int32_t t, double previous, double prior);

/* Rate of x_t given x_0: prior + alpha_bar_t (x_0 - prior), without cancellation. t = 0 gives x_0. */
double binomial_marginal_rate(const struct diffusion_schedule *schedule, int32_t t, double x0, double prior);

/* Rate of x_{t-1} given x_t and x_0, by Bayes' rule; with a probability for x0 the mixture of the two posteriors. */
double binomial_posterior_rate(const struct diffusion_schedule *schedule, int32_t t, double x0, double xt,
                               double prior);

/* KL(B(rate1) || B(rate2)) and the entropy of B(rate), nats. */
double bernoulli_kl(double rate1, double rate2);
double bernoulli_entropy(double rate);

/* log of the probability of bit x (0 or 1) under B(rate), nats. */
double bernoulli_log_probability(double x, double rate);

#endif

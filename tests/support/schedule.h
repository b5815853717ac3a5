/* A schedule's quantities from its betas, in long double by the textbook's own words: products and differences. */
#ifndef SUPPORT_SCHEDULE_H
#define SUPPORT_SCHEDULE_H

#include "test.h"

#include "process/schedule.h"

#include <stdlib.h>

/* Makes a schedule or fails the test. */
static inline struct diffusion_schedule *schedule_of(const char *spec)
{
    struct diffusion_schedule *schedule = NULL;
    assert_ok(schedule_create(&schedule, spec));
    return schedule;
}

typedef struct true_chain {
    int32_t steps;
    long double *alpha_bar; /* [steps + 1] */
} true_chain;

static inline true_chain true_chain_of(const double *beta, int32_t steps) /* beta: [steps + 1] */
{
    true_chain chain = {steps, malloc(((size_t)steps + 1) * sizeof(long double))};
    assert_non_null(chain.alpha_bar);
    chain.alpha_bar[0] = 1.0L;
    for (int32_t t = 1; t <= steps; t++)
        chain.alpha_bar[t] = chain.alpha_bar[t - 1] * (1.0L - (long double)beta[t]);
    return chain;
}

static inline long double true_posterior_variance(const true_chain *chain, const double *beta, int32_t t)
{
    return beta[t] * (1.0L - chain->alpha_bar[t - 1]) / (1.0L - chain->alpha_bar[t]);
}

static inline long double true_posterior_mean_x0(const true_chain *chain, const double *beta, int32_t t)
{
    return beta[t] * sqrtl(chain->alpha_bar[t - 1]) / (1.0L - chain->alpha_bar[t]);
}

static inline long double true_posterior_mean_xt(const true_chain *chain, const double *beta, int32_t t)
{
    return (1.0L - chain->alpha_bar[t - 1]) * sqrtl(1.0L - (long double)beta[t]) / (1.0L - chain->alpha_bar[t]);
}

#endif

/* A schedule's quantities from its betas, in long double by the textbook's own words: products and differences. */
#ifndef SUPPORT_SCHEDULE_H
#define SUPPORT_SCHEDULE_H

#include "long_double.h"
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

/* What tests write of a schedule's levels at whole steps. */
static inline double alpha_bar_at(const struct diffusion_schedule *schedule, int32_t t)
{
    return exp(level_log_signal_square(&schedule->levels[t]));
}

static inline double noise_at(const struct diffusion_schedule *schedule, int32_t t)
{
    return -expm1(level_log_signal_square(&schedule->levels[t]));
}

static inline level_posterior posterior_at(const struct diffusion_schedule *schedule, int32_t t)
{
    return level_posterior_of(&schedule->levels[t - 1], &schedule->levels[t]);
}

/* As the quantity "posterior_log_variance" has it: at t = 1 that of t = 2. */
static inline double posterior_log_variance_at(const struct diffusion_schedule *schedule, int32_t t)
{
    return schedule->steps == 1 ? log(schedule->beta[1]) : log(posterior_at(schedule, t > 1 ? t : 2).variance);
}

/* alpha_bar as a product, and 1 - alpha_bar as a sum of what each step adds, which no difference takes digits from. */
typedef struct true_chain {
    int32_t steps;
    long double *alpha_bar, *noise; /* [steps + 1] */
} true_chain;

static inline true_chain true_chain_of(const double *beta, int32_t steps) /* beta: [steps + 1] */
{
    need_long_double();
    const size_t row = (size_t)steps + 1;
    true_chain chain = {steps, malloc(row * sizeof(long double)), malloc(row * sizeof(long double))};
    assert_true(chain.alpha_bar != NULL && chain.noise != NULL);
    chain.alpha_bar[0] = 1.0L;
    chain.noise[0] = 0.0L;
    for (int32_t t = 1; t <= steps; t++) {
        chain.alpha_bar[t] = chain.alpha_bar[t - 1] * (1.0L - (long double)beta[t]);
        chain.noise[t] = chain.noise[t - 1] * (1.0L - (long double)beta[t]) + (long double)beta[t];
    }
    return chain;
}

static inline void true_chain_free(true_chain *chain)
{
    free(chain->alpha_bar);
    free(chain->noise);
}

static inline long double true_posterior_variance(const true_chain *chain, const double *beta, int32_t t)
{
    return beta[t] * chain->noise[t - 1] / chain->noise[t];
}

static inline long double true_posterior_mean_x0(const true_chain *chain, const double *beta, int32_t t)
{
    return beta[t] * sqrtl(chain->alpha_bar[t - 1]) / chain->noise[t];
}

static inline long double true_posterior_mean_xt(const true_chain *chain, const double *beta, int32_t t)
{
    return chain->noise[t - 1] * sqrtl(1.0L - (long double)beta[t]) / chain->noise[t];
}

#endif

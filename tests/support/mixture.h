/* Mixtures of Gaussians in the plane: the optimal reverse process and posteriors in closed form. Public headers only.
 */
#ifndef SUPPORT_MIXTURE_H
#define SUPPORT_MIXTURE_H

#include "make.h"

enum { MIXTURE_DIM = 2, MIXTURE_MOST = 2, MIXTURE_STEPS = 2000 };

/* One component: share of the whole, mean, and covariance (variances of x, of y, covariance). */
typedef struct component {
    double share, mean[2], variance[2], covariance;
} component;

typedef struct mixture {
    component parts[MIXTURE_MOST];
    size_t count;
    double beta[MIXTURE_STEPS + 1], alpha_bar[MIXTURE_STEPS + 1];
    int32_t steps;
} mixture;

static inline void mixture_follow(mixture *self, const diffusion_schedule *schedule)
{
    self->steps = diffusion_schedule_steps(schedule);
    assert_true(self->steps <= MIXTURE_STEPS);
    assert_ok(diffusion_schedule_values(schedule, "beta", self->beta + 1));
    assert_ok(diffusion_schedule_values(schedule, "alpha_bar", self->alpha_bar + 1));
    self->alpha_bar[0] = 1.0;
}

/* Bayes' rule for y seen in coordinate j with noise of this variance (0: seen exactly). Gives log p(y), but for what
 * all components share. */
static inline double component_see(component *self, int j, double y, double noise)
{
    double sum = self->variance[j] + noise, shift = y - self->mean[j];
    double own = self->variance[j] / sum, other = self->covariance / sum;
    self->mean[j] += own * shift;
    self->mean[1 - j] += other * shift;
    self->variance[j] -= own * self->variance[j];
    self->variance[1 - j] -= other * self->covariance;
    self->covariance -= own * self->covariance;
    return -0.5 * (shift * shift / sum + log(sum));
}

/* Mean and variance of both coordinates after y was seen with this noise; a coordinate of infinite noise is not seen.
 */
static inline void mixture_posterior(const mixture *self, const double *y, const double *noise, double *mean,
                                     double *variance)
{
    component seen[MIXTURE_MOST];
    double logs[MIXTURE_MOST], most = -HUGE_VAL, sum = 0.0;
    for (size_t k = 0; k < self->count; k++) {
        seen[k] = self->parts[k];
        logs[k] = log(seen[k].share);
        for (int j = 0; j < MIXTURE_DIM; j++)
            if (isfinite(noise[j]))
                logs[k] += component_see(&seen[k], j, y[j], noise[j]);
        most = fmax(most, logs[k]);
    }
    for (size_t k = 0; k < self->count; k++)
        sum += logs[k] = exp(logs[k] - most);
    for (int j = 0; j < MIXTURE_DIM; j++) {
        double first = 0.0, second = 0.0;
        for (size_t k = 0; k < self->count; k++) {
            first += logs[k] / sum * seen[k].mean[j];
            second += logs[k] / sum * (seen[k].variance[j] + seen[k].mean[j] * seen[k].mean[j]);
        }
        mean[j] = first;
        variance[j] = second - first * first;
    }
}

/* A network for "predict=mean variance=learned": mean and variance of the true p(x_{t-1} | x_t), coordinate by
 * coordinate. x_t / sqrt(alpha_bar) is x_0 seen with noise (1 - alpha_bar) / alpha_bar. */
static inline int32_t mixture_reverse(const double *x, const double *time, const diffusion_condition *condition,
                                      size_t n, double *out, void *user)
{
    const mixture *self = user;
    (void)condition;
    for (size_t i = 0; i < n; i++) {
        const int32_t t = (int32_t)time[i];
        double beta = self->beta[t], alpha_bar = self->alpha_bar[t], before = self->alpha_bar[t - 1];
        double rest = 1.0 - alpha_bar, noise[2] = {rest / alpha_bar, rest / alpha_bar}, y[2], mean[2], variance[2];
        double from_x0 = sqrt(before) * beta / rest, from_x = sqrt(1.0 - beta) * (1.0 - before) / rest;
        for (int j = 0; j < 2; j++)
            y[j] = x[2 * i + (size_t)j] / sqrt(alpha_bar);
        mixture_posterior(self, y, noise, mean, variance);
        for (size_t j = 0; j < 2; j++) {
            double whole = beta * (1.0 - before) / rest + from_x0 * from_x0 * variance[j];
            out[4 * i + j] = from_x0 * mean[j] + from_x * x[2 * i + j];
            out[4 * i + 2 + j] = log(whole / (1.0 - whole)) - log(beta / (1.0 - beta));
        }
    }
    return 0;
}

/* The schedule with T steps and the model that reverses it exactly, but for correlations within a step. */
static inline diffusion_model *mixture_model(mixture *self, const diffusion_schedule *schedule)
{
    mixture_follow(self, schedule);
    return make_callback_double("shape=2 predict=mean variance=learned", mixture_reverse, self);
}

/* Mean and variance of a coordinate over n samples [n, 2], with their standard errors. */
typedef struct moments {
    double mean, variance, mean_error, variance_error;
} moments;

static inline moments moments_of(const float *x, size_t n, int j)
{
    double sum = 0.0, squares = 0.0, fourth = 0.0, count = (double)n;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[2 * i + (size_t)j];
    for (size_t i = 0; i < n; i++) {
        double square = pow((double)x[2 * i + (size_t)j] - sum / count, 2);
        squares += square / count;
        fourth += square * square / count;
    }
    return (moments){sum / count, squares, sqrt(squares / count), sqrt((fourth - squares * squares) / count)};
}

#endif

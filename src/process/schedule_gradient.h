/* The gradient of KL_t with respect to the schedule, the noise that made x_t frozen (section 2.4.1 of the paper), for
 * models with predict=perturbation variance=learned.
 *
 * KL_t sees the schedule through beta_t and L = log alpha_bar_{t-1} alone: x_t = sqrt(alpha_bar_t) x_0 +
 * sqrt(1 - alpha_bar_t) noise, the posterior's coefficients and variance, and logit(beta_t) in the model's variance. */
#ifndef PROCESS_SCHEDULE_GRADIENT_H
#define PROCESS_SCHEDULE_GRADIENT_H

#include <stddef.h>

/* A value with its derivatives by beta_t and by L. */
typedef struct slope_value {
    double value, beta, log_alpha_bar;
} slope_value;

/* What KL_t is made of at one step. */
typedef struct schedule_point {
    double beta;
    slope_value signal, deviation;         /* of x_t */
    slope_value posterior_x0, posterior_x; /* of the posterior's mean */
    slope_value posterior_variance;
} schedule_point;

/* beta in (0, 1), log_alpha_bar (of the step before) < 0: t >= 2. */
schedule_point schedule_point_at(double beta, double log_alpha_bar);

/* One component of one sample: its x_0 and noise, the network's output z and s at x_t, and the gradient of KL_t that
 * the network sends back to x_t through z and s. Adds the derivatives of KL_t by beta_t and L. */
typedef struct schedule_component {
    double x0, noise, z, s, from_network;
} schedule_component;
void schedule_gradient_add(const schedule_point *point, schedule_component at, double *by_beta,
                           double *by_log_alpha_bar);

/* The same of a component that KL_t leaves out: the network's way back to x_t alone. */
void schedule_gradient_add_unobserved(const schedule_point *point, schedule_component at, double *by_beta,
                                      double *by_log_alpha_bar);

/* Gradient by log alpha_bar_T of the prior's KL(q(x_T | x_0) || N(0, 1)), one component. */
double schedule_prior_gradient(double log_alpha_bar, double x0);

#endif

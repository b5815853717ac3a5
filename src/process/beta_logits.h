/* A schedule that follows the gradient of K (section 2.4.1 of the paper), by the logits of beta_2..beta_T; beta_1
 * stays. Betas between 0 and 1 make alpha_bar fall, whatever the logits. Arrays are [T + 1], by t. */
#ifndef PROCESS_BETA_LOGITS_H
#define PROCESS_BETA_LOGITS_H

#include "process/schedule.h"

/* 0, or the sentence: a kernel that is not additive, a beta of 1. */
diffusion_status beta_logits_check(const struct diffusion_schedule *schedule, const char *object);

void beta_logits_of(double *logit, const struct diffusion_schedule *schedule);

/* The schedule that has these logits, and beta_1 of `before`. */
diffusion_status beta_logits_schedule(struct diffusion_schedule **out, const struct diffusion_schedule *before,
                                      const double *logit);

/* Sums of derivatives of a loss by beta_t and by log alpha_bar_t. */
typedef struct beta_gradient {
    double *by_beta, *by_log;
} beta_gradient;

/* One sample at t >= 2 after the backward pass, [dim]: its KL_t with the weight that it has in the loss. dx is the
 * loss's gradient at x_t that came back through the network, output [2 dim] the network's. observed says which values
 * the loss counts; NULL for all. */
typedef struct beta_sample {
    int32_t t;
    const float *x0, *noise, *output, *dx;
    const uint8_t *observed;
    size_t dim;
    double weight;
} beta_sample;
void beta_gradient_add(const beta_gradient *to, const struct diffusion_schedule *schedule, const beta_sample *sample);

/* KL(q(x_T | x_0) || p(x_T)) of `count` values of data, those that are observed. */
void beta_gradient_add_prior(const beta_gradient *to, const struct diffusion_schedule *schedule, const float *x0,
                             const uint8_t *observed, size_t count, double weight);

/* The gradient by the logits. */
void beta_gradient_finish(double *by_logit, const beta_gradient *from, const struct diffusion_schedule *schedule);

#endif

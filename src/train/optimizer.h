/* Update rules: Adam (Kingma and Ba 2015, algorithm 1), AdamW (Loshchilov and Hutter 2019, algorithm 2), gradient
 * descent with momentum, the move along what Muon (muon.h) made of the gradient, and the average of the weights. One
 * source (optimizer_rule.h) gives the float32 rules that training uses and the same in double, against which they are
 * proven. */
#ifndef TRAIN_OPTIMIZER_H
#define TRAIN_OPTIMIZER_H

#include "train/options.h"

/* What one step multiplies with; depends on options and step alone. */
typedef struct optimizer_step {
    optimizer_kind kind;
    double rate, beta1, beta2, epsilon, momentum, weight_decay;
    double correction1, correction2; /* 1 - beta^(step + 1) */
    double gradient_scale;           /* clipping */
    double ema;                      /* decay of the average */
} optimizer_step;

/* step counts from 0; norm is the gradient's. */
optimizer_step optimizer_step_at(const trainer_options *options, int64_t step, double norm);

/* The learning rate of a step: warm-up, then decay. */
double optimizer_rate_at(const trainer_options *options, int64_t step);

/* Whether no step of these numbers can make a finite weight or moment overflow, whatever they are; norm is the
 * gradient's, clipped. Otherwise optimizer_stays_finite() tells, for [count] of them. */
int optimizer_is_bounded(const optimizer_step *step, double norm);
int optimizer_stays_finite(const optimizer_step *step, const float *weights, const float *gradient,
                           const float *moment1, const float *moment2, size_t count);

/* Arrays are [count]. moment2 may be NULL for sgd, average may be NULL. For muon the gradient is its direction. */
void optimizer_update(const optimizer_step *step, float *weights, const float *gradient, float *moment1, float *moment2,
                      float *average, size_t count);
/* What a power average keeps of itself is `decay`. A weight that rests is its average to the last bit. */
void optimizer_average(float *average, const float *weights, double decay, size_t count);

void optimizer_update_double(const optimizer_step *step, double *weights, const double *gradient, double *moment1,
                             double *moment2, double *average, size_t count);

#endif

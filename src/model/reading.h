/* How a network's raw output at step t is read as the reverse transition p(x_{t-1} | x_t), and the way back of its
 * gradient. Everything that depends on t alone is worked out once. */
#ifndef MODEL_READING_H
#define MODEL_READING_H

#include "model/options.h"
#include "process/schedule.h"

typedef struct reading {
    const struct diffusion_schedule *schedule;
    int32_t t;
    predict_kind predict;
    variance_kind kind;
    /* Gaussian, linear predictions: the x_0 that the output implies, x0_x * x_t + x0_output * output. */
    double x0_x, x0_output;
    /* Gaussian: the posterior's mean, posterior_x0 * x_0 + posterior_x * x_t, and its variance (0 at t = 1). */
    double posterior_x0, posterior_x, posterior_variance;
    double signal, deviation;    /* Gaussian: x_t = signal * x_0 + deviation * epsilon */
    double fixed, log_fixed;     /* a fixed variance and its logarithm */
    double logit_beta;           /* for the paper's perturbation */
    double log_small, log_large; /* ends of improved DDPM's range */
} reading;

/* One component of the transition, with what the backward pass needs. */
typedef struct reverse_value {
    double mean;     /* binomial: the rate */
    double variance; /* binomial: not set */
    double log_variance;
} reverse_value;

/* 0, or DIFFUSION_E_KERNEL: predict and variance do not suit the schedule. */
diffusion_status reading_check(const model_options *options, const struct diffusion_schedule *schedule);

/* t = 1..T; after reading_check(). */
reading reading_at(const model_options *options, const struct diffusion_schedule *schedule, int32_t t);

/* The x_0 and the noise epsilon in x_t that the output implies, s its second half where the variance is learned
 * (Gaussian kernel). */
typedef struct denoised_value {
    double x0, epsilon;
} denoised_value;
denoised_value reading_denoised(const reading *at, double x, double output, double s);

/* Gaussian: mean and variance from the output and, where the variance is learned, from its second half s. x_0 is held
 * within -clip..clip unless clip is 0. */
reverse_value reading_gaussian(const reading *at, double x, double output, double s, double clip);

/* Gradient with respect to output and s, from that with respect to mean and log variance (which counts the variance's
 * own part only; its way into the mean, with predict=mean, is added here). */
void reading_gaussian_backward(const reading *at, double x, double output, reverse_value value, double dmean,
                               double dlog_variance, double *doutput, double *ds);

/* Binomial: the rate of x_{t-1}, and its derivative with respect to the output (may be NULL). */
double reading_binomial(const reading *at, double x, double output, double prior, double *slope);

#endif

/* The formulas behind the kinds of schedules. beta is [steps + 1], indexed by t; each fills t = 1..steps. */
#ifndef PROCESS_BETAS_H
#define PROCESS_BETAS_H

#include <diffusion/status.h>

/* beta itself, or its square root, rises in equal steps from start to end. */
void betas_linear(double *beta, int32_t steps, double start, double end);
void betas_scaled_linear(double *beta, int32_t steps, double start, double end);

/* alpha_bar falls as a squared cosine (equation 17 of arXiv:2102.09672), betas clipped at 0.999. */
void betas_cosine(double *beta, int32_t steps);

/* From start to end along the logistic function of -6..6. */
void betas_sigmoid(double *beta, int32_t steps, double start, double end);

/* 1 / (T - t + 1): each step erases the same share of the original signal (section 2.4.1 of the paper). */
void betas_constant_rate(double *beta, int32_t steps);

/* Shifts and scales sqrt(alpha_bar) so that it ends at 0 and keeps its first value (algorithm 1 of arXiv:2305.08891).
 * steps >= 2. */
void betas_zero_terminal_snr(double *beta, int32_t steps);

/* 0, or the sentence in `object`'s name: a beta outside (0, 1], or a 1 before the last step where `inner_one` is not
 * allowed. */
diffusion_status betas_check(const double *beta, int32_t steps, int inner_one, const char *object,
                             diffusion_status failure);

#endif

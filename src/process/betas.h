/* Betas [steps + 1], from t = 1 on, whatever curve they came from. */
#ifndef PROCESS_BETAS_H
#define PROCESS_BETAS_H

#include "process/level.h"

#include <diffusion/status.h>

/* 0, or the sentence in `object`'s name: a beta outside (0, 1], or a 1 before the last step. */
diffusion_status betas_check(const double *beta, int32_t steps, const char *object, diffusion_status failure);

/* Shifts and scales sqrt(alpha_bar) so that it ends at 0 and keeps its first value (algorithm 1 of arXiv:2305.08891).
 * steps >= 2. */
void betas_zero_terminal_snr(double *beta, int32_t steps);

/* levels [steps + 1] that follow from them, variance preserving. */
void betas_levels(noise_level *levels, const double *beta, int32_t steps);

#endif

/* The steps that a chain of few visits so that its bound is best: by dynamic programming on the KL of the jump between
 * any two steps (Watson et al. 2021, arXiv:2106.03802; Bao et al. 2022, arXiv:2201.06503, section 4). */
#ifndef MODEL_TRAJECTORY_H
#define MODEL_TRAJECTORY_H

#include "model/model.h"
#include "model/variance.h"
#include "process/schedule.h"

enum { TRAJECTORY_STEPS = 4096 }; /* of the schedule, at most: the table is of the square */

/* The expected KL of the jump from step r to s < r, s >= 1, in nats for each dimension: exact for every variance that
 * is fixed or follows from moments. A model's own learned variance counts as the analytic one, which it was trained to
 * come near. */
double trajectory_term(const struct diffusion_model *model, variance_asked asked, const noise_level *s,
                       const noise_level *r);

/* steps [count]: of 1..last, rising, from 1 (the data are reached from there, at a cost that is every chain's) to
 * `last`, that alone for a count of 1. count 1..last, but last alone for last = 1. 0, DIFFUSION_E_STATE
 * (model_check_moments()), DIFFUSION_E_KERNEL, DIFFUSION_E_SPEC (a `last` above TRAJECTORY_STEPS) or
 * DIFFUSION_E_MEMORY; `object` begins the sentence. */
diffusion_status trajectory_optimal(int32_t *steps, int32_t count, int32_t last, const struct diffusion_model *model,
                                    const struct diffusion_schedule *schedule, variance_asked asked,
                                    const char *object);

#endif

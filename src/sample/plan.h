/* The levels that a chain visits, chosen as diffusers' schedulers choose their steps. */
#ifndef SAMPLE_PLAN_H
#define SAMPLE_PLAN_H

#include "process/schedule.h"

/* Which steps a chain of fewer than T visits, with s = T / steps: 1 and then every floor(s)-th, all of them shifted by
 * the offset; 1..T evenly, rounded; T and then every s-th downwards, rounded. The rounding is numpy's, to the last
 * step; where that of trailing gives diffusers one step more than asked for, below the chain's first, it is left out.
 */
typedef enum spacing_kind { SPACING_LEADING, SPACING_LINSPACE, SPACING_TRAILING } spacing_kind;

typedef struct plan_options {
    int64_t steps; /* 0: all T */
    int64_t steps_offset;
    int32_t spacing;
} plan_options;

/* levels[steps] is the first, levels[1] the last that the model is asked about, levels[0] the data. */
typedef struct chain_plan {
    const struct diffusion_schedule *schedule;
    int32_t steps;
    noise_level *levels; /* [steps + 1] */
} chain_plan;

/* On failure there is nothing to release. */
diffusion_status plan_open(chain_plan *self, const struct diffusion_schedule *schedule, const plan_options *options);
void plan_close(chain_plan *self); /* also of one zeroed */

/* The level that the chain came from when it is at levels[step]; NULL at its first. */
const noise_level *plan_above(const chain_plan *self, int32_t step);

#endif

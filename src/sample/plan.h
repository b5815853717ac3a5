/* The levels that a chain visits, chosen as the field's schedulers choose them. */
#ifndef SAMPLE_PLAN_H
#define SAMPLE_PLAN_H

#include "process/schedule.h"

/* Which levels a chain visits, with s = T / steps. By time: T and then every s-th downwards (Lin et al. 2024,
 * arXiv:2305.08891: a chain begins where nothing but noise is left); 1..T evenly; 1 and then every floor(s)-th, all of
 * them shifted by the offset. Rounding is numpy's, to the last step; where that of trailing gives diffusers one step
 * more than asked for, below the chain's first, it is left out. Or those of the best bound: model/trajectory.h. By
 * level, from sigma_max to sigma_min: evenly in sigma^(1/rho) (Karras et al. 2022, equation 5), in log sigma, by the
 * power rho of the even part in log sigma, or by the quantiles of Beta(0.6, 0.6) (Lee et al. 2024, arXiv:2407.12173);
 * sigma is the ratio sigma / signal. */
typedef enum spacing_kind {
    SPACING_TRAILING,
    SPACING_LINSPACE,
    SPACING_LEADING,
    SPACING_OPTIMAL,
    SPACING_KARRAS,
    SPACING_EXPONENTIAL,
    SPACING_POLYEXPONENTIAL,
    SPACING_BETA
} spacing_kind;

typedef enum plan_times { TIMES_WHOLE, TIMES_REAL } plan_times;
typedef enum plan_final { FINAL_ZERO, FINAL_SIGMA_MIN } plan_final;

/* From noise to data; from the data to noise; from the lowest level visited, which the data are taken to be at. */
typedef enum plan_way { WAY_DOWN, WAY_UP, WAY_UP_FROM_LOWEST } plan_way;

typedef struct plan_options {
    int64_t steps; /* 0: all T */
    int64_t steps_offset;
    spec_reals list;             /* times to visit, instead of a spacing */
    double sigma_min, sigma_max; /* ratios; 0: those of steps 1 and T. A list has the first as its end alone */
    double rho;
    double lambda_min; /* half the log SNR below which nothing is visited; 0: no such limit */
    double signal_min; /* of the first level */
    int32_t spacing, times, drop_lowest, final;
    plan_way way;           /* the solver's own: no key */
    const int32_t *optimal; /* [steps], rising, of spacing=optimal, which a model knows: likewise */
} plan_options;

/* levels[steps] is the first. Downwards levels[1] is the last that the model is asked about and levels[0] the data;
 * upwards the same levels stand in reverse order. */
typedef struct chain_plan {
    const struct diffusion_schedule *schedule;
    int32_t steps;
    noise_level *levels; /* [steps + 1] */
    noise_level end;     /* where the last step goes: the data, or the level of step 1; upwards levels[0] */
    int rises;
} chain_plan;

/* On failure there is nothing to release. */
diffusion_status plan_open(chain_plan *self, const struct diffusion_schedule *schedule, const plan_options *options);
void plan_close(chain_plan *self); /* also of one zeroed */

/* The level that the chain came from when it is at levels[step]; NULL at its first. */
const noise_level *plan_above(const chain_plan *self, int32_t step);

/* Where the step from levels[step] goes: to the next, or floor(T / steps) down from where it is, whether or not that is
 * visited; the plan's end behind the last. */
noise_level plan_next(const chain_plan *self, int32_t step);
noise_level plan_stride_down(const chain_plan *self, int32_t step);

/* Whether a chain that is at this level has come to levels[step], or past it. */
int plan_has_reached(const chain_plan *self, const noise_level *at, int32_t step);

/* The step that a level belongs to: the last that the chain has come to there. */
int32_t plan_step_at(const chain_plan *self, const noise_level *at);

/* ---- spacing.c ---- */

/* Whether `optimal` is to be filled in. */
int plan_asks_model(const plan_options *options);

/* Whether levels are chosen whatever the schedule's steps are. */
int plan_is_by_level(const plan_options *options);

/* A plan in the making: the schedule, its last step that may be visited, and the points to lay. */
typedef struct plan_layout {
    const struct diffusion_schedule *schedule;
    const plan_options *options;
    int32_t total; /* the last step that may be visited */
    int32_t steps; /* to visit */
    double stride; /* of trailing */
} plan_layout;

plan_layout plan_lay_out(const struct diffusion_schedule *schedule, const plan_options *options);

/* levels[1..steps], the lowest first; or the sentence on options that lead to none. */
diffusion_status plan_fill(noise_level *levels, const plan_layout *of);

#endif

/* How noise rises with time: one file for each curve, and one row in the table. A curve either lists betas, the
 * variances of the variance-preserving steps 1..T, between which log signal^2 is linear in t; or it gives the level of
 * any real time in closed form. */
#ifndef PROCESS_SCHEDULE_CURVE_H
#define PROCESS_SCHEDULE_CURVE_H

#include "base/spec.h"
#include "process/level.h"

enum { SCHEDULE_STEPS = 100000 }; /* the most that a schedule may have */

/* The options of every curve begin with this. */
typedef struct curve_steps {
    int64_t steps; /* T; of curves without the key filled by settle() */
} curve_steps;

typedef struct curve {
    spec_kind spec;
    /* Completes the options, or refuses a contradiction; NULL where there is nothing to do. */
    diffusion_status (*settle)(void *options);
    /* beta [T + 1], to fill from t = 1 on. */
    void (*betas)(double *beta, const void *options);
    /* Or: the level at t in (0, T], by one of the makers of process/level.h, and the time of a level between the data's
     * and T's. log SNR falls with t. Variance need not be preserved: what needs that refuses the schedule. */
    noise_level (*level)(const void *options, double t);
    double (*time)(const void *options, double log_snr);
    level_slope (*slope)(const void *options, const noise_level *at); /* by t; NULL where nobody can tell */
} curve;

#define CURVE_STEPS_KEY                                                                                                \
    {                                                                                                                  \
        "steps", SPEC_INTEGER, offsetof(curve_steps, steps), "1000", 1, SCHEDULE_STEPS, NULL, "number of steps T"      \
    }

/* The table, table.c. */
const curve *curve_at(size_t index); /* NULL past the last */

/* A list of betas, for schedules that are made of one. */
extern const curve betas_curve;
typedef struct betas_options {
    curve_steps common;
    spec_reals values;
} betas_options;

/* Item t = 1..steps of an even spacing; both ends come out exactly. */
double curve_spaced(double start, double end, int64_t t, int64_t steps);

#endif

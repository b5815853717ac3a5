/* The forward process: a curve of noise levels over time, in double, and a kernel. */
#ifndef PROCESS_SCHEDULE_H
#define PROCESS_SCHEDULE_H

#include "process/kernel.h"
#include "process/schedule/curve.h"

#include <diffusion/schedule.h>

/* What a schedule's spec says. */
typedef struct schedule_options {
    spec_own own; /* the curve's */
    int32_t kernel;
    spec_reals rate;
    int32_t zero_terminal_snr;
} schedule_options;

/* Immutable once made; released with its last reference. */
struct diffusion_schedule {
    int references;
    const curve *curve;
    schedule_options options;
    int32_t steps;
    kernel kernel;
    noise_level *levels; /* [steps + 1], of the whole steps; 0 is the data */
    double *beta;        /* [steps + 1], variances of the steps, from 1 on; at most 1 where variance is preserved */
    char *spec;          /* complete: made again from it, a schedule has the same bits */
};

diffusion_status schedule_create(struct diffusion_schedule **out, const char *spec);
diffusion_status schedule_create_from_betas(struct diffusion_schedule **out, const double *betas, int32_t steps,
                                            const char *spec);

/* References are counted atomically; both take const because a schedule's content never changes. */
const struct diffusion_schedule *schedule_retain(const struct diffusion_schedule *schedule);
void schedule_release(const struct diffusion_schedule *schedule); /* NULL is allowed */

/* The level at a real t in [0, T], and the time at which the log SNR has come down to this. */
noise_level schedule_level(const struct diffusion_schedule *schedule, double t);
double schedule_time(const struct diffusion_schedule *schedule, double log_snr);

/* What signal and sigma gain there, by t; after a whole step of a curve of betas. Infinite at the data of a curve that
 * preserves variance; NaN for a curve that does not tell. */
level_slope schedule_slope(const struct diffusion_schedule *schedule, const noise_level *at);

/* The level with this log SNR, within the schedule's: to the last digit where variance is preserved. */
noise_level schedule_level_at(const struct diffusion_schedule *schedule, double log_snr);

/* The last level, t = T. */
const noise_level *schedule_last(const struct diffusion_schedule *schedule);

/* Whether signal^2 + sigma^2 = 1 at all steps. */
int schedule_preserves_variance(const struct diffusion_schedule *schedule);

/* The help text of schedule specs; NULL with the sentence set if memory runs out. */
char *schedule_help(void);

/* 0, or the sentence: t outside 1..T; rates for another number of bits than dim. */
diffusion_status schedule_check_step(const struct diffusion_schedule *schedule, const char *function, int32_t t);
diffusion_status schedule_check_dim(const struct diffusion_schedule *schedule, const char *function, size_t dim);

/* DIFFUSION_E_KERNEL unless the kernel is additive: "object: what needs the Gaussian kernel". */
diffusion_status schedule_check_additive(const struct diffusion_schedule *schedule, const char *object,
                                         const char *what);

#endif

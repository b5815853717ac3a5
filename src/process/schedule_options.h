/* What a schedule's spec says. Used within process/ to make schedules. */
#ifndef PROCESS_SCHEDULE_OPTIONS_H
#define PROCESS_SCHEDULE_OPTIONS_H

#include "base/spec.h"
#include "process/schedule.h"

enum { SCHEDULE_STEPS = 100000 }; /* the most that a schedule may have */

typedef enum schedule_kind {
    SCHEDULE_LINEAR,
    SCHEDULE_SCALED_LINEAR,
    SCHEDULE_COSINE,
    SCHEDULE_SIGMOID,
    SCHEDULE_CONSTANT_RATE,
    SCHEDULE_BETAS,
} schedule_kind;

typedef struct schedule_options {
    int64_t steps;
    double beta_start, beta_end;
    spec_reals values; /* SCHEDULE_BETAS: one beta for each step */
    int32_t kernel;    /* kernel_kind */
    spec_reals rate;   /* at least one for the binomial kernel, none for the Gaussian one */
    int32_t zero_terminal_snr;
} schedule_options;

/* Reads a whole spec, or the keys of the kernel alone (into an otherwise empty SCHEDULE_BETAS). On failure nothing is
 * left to release. */
diffusion_status schedule_options_parse(schedule_options *options, schedule_kind *kind, const char *spec);
diffusion_status schedule_options_parse_kernel(schedule_options *options, const char *spec);

void schedule_options_release(schedule_options *options, schedule_kind kind);

/* The complete spec; NULL with the sentence set if memory runs out. */
char *schedule_options_format(const schedule_options *options, schedule_kind kind);

/* Makes the schedule that options describe. Betas that are refused give `failure` in `object`'s name. */
diffusion_status schedule_make(struct diffusion_schedule **out, const schedule_options *options, schedule_kind kind,
                               const char *object, diffusion_status failure);

#endif

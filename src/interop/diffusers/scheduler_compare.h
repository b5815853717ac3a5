/* Whether a configuration, read again, does what was asked for. */
#ifndef INTEROP_DIFFUSERS_SCHEDULER_COMPARE_H
#define INTEROP_DIFFUSERS_SCHEDULER_COMPARE_H

#include "interop/diffusers/scheduler_class.h"

typedef struct scheduler_asked {
    const struct diffusion_schedule *schedule;
    const char *model; /* spec, complete */
    char *sampler;     /* likewise, owned */
    int64_t steps;     /* to compare levels at: the sampler's, or a pipeline's where it says none */
} scheduler_asked;

/* Completes the sampler's spec. On failure there is nothing to release. */
diffusion_status scheduler_ask(scheduler_asked *self, const char *sampler);
void scheduler_asked_release(scheduler_asked *self);

/* DIFFUSION_E_SPEC, with the key that the scheduler has otherwise. Levels are compared as they come out, by whichever
 * keys. */
diffusion_status scheduler_compare(const scheduler_asked *asked, const json_value *written,
                                   const scheduler_class *class);

#endif

/* What the classes of diffusers' schedulers do, as specs of samplers: one row in a table for each class. */
#ifndef INTEROP_DIFFUSERS_SAMPLING_H
#define INTEROP_DIFFUSERS_SAMPLING_H

#include "base/text.h"
#include "interop/diffusers/config.h"
#include "interop/diffusers/specs.h"

/* A sampler's spec in the making. */
typedef struct sampling {
    text_buffer *spec;
    config *from;
    const diffusers_index *index;
    const struct diffusion_schedule *schedule;
    int64_t total, steps; /* T, and the steps to take */
} sampling;

typedef enum scheduler_family { FAMILY_BETAS, FAMILY_TRIGONOMETRIC, FAMILY_EDM, FAMILY_FLOW } scheduler_family;

typedef struct scheduler_class {
    const char *name;
    scheduler_family family; /* of its schedule */
    double beta_start, beta_end;
    void (*append)(sampling *of, const char *kind); /* the sampler, */
    const char *kind;                               /* of this kind, where that function has several */
    int takes_v;                                    /* the output is always read as v */
    const char *const *keys; /* of its configuration, beside those that all may have; ends with NULL */
} scheduler_class;

/* NULL where there is none; NULL is the name of none. */
const scheduler_class *scheduler_class_named(const char *name);

/* sampling_flow.c: the times of flow matching, shifted, as a list. */
void sampling_append_flow_times(sampling *of);
void sampling_append_multistep_flow_times(sampling *of);

#endif

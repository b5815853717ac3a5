/* The classes of diffusers' schedulers: for each its options, in diffusers' own order, and what they are here. Reading
 * and writing go by the same rows and parts, and nobody else switches on a class. */
#ifndef INTEROP_DIFFUSERS_SCHEDULER_CLASS_H
#define INTEROP_DIFFUSERS_SCHEDULER_CLASS_H

#include "base/text.h"
#include "interop/diffusers/config.h"
#include "interop/diffusers/specs.h"
#include "interop/diffusers/writing.h"

/* An option that says the same as a key of a sampler's spec; or is of a part, or of the schedule or the model. */
typedef struct scheduler_option {
    const char *key;
    const char *standard; /* what a configuration without it means, as JSON */
    const char *ours;     /* the sampler's key, NULL: none */
    const char *words;    /* "theirs=ours|theirs=ours"; NULL where the number is the same in both */
} scheduler_option;

/* A configuration, complete, on its way to a sampler's spec. */
typedef struct sampling {
    text_buffer *spec;
    config *from;
    const diffusers_index *index;
    const struct diffusion_schedule *schedule;
    int64_t total, steps; /* T, and the steps to take */
} sampling;

/* A sampler's spec, complete, on its way to a configuration. */
typedef struct describing {
    writing *to; /* its spec is the sampler's */
    const struct diffusion_schedule *schedule;
    int64_t total, steps;
} describing;

/* Several options that have a meaning together. */
typedef struct scheduler_part {
    void (*read)(sampling *of);
    void (*write)(describing *of); /* NULL: nothing of it can be chosen */
} scheduler_part;

typedef enum scheduler_family { FAMILY_BETAS, FAMILY_TRIGONOMETRIC, FAMILY_EDM, FAMILY_FLOW } scheduler_family;

enum { SCHEDULER_PARTS = 5 };

typedef struct scheduler_class {
    const char *name, *version;      /* of the diffusers whose options these are */
    scheduler_family family;         /* of its schedule */
    const char *kinds;               /* the sampler's, "a|b" where algorithm_type says which */
    const char *fixed;               /* what the sampler's spec says of each, "key=value key=value" */
    const scheduler_option *options; /* ends with a NULL key */
    const scheduler_part *parts[SCHEDULER_PARTS];
    int takes_v; /* the output is always read as v */
} scheduler_class;

/* The table, scheduler_classes.c: by number, NULL past the last; or by name, NULL where there is none. */
const scheduler_class *scheduler_class_at(size_t index);
const scheduler_class *scheduler_class_named(const char *name);

const scheduler_option *scheduler_class_option(const scheduler_class *of, const char *key); /* NULL: none */

/* Whether the words "a|b" hold this one. */
int scheduler_class_has_kind(const scheduler_class *of, const char *kind, size_t length);

/* sampling_steps.c, sampling_levels.c, sampling_flow.c */
extern const scheduler_part ddpm_steps_part, ddpm_last_part, steps_part, limit_part, limit_of_x0_part, whole_steps_part,
    stride_part, pndm_stride_part, inverse_stride_part, combine_part, curvature_part, uncorrected_part,
    multistep_levels_part, dpmsolver_levels_part, unipc_levels_part, sigma_levels_part, euler_levels_part,
    edm_levels_part, trigonometric_times_part, flow_times_part, flow_end_part, chosen_flow_end_part;

#endif

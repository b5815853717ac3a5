/* The sampler's spec. */
#ifndef SAMPLE_OPTIONS_H
#define SAMPLE_OPTIONS_H

#include "base/spec.h"

typedef enum last_step { LAST_MEAN, LAST_MODEL, LAST_FORWARD } last_step;

/* How r(x_t) follows from r(x_0) where samples are multiplied by r (section 2.5 of the paper). */
typedef enum posterior_kind { POSTERIOR_CONSTANT, POSTERIOR_ANNEALED, POSTERIOR_EXACT } posterior_kind;

/* In the order of the grammar. */
typedef enum sampler_kind { SAMPLER_ANCESTRAL, SAMPLER_DDIM } sampler_kind;

/* Which steps a chain of fewer than T visits; see spacing.h. */
typedef enum spacing_kind { SPACING_LEADING, SPACING_LINSPACE, SPACING_TRAILING } spacing_kind;

/* Where a step goes that is not the chain's last. */
typedef enum stride_kind { STRIDE_NEXT, STRIDE_EVEN } stride_kind;

/* What a kind has no key for is 0. */
typedef struct sampler_options {
    uint64_t seed;
    int64_t first, steps, particles, steps_offset;
    double clip, eta;
    int32_t last, posterior, spacing, stride, set_alpha_to_one;
} sampler_options;

const spec_grammar *sampler_grammar(void);
char *sampler_help(void);

#endif

/* The sampler's spec. */
#ifndef SAMPLE_OPTIONS_H
#define SAMPLE_OPTIONS_H

#include "model/guided.h"
#include "model/parameterization.h"
#include "sample/solver.h"

/* How r(x_t) follows from r(x_0) where samples are multiplied by r (section 2.5 of the paper). */
typedef enum posterior_kind { POSTERIOR_CONSTANT, POSTERIOR_ANNEALED, POSTERIOR_EXACT } posterior_kind;

typedef struct sampler_options {
    spec_own solver; /* its own */
    uint64_t seed;
    int64_t first, particles, noise_limit_steps;
    double noise_limit;
    plan_options plan;
    x0_limit limit;
    guiding guidance;
    int32_t posterior, variance;
} sampler_options;

const spec_grammar *sampler_grammar(void);
char *sampler_help(void);

#endif

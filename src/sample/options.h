/* The sampler's spec. */
#ifndef SAMPLE_OPTIONS_H
#define SAMPLE_OPTIONS_H

#include "base/spec.h"

typedef enum last_step { LAST_MEAN, LAST_MODEL, LAST_FORWARD } last_step;

typedef struct sampler_options {
    uint64_t seed;
    int64_t first, steps;
    double clip;
    int32_t last;
} sampler_options;

const spec_grammar *sampler_grammar(void);
char *sampler_help(void);

#endif

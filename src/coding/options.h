/* The coder's spec. */
#ifndef CODING_OPTIONS_H
#define CODING_OPTIONS_H

#include "base/spec.h"

typedef enum coding_edge { CODING_EDGE_MODEL, CODING_EDGE_FORWARD } coding_edge;
typedef enum coding_spacing { CODING_EVEN, CODING_OPTIMAL } coding_spacing;

typedef struct coder_options {
    int64_t steps, cells, levels, batch;
    int32_t spacing, variance, edge;
} coder_options;

const spec_grammar *coder_grammar(void);
char *coder_help(void);

#endif

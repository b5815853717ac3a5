/* The bound's spec. */
#ifndef EVALUATE_OPTIONS_H
#define EVALUATE_OPTIONS_H

#include "base/spec.h"

typedef enum edge_rule { EDGE_FORWARD, EDGE_MODEL, EDGE_DISCRETIZED } edge_rule;

typedef struct bound_options {
    uint64_t seed;
    int64_t draws, levels;
    double dequantize;
    int32_t edge;
} bound_options;

const spec_grammar *bound_grammar(void);
char *bound_help(void);

#endif

/* The model's spec. */
#ifndef MODEL_OPTIONS_H
#define MODEL_OPTIONS_H

#include "network/kinds.h"

typedef enum predict_kind { PREDICT_EPSILON, PREDICT_X0, PREDICT_V, PREDICT_MEAN, PREDICT_DIRECT } predict_kind;
#define PREDICT_CHOICES "epsilon|x0|v|mean|direct"

typedef enum variance_kind { VARIANCE_SMALL, VARIANCE_LARGE, VARIANCE_LEARNED, VARIANCE_RANGE } variance_kind;
#define VARIANCE_CHOICES "fixed_small|fixed_large|learned|range"

typedef struct model_options {
    network_options network; /* first: the kinds' key tables count from here */
    spec_shape shape;
    int64_t classes;
    int32_t predict, variance;
} model_options;

/* One grammar for models with a network, one (keys alone) for callbacks. */
const spec_grammar *model_grammar(void);
const spec_grammar *model_callback_grammar(void);

char *model_help(void);

#endif

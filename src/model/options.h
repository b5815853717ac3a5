/* The model's spec. */
#ifndef MODEL_OPTIONS_H
#define MODEL_OPTIONS_H

#include "base/spec.h"

/* What the network is told of time, in the order of the names. */
typedef enum time_kind { TIME_STEP, TIME_LOG_SNR, TIME_EDM, TIME_VE } time_kind;

typedef struct model_options {
    spec_own network; /* the kind's own */
    spec_shape shape;
    int64_t classes, condition;
    double sigma_data;
    int32_t predict, variance, time;
    int32_t of_network; /* not of the spec: a network answers, in numbers of unit size, without bounds */
} model_options;

/* One grammar for models with a network, one (keys alone) for callbacks. */
const spec_grammar *model_grammar(void);
const spec_grammar *model_callback_grammar(void);

char *model_help(void);

#endif

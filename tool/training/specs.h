/* What the command line says of a training. */
#ifndef TRAINING_SPECS_H
#define TRAINING_SPECS_H

#include <stdint.h>

/* As given on the command line; NULL or 0 where not. */
typedef struct training_specs {
    const char *model, *schedule, *train, *init, *resume;
    int64_t steps;
    int snapshots; /* whether some are to be saved */
} training_specs;

#endif

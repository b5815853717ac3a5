/* What `diffusion compare` compares: samples, data, and data held out, in one unit. */
#ifndef COMPARING_SETS_H
#define COMPARING_SETS_H

#include "data/scaling.h"
#include "sampling/samples.h"

typedef struct sets_source {
    const char *samples, *data;
    const char *held_out; /* a file, or NULL */
    double share;         /* of the data that is held out; 0 where not given */
    samples_source drawn;
} sets_source;

/* Values less the data's mean, in its standard deviations: each column's of a table, else of all values. */
typedef struct sets {
    size_t dim;
    int64_t shape[DATA_RANK];
    size_t rank;
    float *data; /* [data_count, dim] */
    size_t data_count;
    float *samples, *held; /* [count, dim] each */
    size_t count;
    size_t given, given_held; /* what there was of each: some is left out where that is not the same */
    scaling scale;
    size_t constant;         /* columns that are so in the data: in their own unit */
    double minimum, maximum; /* of the data, in its unit */
} sets;

void sets_load(sets *out, const sets_source *source);
/* The same of rows in memory, which it takes; `held` is empty where some of the data is to be held out. */
void sets_make(sets *out, dataset *data, dataset *held, dataset *samples, const data_options *how,
               const sets_source *source);
void sets_release(sets *of);

#endif

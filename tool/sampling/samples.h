/* Samples as data, for commands that measure them: of a file, or drawn from a model. */
#ifndef SAMPLING_SAMPLES_H
#define SAMPLING_SAMPLES_H

#include "data/dataset.h"

enum { SAMPLES_MOST = 10000000 };

typedef struct samples_source {
    const char *command;  /* whose options these are */
    long long count;      /* so many are drawn, or the first so many taken */
    const char *sampler;  /* of a model; NULL where not given */
    const char *schedule; /* likewise */
    const char *data;     /* --data of what they are compared with: samples of classes have its column of labels */
    int quiet;
} samples_source;

/* In the units of the training data; ends the command unless a sample has `dim` values. */
void samples_load(dataset *out, const char *path, const samples_source *source, size_t dim);

/* Ends the command unless a sample has `dim` values. */
void samples_check_dim(const dataset *data, const char *path, size_t dim);

#endif

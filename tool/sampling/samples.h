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
    const char *beside;   /* the path of what they are compared with */
    const char *data;     /* its --data: samples of classes have its column of labels */
    int quiet;
} samples_source;

/* In the units of the training data; ends the command unless a sample has as many values as what it is compared with,
 * pictures have its shape, and the columns of a table are in the same order. Says on stderr what looks like another
 * unit. */
void samples_load(dataset *out, const char *path, const samples_source *source, const dataset *like);

/* The same of data. */
void samples_check_like(const dataset *data, const char *path, const dataset *like);

#endif

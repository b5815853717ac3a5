/* From the options of `diffusion train` to a trainer and its data: new, or as a checkpoint left it. */
#ifndef TRAINING_SETUP_H
#define TRAINING_SETUP_H

#include "data/scaling.h"

#include <diffusion.h>

/* As given on the command line; NULL or 0 where not. */
typedef struct training_specs {
    const char *model, *schedule, *train;
    int64_t steps;
} training_specs;

typedef struct training_job {
    const char *path; /* of the data */
    data_options how; /* to read it */
    dataset data;     /* scaled */
    scaling scale;    /* by this */
    diffusion_trainer *trainer;
} training_job;

/* Fills in data and trainer. */
void training_begin(training_job *job, const training_specs *options);
/* `steps` to reach, or 0 for those of the checkpoint. */
void training_resume(training_job *job, const char *checkpoint, int64_t steps);

/* Whether steps take labels: a model of classes needs them, and they are there. */
int training_uses_labels(const training_job *job);

/* A whole number of the trainer's spec, such as "batch". */
int64_t training_number(const diffusion_trainer *trainer, const char *key);

#endif

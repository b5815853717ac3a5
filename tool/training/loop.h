/* The loop of `diffusion train`: batches, progress, checkpoints, and a clean end whatever happens. */
#ifndef TRAINING_LOOP_H
#define TRAINING_LOOP_H

#include "data/scaling.h"

#include <diffusion.h>

typedef struct training {
    diffusion_trainer *trainer;
    const dataset *data;  /* scaled … */
    const scaling *scale; /* … by this */
    int use_labels;
    int64_t steps; /* to reach, those before a resume included */
    int64_t every; /* steps between checkpoints; 0: one every few minutes */
    int64_t batch;
    const char *checkpoint; /* its path */
    int quiet;
    double *losses;          /* of the steps of this run; freed by free() */
    size_t taken;            /* how many */
    int signal;              /* what interrupted the run; 0 if it was finished */
    diffusion_status status; /* of the step that failed; 0 if none did */
    int saved;               /* whether the checkpoint is this run's */
} training;

/* Trains until the steps are done, a signal comes, or a step fails. */
void training_run(training *run);

/* Saves the checkpoint, whatever signals come meanwhile. */
diffusion_status training_save(training *run);

#endif

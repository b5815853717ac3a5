/* The loop of `diffusion train`: batches, progress, checkpoints, and a clean end whatever happens. */
#ifndef TRAINING_LOOP_H
#define TRAINING_LOOP_H

#include "data/scaling.h"
#include "training/curve.h"
#include "training/held_out.h"
#include "training/log.h"
#include "training/preview.h"
#include "training/snapshots.h"

#include <diffusion.h>

enum { RECENT = 100 };

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
    const held_out *held;   /* what is measured beside */
    const preview *preview; /* and drawn */
    const snapshots *snapshots;
    training_log *log;     /* and written */
    curve *losses;         /* of the whole training */
    size_t taken;          /* steps of this run */
    double recent[RECENT]; /* losses of the last of them, by turns */
    int signal;            /* what interrupted the run; 0 if it was finished */
    int saved;             /* whether the checkpoint is this run's */
} training;

/* Trains until the steps are done or a signal comes; ends the command if a step fails. */
void training_run(training *run);

/* Saves the checkpoint, whatever signals come meanwhile. */
diffusion_status training_save(training *run);

#endif

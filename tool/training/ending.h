/* How a training ends: with the model, or with a checkpoint and how to go on from it. */
#ifndef TRAINING_ENDING_H
#define TRAINING_ENDING_H

#include "common/options.h"
#include "training/loop.h"

/* As given on the command line. */
typedef struct train_options {
    char *output, *data, *model, *schedule, *train, *init, *resume, *plot, *log;
    long long steps, every;
    preview_options preview;
    snapshot_options snapshots;
    int force;
    run_options run;
} train_options;

/* From now on, and until the model is saved, whatever ends the command leaves a checkpoint. `path` is the data's. */
void ending_prepare(const train_options *options, training *run, const char *path);

/* Saves the model, or what an interrupted run leaves. Returns the exit status. */
int ending_come(void);

#endif

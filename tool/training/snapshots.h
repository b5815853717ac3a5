/* Snapshots of the averaged weights while they are trained, for averages of any width afterwards. */
#ifndef TRAINING_SNAPSHOTS_H
#define TRAINING_SNAPSHOTS_H

#include <diffusion.h>

typedef struct snapshot_options {
    const char *folder; /* NULL: none are saved */
    long long every;    /* steps; 0: a 32nd of the run's */
} snapshot_options;

typedef struct snapshots {
    const char *folder;
    int64_t every;
} snapshots;

/* Ends the command if they cannot be saved there: those of another run are there, and `resumed` is 0. */
void snapshots_check(const snapshot_options *options, int resumed);

/* Makes the folder. Snapshots beyond the step that the run goes on from go: it makes them again; the command ends if
 * one of them is of another run. */
void snapshots_begin(snapshots *out, const snapshot_options *options, const diffusion_trainer *trainer, int64_t steps);

/* Saves one if it is time, at the end of `steps` too. */
void snapshots_save(const snapshots *to, const diffusion_trainer *trainer, int64_t steps);

#endif

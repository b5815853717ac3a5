/* How a model was trained: a model file keeps it as metadata, a checkpoint as what a run goes on with. */
#ifndef TRAINING_HISTORY_H
#define TRAINING_HISTORY_H

#include "training/curve.h"

#include <diffusion.h>

typedef struct history {
    char *spec; /* of the trainer; NULL where nothing is known */
    int64_t steps;
    curve losses; /* none where its count is 0 */
} history;

/* The trainer's model as it is to be saved: a copy that tells how it was trained; the caller frees it. */
diffusion_model *history_model(const diffusion_trainer *trainer, const curve *losses);

/* Removes what the model tells of an earlier training. */
void history_forget(diffusion_model *model);

/* That of the model, which was read from `path`. */
void history_recall(history *out, const diffusion_model *model, const char *path);
void history_release(history *of);

#endif

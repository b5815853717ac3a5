/* Snapshots: the power averages of a run at one step, in one safetensors file, and averages of other widths made of
 * several. */
#ifndef TRAIN_SNAPSHOT_H
#define TRAIN_SNAPSHOT_H

#include "train/trainer.h"

diffusion_status snapshot_save(const struct diffusion_trainer *self, const char *path);

/* The model with the average of this width at the last of the snapshots' steps. */
diffusion_status snapshot_average(struct diffusion_model **out, const char *const *paths, size_t count, double width,
                                  double *error);

#endif

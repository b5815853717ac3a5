/* Texts that a trainer's files hold. */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include "format/safetensors.h"
#include "train/trainer.h"

/* What tells a snapshot from a checkpoint, and holds its averages' widths. */
#define CHECKPOINT_SNAPSHOT "trainer.snapshot"

/* What the model's file would hold, with the trainer's own schedule, which is not the model's where another trainer of
 * it came later. As model_file_pairs(). */
safetensors_pair *checkpoint_pairs(const struct diffusion_trainer *self, size_t extra, size_t *count);

/* DIFFUSION_E_CONTENT where the text is not there. */
diffusion_status checkpoint_read_text(const safetensors *file, const char *path, const char *key, const char **text);
diffusion_status checkpoint_read_step(const safetensors *file, const char *path, int64_t *step);

#endif

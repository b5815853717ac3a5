/* What a training is made of where the command line does not say. */
#ifndef TRAINING_CHOICE_H
#define TRAINING_CHOICE_H

#include "data/scaling.h"
#include "training/specs.h"

#include <diffusion.h>

/* The model's spec: for images a U-Net whose levels suit their size, for tables a perceptron, which predicts what suits
 * the schedule and learns its variance unless the objective asked for leaves that out; of a given spec what it leaves
 * open (shape, classes, a U-Net's levels, of edm the data's deviation where that is 1). Freed by free(). */
char *choose_model(const training_specs *options, const dataset *data, const char *path,
                   const diffusion_schedule *schedule, int has_unit_scale);

/* The trainer's spec but for what the library fills in; freed by free(). `grid`: whole numbers are to be bins. */
char *choose_trainer(const training_specs *options, const diffusion_model *model, const scaling *scale, int grid,
                     int binomial);

/* Stores how the bound is to be measured where whole numbers are bins, by that or by the trainer's spec. */
void choose_bound(diffusion_model *model, const scaling *scale, const char *trainer, int grid);

#endif

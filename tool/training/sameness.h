/* Whether a resumed run has the data that it was begun with: the same samples, or it would be another run. */
#ifndef TRAINING_SAMENESS_H
#define TRAINING_SAMENESS_H

#include "data/dataset.h"

#include <diffusion.h>

/* Keeps what tells data from other data with the model. */
void sameness_store(const dataset *data, diffusion_model *model);

/* Ends the command where it is other data. */
void sameness_check(const dataset *data, const diffusion_model *model, const char *path);

#endif

/* Samples of a model file as data, for commands that measure them. */
#ifndef SAMPLING_DRAW_H
#define SAMPLING_DRAW_H

#include "data/dataset.h"

/* What `diffusion sample MODEL -n COUNT --sampler SPEC` would write: in the units of the training data, all classes in
 * turn. `sampler` NULL for ancestral. */
void draw_from_model(dataset *out, const char *path, size_t count, const char *sampler, int quiet);

#endif

/* Samples of a model file as data, for commands that measure them. */
#ifndef SAMPLING_DRAW_H
#define SAMPLING_DRAW_H

#include "data/dataset.h"

/* What `diffusion sample MODEL -n COUNT --sampler SPEC --schedule SPEC` would write: in the units of the training data,
 * all classes in turn. Both specs may be NULL. */
void draw_from_model(dataset *out, const char *path, size_t count, const char *sampler, const char *schedule_spec,
                     int quiet);

#endif

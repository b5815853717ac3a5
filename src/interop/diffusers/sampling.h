/* What a scheduler's options are in a sampler's spec, and back, by the rows and parts of its class. */
#ifndef INTEROP_DIFFUSERS_SAMPLING_H
#define INTEROP_DIFFUSERS_SAMPLING_H

#include "interop/diffusers/scheduler_class.h"

/* Appends the sampler's spec; the configuration is complete. Keys that are what they are by default are left out. */
void sampling_read(sampling *of, const scheduler_class *class);

/* Puts into the configuration what of the sampler's spec it has words for. */
void sampling_write(describing *of, const scheduler_class *class);

#endif

/* Which of the T steps a respaced chain visits, as diffusers' schedulers choose them. */
#ifndef SAMPLE_SPACING_H
#define SAMPLE_SPACING_H

#include "sample/options.h"

/* original: [steps + 1], receives 0 and then the steps of 1..total, rising. options->steps is 1..total. */
diffusion_status spacing_fill(int32_t *original, int32_t total, const sampler_options *options);

/* Whether the options ask for every step. */
int spacing_is_whole(int32_t total, const sampler_options *options);

#endif

/* The levels that coding visits, and the grids that x_t is drawn on there. */
#ifndef CODING_CHAIN_H
#define CODING_CHAIN_H

#include "coding/options.h"
#include "model/model.h"
#include "model/parameterization.h"

typedef struct coding_level {
    noise_level at;
    double width; /* of a cell; 0 for bits */
    int64_t most; /* cells from -most to most */
} coding_level;

typedef struct coding_chain {
    int32_t steps;
    coding_level *levels;     /* [steps + 1]; 0 is the data */
    reverse_step *steps_down; /* [steps + 1]: from level k to k - 1 */
} coding_chain;

/* On failure there is nothing to release. */
diffusion_status coding_chain_open(coding_chain *self, const struct diffusion_model *model,
                                   const struct diffusion_schedule *schedule, const coder_options *options);
void coding_chain_close(coding_chain *self);

#endif

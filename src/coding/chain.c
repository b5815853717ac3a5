#include "coding/chain.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

static const double farthest = 8.0;                 /* in standard deviations, from data within -1..1 */
static const double cells_most = (double)(1 << 26); /* on either side of 0 */

/* Step k = 1..steps of the chain as a step of the schedule. */
static int32_t time_of(const coder_options *options, int32_t k, int32_t steps, int32_t total)
{
    if (steps == total)
        return k;
    if (options->spacing == CODING_TRAILING)
        return (int32_t)(((int64_t)k * total + steps / 2) / steps);
    return steps > 1 ? 1 + (int32_t)(((int64_t)(k - 1) * (total - 1) + (steps - 1) / 2) / (steps - 1)) : total;
}

/* Narrow beside the noise that x_t is drawn with from below, and from above. */
static double width_of(const coding_chain *self, int32_t k, const coder_options *options)
{
    const noise_level *below = &self->levels[k - 1].at, *at = &self->levels[k].at;
    double variance = level_step_variance(below, at);
    if (k < self->steps)
        variance = fmin(variance, level_posterior_of(at, &self->levels[k + 1].at).variance);
    return sqrt(variance) / (double)options->cells;
}

static diffusion_status lay_grid(coding_chain *self, int32_t k, const coder_options *options)
{
    coding_level *level = &self->levels[k];
    level->width = width_of(self, k, options);
    const double most = ceil((level->at.signal + farthest * level->at.sigma) / level->width);
    if (!(most <= cells_most))
        return error_set(DIFFUSION_E_SPEC,
                         "coder: the noise of step %g is too little for a grid of cells=%lld, expected fewer steps or "
                         "cells",
                         level->at.t, (long long)options->cells);
    level->most = (int64_t)most;
    return DIFFUSION_OK;
}

static diffusion_status fill(coding_chain *self, const struct diffusion_model *model,
                             const struct diffusion_schedule *schedule, const coder_options *options)
{
    diffusion_status status = DIFFUSION_OK;
    self->levels[0].at = level_of_data();
    for (int32_t k = 1; k <= self->steps; k++)
        self->levels[k].at = schedule->levels[time_of(options, k, self->steps, schedule->steps)];
    for (int32_t k = 1; k <= self->steps && status == DIFFUSION_OK; k++) {
        const noise_level *above = k < self->steps ? &self->levels[k + 1].at : NULL;
        self->steps_down[k] =
            reverse_step_between(&model->options, schedule, &self->levels[k].at, &self->levels[k - 1].at, above);
        if (schedule->kernel.methods->additive)
            status = lay_grid(self, k, options);
    }
    return status;
}

diffusion_status coding_chain_open(coding_chain *self, const struct diffusion_model *model,
                                   const struct diffusion_schedule *schedule, const coder_options *options)
{
    if (options->steps > schedule->steps)
        return error_set(DIFFUSION_E_SPEC, "coder: steps=%lld, expected at most the schedule's %d",
                         (long long)options->steps, (int)schedule->steps);
    *self = (coding_chain){.steps = options->steps > 0 ? (int32_t)options->steps : schedule->steps};
    self->levels = memory_allocate((size_t)self->steps + 1, sizeof *self->levels);
    self->steps_down = memory_allocate((size_t)self->steps + 1, sizeof *self->steps_down);
    diffusion_status status = DIFFUSION_E_MEMORY;
    if (self->levels != NULL && self->steps_down != NULL)
        status = fill(self, model, schedule, options);
    if (status != DIFFUSION_OK)
        coding_chain_close(self);
    return status;
}

void coding_chain_close(coding_chain *self)
{
    memory_release(self->levels);
    memory_release(self->steps_down);
    *self = (coding_chain){0};
}

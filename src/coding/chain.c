#include "coding/chain.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/trajectory.h"

#include <math.h>

static const double farthest = 8.0;                 /* in standard deviations, from data within -1..1 */
static const double cells_most = (double)(1 << 26); /* on either side of 0 */

/* steps [count], rising, as evaluators have them. */
static diffusion_status choose(int32_t *steps, int32_t count, const struct diffusion_model *model,
                               const struct diffusion_schedule *schedule, const coder_options *options)
{
    const int32_t last = schedule->steps;
    if (options->spacing == CODING_OPTIMAL)
        return trajectory_optimal(steps, count, last, model, schedule, (variance_asked)options->variance, "coder");
    for (int32_t i = 0; i < count; i++)
        steps[i] = count > 1 ? 1 + (int32_t)nearbyint(i * ((double)(last - 1) / (count - 1))) : last;
    return DIFFUSION_OK;
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

static diffusion_status fill(coding_chain *self, const int32_t *steps, const struct diffusion_model *model,
                             const struct diffusion_schedule *schedule, const coder_options *options)
{
    diffusion_status status = DIFFUSION_OK;
    self->levels[0].at = level_of_data();
    for (int32_t k = 1; k <= self->steps; k++)
        self->levels[k].at = schedule->levels[steps[k - 1]];
    for (int32_t k = 1; k <= self->steps && status == DIFFUSION_OK; k++) {
        const noise_level *above = k < self->steps ? &self->levels[k + 1].at : NULL;
        reverse_step *down = &self->steps_down[k];
        *down = reverse_step_between(&model->options, schedule, &self->levels[k].at, &self->levels[k - 1].at, above);
        reverse_step_take_variance(down, (variance_asked)options->variance, model->moments, schedule, above);
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
    diffusion_status status = model_check_variance(model, schedule, "coder", options->variance);
    if (status != DIFFUSION_OK)
        return status;
    *self = (coding_chain){.steps = options->steps > 0 ? (int32_t)options->steps : schedule->steps};
    int32_t *steps = memory_allocate((size_t)self->steps, sizeof *steps);
    self->levels = memory_allocate((size_t)self->steps + 1, sizeof *self->levels);
    self->steps_down = memory_allocate((size_t)self->steps + 1, sizeof *self->steps_down);
    status = DIFFUSION_E_MEMORY;
    if (steps != NULL && self->levels != NULL && self->steps_down != NULL)
        status = choose(steps, self->steps, model, schedule, options);
    if (status == DIFFUSION_OK)
        status = fill(self, steps, model, schedule, options);
    if (status != DIFFUSION_OK)
        coding_chain_close(self);
    memory_release(steps);
    return status;
}

void coding_chain_close(coding_chain *self)
{
    memory_release(self->levels);
    memory_release(self->steps_down);
    *self = (coding_chain){0};
}

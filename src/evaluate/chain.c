#include "evaluate/chain.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/trajectory.h"

#include <math.h>

static int32_t steps_of(const chain_options *options, const struct diffusion_schedule *schedule)
{
    if (options->list.count > 0)
        return (int32_t)options->list.count;
    return options->steps > 0 ? (int32_t)options->steps : schedule->steps;
}

/* ---- what cannot be ---- */

static diffusion_status check_list(const chain_options *options, const struct diffusion_schedule *schedule)
{
    const spec_reals *list = &options->list;
    if (options->steps > 0)
        return error_set(DIFFUSION_E_SPEC, "evaluator: chain=%lld and steps_list=, expected one of them",
                         (long long)options->steps);
    for (size_t i = 0; i < list->count; i++) {
        const double t = list->values[i], above = i > 0 ? list->values[i - 1] : schedule->steps + 1.0;
        if (!(t >= 1.0 && t < above && t == floor(t)))
            return error_set(DIFFUSION_E_SPEC, "evaluator: steps_list has %g, expected whole steps %d..1 that fall", t,
                             (int)schedule->steps);
    }
    return DIFFUSION_OK;
}

static diffusion_status check(const struct diffusion_evaluator *of, const chain_options *options)
{
    const struct diffusion_schedule *schedule = of->schedule;
    const int fewer = steps_of(options, schedule) != schedule->steps || options->list.count > 0;
    diffusion_status status = DIFFUSION_OK;
    if (options->steps > schedule->steps)
        return error_set(DIFFUSION_E_SPEC, "evaluator: chain=%lld, expected at most the schedule's %d",
                         (long long)options->steps, (int)schedule->steps);
    if (options->list.count > 0)
        status = check_list(options, schedule);
    if (status == DIFFUSION_OK && fewer)
        status = schedule_check_additive(schedule, "evaluator", "a chain of fewer steps");
    if (status == DIFFUSION_OK && options->clip > 0.0)
        status = schedule_check_additive(schedule, "evaluator", "clip");
    if (status == DIFFUSION_OK)
        status = model_check_variance(of->model, schedule, "evaluator", options->variance);
    return status;
}

/* ---- its steps ---- */

/* steps [count], rising. */
static diffusion_status choose(int32_t *steps, int32_t count, const struct diffusion_evaluator *of,
                               const chain_options *options)
{
    const int32_t last = of->schedule->steps;
    if (options->list.count == 0 && options->spacing == CHAIN_OPTIMAL)
        return trajectory_optimal(steps, count, last, of->model, of->schedule, (variance_asked)options->variance,
                                  "evaluator");
    for (int32_t i = 0; i < count; i++)
        if (options->list.count > 0)
            steps[i] = (int32_t)options->list.values[count - 1 - i];
        else
            steps[i] = count > 1 ? 1 + (int32_t)nearbyint(i * ((double)(last - 1) / (count - 1))) : last;
    return DIFFUSION_OK;
}

static void fill(chain *self, const int32_t *steps, const struct diffusion_evaluator *of, const chain_options *options)
{
    const struct diffusion_schedule *schedule = of->schedule;
    self->levels[0] = schedule->levels[0];
    for (int32_t i = 1; i <= self->steps; i++)
        self->levels[i] = schedule->levels[steps[i - 1]];
    for (int32_t i = 1; i <= self->steps; i++) {
        const noise_level *above = i < self->steps ? &self->levels[i + 1] : NULL;
        self->at[i] =
            reverse_step_between(&of->model->options, schedule, &self->levels[i], &self->levels[i - 1], above);
        reverse_step_take_variance(&self->at[i], (variance_asked)options->variance, of->model->moments, schedule,
                                   above);
    }
}

diffusion_status chain_open(chain *self, const struct diffusion_evaluator *of, const chain_options *options)
{
    diffusion_status status = check(of, options);
    if (status != DIFFUSION_OK)
        return status;
    const size_t count = (size_t)steps_of(options, of->schedule);
    int32_t *steps = memory_allocate(count, sizeof *steps);
    *self = (chain){(int32_t)count, memory_allocate(count + 1, sizeof *self->levels),
                    memory_allocate(count + 1, sizeof *self->at)};
    status = steps != NULL && self->levels != NULL && self->at != NULL ? choose(steps, self->steps, of, options)
                                                                       : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        fill(self, steps, of, options);
    else
        chain_close(self);
    memory_release(steps);
    return status;
}

void chain_close(chain *self)
{
    memory_release(self->levels);
    memory_release(self->at);
    *self = (chain){0};
}

diffusion_status chain_check(const struct diffusion_evaluator *of, const chain_options *options)
{
    chain trial;
    diffusion_status status = chain_open(&trial, of, options);
    if (status == DIFFUSION_OK)
        chain_close(&trial);
    return status;
}

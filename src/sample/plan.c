#include "sample/plan.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Still at its time, by which the network knows it. */
static void raise_first(chain_plan *self, const plan_options *options)
{
    noise_level *first = &self->levels[self->steps];
    const double least = options->signal_min;
    if (first->signal < least)
        *first = level_from_log_snr(first->t, logl((long double)least * least) - log1pl(-(long double)least * least));
}

/* Equal but for rounding to the last level visited, the end is that. */
static noise_level end_of(const chain_plan *self, const plan_options *options)
{
    const noise_level *lowest = &self->levels[1];
    if (options->final != FINAL_SIGMA_MIN)
        return level_of_data();
    const noise_level end = options->sigma_min > 0.0 ? schedule_level_at(self->schedule, -2.0 * log(options->sigma_min))
                                                     : self->schedule->levels[1];
    return fabs(end.log_snr - lowest->log_snr) <= 1e-9 * fmax(1.0, fabs(end.log_snr)) ? *lowest : end;
}

static diffusion_status check_end(const chain_plan *self)
{
    if (self->end.t <= self->levels[1].t)
        return DIFFUSION_OK;
    return error_set(
        DIFFUSION_E_SPEC,
        "sampler: final=sigma_min would end at t=%g, above the last time visited, %g: expected one as high "
        "or higher",
        self->end.t, self->levels[1].t);
}

static diffusion_status check_order(const chain_plan *self)
{
    for (int32_t i = 1; i <= self->steps; i++)
        if (!(self->levels[i].t > self->levels[i - 1].t) || self->levels[i].t > (double)self->schedule->steps)
            return error_set(DIFFUSION_E_SPEC,
                             "sampler: step %d of the chain would go from t=%g to t=%g of %d, "
                             "expected times that fall",
                             (int)(self->steps - i + 1), self->levels[i].t, self->levels[i - 1].t,
                             (int)self->schedule->steps);
    return DIFFUSION_OK;
}

/* The other way: from the lowest level to the highest. */
static diffusion_status turn(chain_plan *self, plan_way way)
{
    self->levels[0] = self->end;
    self->rises = 1;
    if (way == WAY_UP_FROM_LOWEST && self->steps == 1)
        return error_set(DIFFUSION_E_SPEC, "sampler: steps=1 leads from the lowest level visited to nowhere, expected "
                                           "at least 2");
    if (way == WAY_UP_FROM_LOWEST)
        memmove(self->levels, self->levels + 1, (size_t)self->steps-- * sizeof *self->levels);
    for (int32_t low = 0, high = self->steps; low < high; low++, high--) {
        const noise_level kept = self->levels[low];
        self->levels[low] = self->levels[high];
        self->levels[high] = kept;
    }
    self->end = self->levels[0];
    return DIFFUSION_OK;
}

diffusion_status plan_open(chain_plan *self, const struct diffusion_schedule *schedule, const plan_options *options)
{
    const plan_layout of = plan_lay_out(schedule, options);
    chain_plan plan = {schedule, of.steps, memory_allocate((size_t)of.steps + 1, sizeof *plan.levels), level_of_data(),
                       0};
    if (plan.levels == NULL)
        return DIFFUSION_E_MEMORY;
    plan.levels[0] = plan.end;
    diffusion_status status = plan_fill(plan.levels, &of);
    if (status == DIFFUSION_OK)
        raise_first(&plan, options);
    if (status == DIFFUSION_OK)
        status = check_order(&plan);
    if (status == DIFFUSION_OK) {
        plan.end = end_of(&plan, options);
        status = check_end(&plan);
    }
    if (status == DIFFUSION_OK && options->way != WAY_DOWN)
        status = turn(&plan, options->way);
    if (status == DIFFUSION_OK)
        *self = plan;
    else
        plan_close(&plan);
    return status;
}

void plan_close(chain_plan *self)
{
    memory_release(self->levels);
    self->levels = NULL;
}

const noise_level *plan_above(const chain_plan *self, int32_t step)
{
    return step < self->steps ? &self->levels[step + 1] : NULL;
}

noise_level plan_next(const chain_plan *self, int32_t step)
{
    return step > 1 ? self->levels[step - 1] : self->end;
}

noise_level plan_stride_down(const chain_plan *self, int32_t step)
{
    const double t = self->levels[step].t - (double)(self->schedule->steps / self->steps);
    return t > 0.0 ? schedule_level(self->schedule, t) : self->end;
}

int plan_has_reached(const chain_plan *self, const noise_level *at, int32_t step)
{
    const double t = self->levels[step].t;
    return self->rises ? at->t >= t : at->t <= t;
}

int32_t plan_step_at(const chain_plan *self, const noise_level *at)
{
    int32_t step = self->steps;
    if (at->t == self->levels[step].t) /* also where the next is no other level */
        return step;
    while (step > 0 && plan_has_reached(self, at, step - 1))
        step--;
    return step;
}

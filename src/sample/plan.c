#include "sample/plan.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

static diffusion_status check(int32_t total, int32_t steps, const plan_options *options)
{
    long long offset = options->steps_offset, stride = total / steps;
    long long last = 1 + (steps - 1) * stride + offset;
    if (offset > 0 && options->spacing != SPACING_LEADING)
        return error_set(DIFFUSION_E_SPEC, "sampler: steps_offset=%lld shifts leading steps, expected spacing=leading",
                         offset);
    if (options->spacing == SPACING_LEADING && last > total)
        return error_set(DIFFUSION_E_SPEC,
                         "sampler: steps_offset=%lld makes step %lld the chain's first, expected at most %d", offset,
                         last, (int)total);
    if (options->spacing == SPACING_LINSPACE && steps == 1)
        return error_set(DIFFUSION_E_SPEC, "sampler: steps=1 with spacing=linspace would visit the step 1 alone, "
                                           "expected at least 2");
    return DIFFUSION_OK;
}

/* Value `index` of numpy.arange(total, 0, -stride), which takes the difference of its first two values for the stride.
 */
static double arange_at(double total, double stride, int32_t index)
{
    const double second = total - stride;
    return index == 1 ? second : total + index * (second - total);
}

/* Halves go to the even number, as numpy's round() has them, on the peer's numbers: leading and linspace count from 0.
 */
static int32_t step_at(int32_t total, int32_t steps, const plan_options *options, int32_t index)
{
    switch ((spacing_kind)options->spacing) {
    case SPACING_LEADING:
        break;
    case SPACING_LINSPACE:
        return 1 + (int32_t)nearbyint((index - 1) * ((double)(total - 1) / (steps - 1)));
    case SPACING_TRAILING:
        return (int32_t)nearbyint(arange_at(total, (double)total / steps, steps - index));
    }
    return 1 + (index - 1) * (total / steps) + (int32_t)options->steps_offset;
}

static int is_whole(int32_t total, const plan_options *options)
{
    return (options->steps == 0 || options->steps == total) && options->steps_offset == 0;
}

diffusion_status plan_open(chain_plan *self, const struct diffusion_schedule *schedule, const plan_options *options)
{
    const int whole = is_whole(schedule->steps, options);
    const int32_t steps = options->steps > 0 ? (int32_t)options->steps : schedule->steps;
    diffusion_status status = whole ? DIFFUSION_OK : check(schedule->steps, steps, options);
    if (status != DIFFUSION_OK)
        return status;
    *self = (chain_plan){schedule, steps, memory_allocate((size_t)steps + 1, sizeof *self->levels)};
    if (self->levels == NULL)
        return DIFFUSION_E_MEMORY;
    self->levels[0] = level_of_data();
    for (int32_t i = 1; i <= steps; i++)
        self->levels[i] = schedule->levels[whole ? i : step_at(schedule->steps, steps, options, i)];
    return DIFFUSION_OK;
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

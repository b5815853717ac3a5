#include "sample/spacing.h"

#include "base/error.h"

#include <math.h>

static diffusion_status check(int32_t total, const sampler_options *options)
{
    long long offset = options->steps_offset, stride = total / options->steps;
    long long last = 1 + (options->steps - 1) * stride + offset;
    if (offset > 0 && options->spacing != SPACING_LEADING)
        return error_set(DIFFUSION_E_SPEC, "sampler: steps_offset=%lld shifts leading steps, expected spacing=leading",
                         offset);
    if (options->spacing == SPACING_LEADING && last > total)
        return error_set(DIFFUSION_E_SPEC,
                         "sampler: steps_offset=%lld makes step %lld the chain's first, expected at most %d", offset,
                         last, (int)total);
    if (options->spacing == SPACING_LINSPACE && options->steps == 1)
        return error_set(DIFFUSION_E_SPEC, "sampler: steps=1 with spacing=linspace would visit the step 1 alone, "
                                           "expected at least 2");
    return DIFFUSION_OK;
}

/* Halves go to the even number, as numpy's round() has them, on the peer's numbers: they count from 0. */
static int32_t step_at(int32_t total, const sampler_options *options, int32_t index)
{
    int32_t steps = (int32_t)options->steps;
    switch ((spacing_kind)options->spacing) {
    case SPACING_LEADING:
        break;
    case SPACING_LINSPACE:
        return 1 + (int32_t)nearbyint((index - 1) * ((double)(total - 1) / (steps - 1)));
    case SPACING_TRAILING:
        return (int32_t)nearbyint(total - (steps - index) * ((double)total / steps));
    }
    return 1 + (index - 1) * (total / steps) + (int32_t)options->steps_offset;
}

diffusion_status spacing_fill(int32_t *original, int32_t total, const sampler_options *options)
{
    diffusion_status status = check(total, options);
    if (status != DIFFUSION_OK)
        return status;
    original[0] = 0;
    for (int32_t i = 1; i <= options->steps; i++)
        original[i] = step_at(total, options, i);
    return DIFFUSION_OK;
}

int spacing_is_whole(int32_t total, const sampler_options *options)
{
    return (options->steps == 0 || options->steps == total) && options->steps_offset == 0;
}

#include "math/convolution_plan.h"

#include "math/lanes.h"
#include "math/winograd.h"

/* Winograd's weights are four times as many, so it must have tiles enough, and it takes 16 channels at a time. */
static int suits_winograd(const convolution_shape *s)
{
    return s->kernel == 3 && s->stride == 1 && s->before == 1 && s->after == 1 && s->in % LANES == 0 &&
           s->out % LANES == 0 && s->in <= WINOGRAD_CHANNELS && s->out <= WINOGRAD_CHANNELS &&
           s->height > WINOGRAD_TILE && s->width > WINOGRAD_TILE;
}

static convolution_method choose(const convolution_shape *s, int exact)
{
    if (s->kernel == 1 && s->stride == 1 && s->before + s->after == 0)
        return CONVOLUTION_PRODUCT;
    return !exact && suits_winograd(s) ? CONVOLUTION_WINOGRAD : CONVOLUTION_PATCHES;
}

convolution convolution_plan(const convolution_shape *shape, int exact)
{
    size_t zeros = shape->before + shape->after;
    return (convolution){*shape, (shape->height + zeros - shape->kernel) / shape->stride + 1,
                         (shape->width + zeros - shape->kernel) / shape->stride + 1, choose(shape, exact)};
}

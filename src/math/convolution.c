#include "base/size.h"
#include "math/convolution_parts.h"
#include "math/lanes.h"
#include "math/winograd.h"

static const convolution_class *class_of(const convolution *plan)
{
    static const convolution_class *const classes[] = {&convolution_patches, &convolution_patches,
                                                       &convolution_winograd};
    return classes[plan->method];
}

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

size_t convolution_prepared_size(const convolution *plan)
{
    return class_of(plan)->prepared_size(plan);
}

void convolution_prepare(const convolution *plan, float *prepared, const float *weight)
{
    class_of(plan)->prepare(plan, prepared, weight);
}

size_t convolution_scratch_size(const convolution *plan, size_t n, size_t threads)
{
    return class_of(plan)->scratch_size(plan, n, threads);
}

static const convolution_epilogue none;

void convolution_forward(const convolution *plan, float *y, size_t row_y, const float *x, size_t row_x,
                         const float *prepared, const convolution_epilogue *epilogue, size_t n, float *scratch)
{
    convolution_run run = {plan, y, row_y, x, row_x, prepared, epilogue != NULL ? *epilogue : none, n, scratch};
    class_of(plan)->forward(&run);
}

size_t convolution_training_scratch_size(const convolution *plan, size_t n, size_t threads)
{
    return size_greater(class_of(plan)->training_scratch_size(plan, n, threads),
                        convolution_bias_scratch_size(plan->shape.out, n * convolution_pixels(plan)));
}

void convolution_forward_once(const convolution *plan, float *y, size_t row_y, const float *x, size_t row_x,
                              const float *weight, const convolution_epilogue *epilogue, size_t n, float *scratch)
{
    convolution_run run = {plan, y, row_y, x, row_x, weight, epilogue != NULL ? *epilogue : none, n, scratch};
    class_of(plan)->forward_once(&run);
}

size_t convolution_prepare_and_forward_size(const convolution *plan, size_t n, size_t threads)
{
    return class_of(plan)->prepared_size(plan) + class_of(plan)->scratch_size(plan, n, threads);
}

void convolution_prepare_and_forward(const convolution_run *run)
{
    convolution_run prepared = *run;
    prepared.weight = run->scratch;
    prepared.scratch = run->scratch + class_of(run->plan)->prepared_size(run->plan);
    class_of(run->plan)->prepare(run->plan, run->scratch, run->weight);
    class_of(run->plan)->forward(&prepared);
}

void convolution_backward(const convolution *plan, float *dx, size_t row_dx, float *dweight, float *dbias,
                          const float *x, size_t row_x, const float *dy, size_t row_dy, const float *weight, size_t n,
                          float *scratch)
{
    convolution_training run = {plan, dx, row_dx, dweight, x, row_x, dy, row_dy, weight, n, scratch};
    if (dbias != NULL)
        convolution_bias_backward(dbias, dy, row_dy, plan->shape.out, n * convolution_pixels(plan), scratch);
    class_of(plan)->backward(&run);
}

#include "math/convolution.h"

#include "base/size.h"
#include "math/convolution_parts.h"
#include "math/pixels.h"

static const convolution_class *class_of(const convolution *plan)
{
    static const convolution_class *const classes[] = {&convolution_patches, &convolution_patches,
                                                       &convolution_winograd};
    return classes[plan->method];
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

void convolution_forward(const convolution *plan, float *y, size_t stride_y, const float *x, size_t stride_x,
                         const float *prepared, const convolution_epilogue *epilogue, size_t n, float *scratch)
{
    convolution_run run = {plan, y, stride_y, x, stride_x, prepared, epilogue != NULL ? *epilogue : none, n, scratch};
    class_of(plan)->forward(&run);
}

size_t convolution_training_scratch_size(const convolution *plan, size_t n, size_t threads)
{
    return size_greater(class_of(plan)->training_scratch_size(plan, n, threads),
                        pixels_total_scratch_size(n * convolution_pixels(plan), plan->shape.out));
}

void convolution_forward_once(const convolution *plan, float *y, size_t stride_y, const float *x, size_t stride_x,
                              const float *weight, const convolution_epilogue *epilogue, size_t n, float *scratch)
{
    convolution_run run = {plan, y, stride_y, x, stride_x, weight, epilogue != NULL ? *epilogue : none, n, scratch};
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

void convolution_backward(const convolution *plan, float *dx, size_t stride_dx, float *dweight, float *dbias,
                          const float *x, size_t stride_x, const float *dy, size_t stride_dy, const float *weight,
                          size_t n, float *scratch)
{
    convolution_training run = {plan, dx, stride_dx, dweight, x, stride_x, dy, stride_dy, weight, n, scratch};
    if (dbias != NULL)
        pixels_total(dbias, dy, stride_dy, n * convolution_pixels(plan), plan->shape.out, scratch);
    if (dx != NULL || dweight != NULL)
        class_of(plan)->backward(&run);
}

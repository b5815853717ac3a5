/* One convolution with its arrays: pixels further apart than they need be, and memory that shows where it was touched.
 */
#ifndef UNIT_MATH_CONVOLUTION_CASE_H
#define UNIT_MATH_CONVOLUTION_CASE_H

#include "make.h"

#include "base/threads.h"
#include "math/convolution.h"

enum { APART = 5 /* floats between one pixel and the next */, CANARIES = 64 };
static const float CANARY = 12345.5f;

typedef struct convolution_case {
    convolution plan;
    size_t n, stride_x, stride_y, inputs, outputs, weights;
    float *x, *y, *dx, *dy, *residual, *image, *bias, *weight, *prepared, *dweight, *dbias;
} convolution_case;

/* Floats with canaries behind them. */
static inline float *guarded(size_t count)
{
    float *values = malloc((count + CANARIES) * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < count + CANARIES; i++)
        values[i] = i < count ? NAN : CANARY;
    return values;
}

static inline void assert_guard(const float *values, size_t count)
{
    for (size_t i = count; i < count + CANARIES; i++)
        if (values[i] != CANARY)
            fail_msg("float %zu behind %zu floats of memory was written: %g", i - count, count, (double)values[i]);
}

static inline float *guarded_numbers(size_t count, uint32_t seed)
{
    float *values = guarded(count);
    make_numbers(values, count, seed);
    return values;
}

static inline convolution_case case_of(const convolution_shape *s, int exact, size_t n)
{
    convolution_case self = {
        .plan = convolution_plan(s, exact), .n = n, .stride_x = s->in + APART, .stride_y = s->out + APART};
    self.inputs = n * s->height * s->width;
    self.outputs = n * self.plan.out_height * self.plan.out_width;
    self.weights = s->out * s->in * s->kernel * s->kernel;
    self.x = guarded_numbers(self.inputs * self.stride_x, 1);
    self.dy = guarded_numbers(self.outputs * self.stride_y, 2);
    self.residual = guarded_numbers(self.outputs * self.stride_y, 3);
    self.image = guarded_numbers(n * self.stride_y, 4);
    self.bias = guarded_numbers(s->out, 5);
    self.weight = guarded_numbers(self.weights, 6);
    for (size_t i = 0; i < self.weights; i++)
        self.weight[i] *= 1.0f / sqrtf((float)(self.weights / s->out));
    self.y = guarded(self.outputs * self.stride_y);
    self.dx = guarded(self.inputs * self.stride_x);
    self.dweight = guarded(self.weights);
    self.dbias = guarded(s->out);
    self.prepared = guarded(convolution_prepared_size(&self.plan));
    convolution_prepare(&self.plan, self.prepared, self.weight);
    assert_guard(self.prepared, convolution_prepared_size(&self.plan));
    return self;
}

static inline void case_free(convolution_case *self)
{
    float *all[] = {self->x,    self->y,      self->dx,       self->dy,      self->residual, self->image,
                    self->bias, self->weight, self->prepared, self->dweight, self->dbias};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

/* What stands between the pixels is not ours. */
static inline void assert_between(const float *values, size_t pixels, size_t channels)
{
    for (size_t i = 0; i < pixels; i++)
        for (size_t j = channels; j < channels + APART; j++)
            if (!isnan(values[i * (channels + APART) + j]))
                fail_msg("written behind the channels of pixel %zu", i);
    assert_guard(values, pixels * (channels + APART));
}

/* Images first..first+n-1 alone. */
static inline void case_forward(convolution_case *self, const convolution_epilogue *epilogue, size_t first, size_t n)
{
    size_t size = convolution_scratch_size(&self->plan, n, threads_count()), in = self->inputs / self->n,
           out = self->outputs / self->n;
    float *scratch = guarded(size);
    convolution_epilogue shifted = {0};
    if (epilogue != NULL) {
        shifted = *epilogue;
        if (shifted.image != NULL)
            shifted.image += first * shifted.stride_image;
        if (shifted.residual != NULL)
            shifted.residual += first * out * shifted.stride_residual;
    }
    convolution_forward(&self->plan, self->y + first * out * self->stride_y, self->stride_y,
                        self->x + first * in * self->stride_x, self->stride_x, self->prepared,
                        epilogue != NULL ? &shifted : NULL, n, scratch);
    assert_guard(scratch, size);
    free(scratch);
}

/* All images, from the weights as they are. */
static inline void case_forward_once(convolution_case *self, const convolution_epilogue *epilogue)
{
    size_t size = convolution_training_scratch_size(&self->plan, self->n, threads_count());
    float *scratch = guarded(size);
    convolution_forward_once(&self->plan, self->y, self->stride_y, self->x, self->stride_x, self->weight, epilogue,
                             self->n, scratch);
    assert_guard(scratch, size);
    free(scratch);
}

static inline convolution_epilogue case_epilogue(const convolution_case *self)
{
    return (convolution_epilogue){self->bias, self->image, self->stride_y, self->residual, self->stride_y};
}

static inline void case_backward(convolution_case *self, int with_dx)
{
    size_t size = convolution_training_scratch_size(&self->plan, self->n, threads_count());
    float *scratch = guarded(size);
    convolution_backward(&self->plan, with_dx ? self->dx : NULL, self->stride_x, self->dweight, self->dbias, self->x,
                         self->stride_x, self->dy, self->stride_y, self->weight, self->n, scratch);
    assert_guard(scratch, size);
    free(scratch);
}

#endif

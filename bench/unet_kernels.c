/* Calls of the library's kernels on their way from the network: the linker (--wrap, see CMakeLists.txt) leads them
 * through here. Each is timed on the calling thread, its matrix products on their own threads. */
#define _POSIX_C_SOURCE 200809L

#include "clock.h"
#include "math/attention.h"
#include "math/blas.h"
#include "math/convolution.h"
#include "math/group_norm.h"
#include "math/pixels.h"
#include "math/pool.h"
#include "train/objective.h"
#include "train/optimizer.h"
#include "unet_layers.h"

#include <stdatomic.h>
#include <stdio.h>

static int inside;                 /* a kernel called by a kernel is a part of it */
static atomic_ullong product_time; /* nanoseconds */
static _Atomic(const char *) loop; /* what the tasks of a loop outside any kernel turn out to do */

double products_seconds(void)
{
    return 1e-9 * (double)atomic_load(&product_time);
}

/* A call that is being timed. */
typedef struct span {
    int outermost;
    double begin, products;
} span;

static span span_begin(void)
{
    return (span){inside++ == 0, clock_seconds(), products_seconds()};
}

static void span_end(span of, const char *kind, const char *layer, double operations)
{
    inside--;
    if (of.outermost)
        count_row(kind, layer,
                  &(row){.calls = 1,
                         .seconds = clock_seconds() - of.begin,
                         .products = products_seconds() - of.products,
                         .operations = operations});
}

/* ---- what kernels are called in the tables ---- */

static const char *convolution_kind(const convolution *plan, const char *direction)
{
    static char text[TEXT];
    static const char *const methods[] = {"products", "patches", "Winograd"};
    const convolution_shape *shape = &plan->shape;
    if (shape->height * shape->width == 1)
        snprintf(text, sizeof text, "time embedding, %s", direction);
    else
        snprintf(text, sizeof text, "convolution %zux%zu%s by %s, %s", shape->kernel, shape->kernel,
                 shape->stride == 2 ? " stride 2" : "", methods[plan->method], direction);
    return text;
}

static const char *convolution_layer(const convolution *plan)
{
    static char text[TEXT];
    const convolution_shape *shape = &plan->shape;
    snprintf(text, sizeof text, "%zux%zu %zu->%zu", shape->height, shape->width, shape->in, shape->out);
    return text;
}

/* As of a direct convolution, whatever the method. */
static double convolution_operations(const convolution *plan, size_t n)
{
    const convolution_shape *shape = &plan->shape;
    return 2.0 * (double)(n * plan->out_height * plan->out_width) *
           (double)(shape->in * shape->out * shape->kernel * shape->kernel);
}

static const char *norm_layer(const group_norm *shape)
{
    static char text[TEXT];
    snprintf(text, sizeof text, "%zu pixels, %zu channels", shape->pixels, shape->channels);
    return text;
}

static const char *attention_layer(const attention *shape)
{
    static char text[TEXT];
    snprintf(text, sizeof text, "%zu pixels, %zu channels, %zu heads", shape->pixels, shape->channels, shape->heads);
    return text;
}

/* Of one product of pixels by pixels by channels: forward has two, backward five. */
static double attention_operations(const attention *shape, size_t n)
{
    return 2.0 * (double)(n * shape->pixels * shape->pixels * shape->channels);
}

/* ---- kernels on their way from the network: it calls __wrap_name, which times __real_name, the kernel. Their types
 * are the kernel's own, so that a changed kernel does not compile here. ---- */

#define TIMED(name, declared, given, kind, layer, operations)                                                          \
    __typeof__(name) __real_##name, __wrap_##name;                                                                     \
    void __wrap_##name declared                                                                                        \
    {                                                                                                                  \
        span of = span_begin();                                                                                        \
        __real_##name given;                                                                                           \
        span_end(of, kind, layer, operations);                                                                         \
    }

TIMED(convolution_prepare, (const convolution *plan, float *prepared, const float *weight), (plan, prepared, weight),
      "weights prepared", convolution_layer(plan), 0.0)
TIMED(convolution_forward,
      (const convolution *plan, float *y, size_t stride_y, const float *x, size_t stride_x, const float *prepared,
       const convolution_epilogue *epilogue, size_t n, float *scratch),
      (plan, y, stride_y, x, stride_x, prepared, epilogue, n, scratch), convolution_kind(plan, "forward"),
      convolution_layer(plan), convolution_operations(plan, n))
TIMED(convolution_forward_once,
      (const convolution *plan, float *y, size_t stride_y, const float *x, size_t stride_x, const float *weight,
       const convolution_epilogue *epilogue, size_t n, float *scratch),
      (plan, y, stride_y, x, stride_x, weight, epilogue, n, scratch), convolution_kind(plan, "forward"),
      convolution_layer(plan), convolution_operations(plan, n))
TIMED(convolution_backward,
      (const convolution *plan, float *dx, size_t stride_dx, float *dweight, float *dbias, const float *x,
       size_t stride_x, const float *dy, size_t stride_dy, const float *prepared, size_t n, float *scratch),
      (plan, dx, stride_dx, dweight, dbias, x, stride_x, dy, stride_dy, prepared, n, scratch),
      convolution_kind(plan, "backward"), convolution_layer(plan),
      (dx != NULL ? 2.0 : 1.0) * convolution_operations(plan, n))
TIMED(group_norm_forward,
      (const group_norm *shape, float *y, size_t stride_y, float *statistics, const float *x, size_t stride_x,
       const group_norm_weights *weights, size_t n, float *scratch),
      (shape, y, stride_y, statistics, x, stride_x, weights, n, scratch), "group norm and SiLU, forward",
      norm_layer(shape), 0.0)
TIMED(group_norm_apply,
      (const group_norm *shape, float *y, float *slopes, size_t stride_y, const float *statistics, const float *x,
       size_t stride_x, const group_norm_weights *weights, size_t n, float *scratch),
      (shape, y, slopes, stride_y, statistics, x, stride_x, weights, n, scratch), "group norm and SiLU, made again",
      norm_layer(shape), 0.0)
TIMED(group_norm_backward,
      (const group_norm *shape, float *dx, size_t stride_dx, int add, const group_norm_gradient *gradient, float *dy,
       const float *slopes, size_t stride_dy, const float *statistics, const float *x, size_t stride_x,
       const group_norm_weights *weights, size_t n, float *scratch),
      (shape, dx, stride_dx, add, gradient, dy, slopes, stride_dy, statistics, x, stride_x, weights, n, scratch),
      "group norm and SiLU, backward", norm_layer(shape), 0.0)
TIMED(attention_forward, (const attention *shape, float *y, const float *qkv, size_t n, float *scratch),
      (shape, y, qkv, n, scratch), "attention, forward", attention_layer(shape), 2.0 * attention_operations(shape, n))
TIMED(attention_backward,
      (const attention *shape, float *dqkv, const float *dy, const float *qkv, size_t n, float *scratch),
      (shape, dqkv, dy, qkv, n, scratch), "attention, backward", attention_layer(shape),
      5.0 * attention_operations(shape, n))
TIMED(pixels_copy, (float *y, size_t stride_y, const float *x, size_t stride_x, size_t n, size_t pixels, size_t width),
      (y, stride_y, x, stride_x, n, pixels, width), "pixels copied, added, summed", "", 0.0)
TIMED(pixels_add, (float *y, size_t stride_y, const float *x, size_t stride_x, size_t n, size_t pixels, size_t width),
      (y, stride_y, x, stride_x, n, pixels, width), "pixels copied, added, summed", "", 0.0)
TIMED(pixels_sum, (float *y, size_t stride_y, const float *x, size_t stride_x, size_t n, size_t pixels, size_t width),
      (y, stride_y, x, stride_x, n, pixels, width), "pixels copied, added, summed", "", 0.0)

/* A loop outside these is known by what its tasks call. */
#define NAMES_LOOP(name, declared, given, kind)                                                                        \
    __typeof__(name) __real_##name, __wrap_##name;                                                                     \
    void __wrap_##name declared                                                                                        \
    {                                                                                                                  \
        atomic_store_explicit(&loop, kind, memory_order_relaxed);                                                      \
        __real_##name given;                                                                                           \
    }

NAMES_LOOP(pool_repeat, (float *y, const float *x, size_t height, size_t width, size_t channels),
           (y, x, height, width, channels), "upsampling, forward")
NAMES_LOOP(pool_forward, (float *y, const float *x, float scale, size_t height, size_t width, size_t channels),
           (y, x, scale, height, width, channels), "upsampling, backward")
NAMES_LOOP(objective_draw,
           (const objective *self, objective_sample *sample, uint64_t step, uint64_t index, double *noise),
           (self, sample, step, index, noise), "t and noise drawn")
NAMES_LOOP(optimizer_update,
           (const optimizer_step *step, float *weights, const float *gradient, float *moment1, float *moment2,
            float *average, size_t count),
           (step, weights, gradient, moment1, moment2, average, count), "Adam")

__typeof__(parallel_for) __real_parallel_for, __wrap_parallel_for;
void __wrap_parallel_for(size_t tasks, size_t cost, threads_task_fn *run, void *context)
{
    if (inside > 0) {
        __real_parallel_for(tasks, cost, run, context);
        return;
    }
    atomic_store(&loop, "loss and norm of the gradient");
    span of = span_begin();
    __real_parallel_for(tasks, cost, run, context);
    span_end(of, atomic_load(&loop), "", 0.0);
}

__typeof__(blas_sgemm) __real_blas_sgemm, __wrap_blas_sgemm;
void __wrap_blas_sgemm(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, float alpha, const float *a,
                       size_t ld_a, const float *b, size_t ld_b, float beta, float *c, size_t ld_c)
{
    double begin = clock_seconds();
    __real_blas_sgemm(transpose_a, transpose_b, m, n, k, alpha, a, ld_a, b, ld_b, beta, c, ld_c);
    atomic_fetch_add(&product_time, (unsigned long long)(1e9 * (clock_seconds() - begin)));
}

#include "base/size.h"
#include "math/blas.h"
#include "math/convolution_patches.h"

#include <string.h>

enum {
    TILE_ROWS = 256, /* of a product, at most */
    BLOCK = 128,     /* outputs whose weights' gradient is one task */
    TASKS = 8,       /* that share the gradient of the weights, at least */
    PART_PIXELS = 1024
};

static size_t weights_of(const convolution *plan)
{
    return patches_taps(plan) * plan->shape.in * plan->shape.out;
}

/* ---- dx ---- */

/* Images whose pixels are rows of one product, so that packing the weights pays. */
static size_t images_together(const convolution *plan, size_t n)
{
    size_t fit = TILE_ROWS / convolution_pixels(plan);
    return size_lesser(n, size_greater(fit, 1));
}

/* What output pixels first..last-1 give, through one tap, to the inputs from `channel` on. */
static void input_tap(const convolution_training *run, float *values, size_t first, size_t last, size_t tap,
                      size_t channel, size_t channels)
{
    const convolution *plan = run->plan;
    const int straight = plan->method == CONVOLUTION_PRODUCT; /* the weights [out, in] are as products like them */
    const size_t out = plan->shape.out, row = straight ? plan->shape.in : channels;
    const float *weight =
        straight ? run->weight + channel : run->scratch + channel * patches_taps(plan) * out + tap * out * channels;
    for (; first < last; first += TILE_ROWS) {
        size_t rows = size_lesser(TILE_ROWS, last - first);
        float *to = straight ? run->dx + first * run->stride_dx + channel : values;
        multiply(0, rows, channels, out, 1.0f, run->dy + first * run->stride_dy, run->stride_dy, weight, row, 0.0f, to,
                 straight ? run->stride_dx : channels);
        if (!straight)
            patches_scatter(plan, run->dx + channel, run->stride_dx, values, first, rows, tap, channels);
    }
}

static size_t input_blocks(const convolution *plan)
{
    return size_divide_up(plan->shape.in, MULTIPLY_COLUMNS);
}

/* Floats of the turned weights in scratch, before the tasks' values. */
static size_t turned_size(const convolution *plan)
{
    return plan->method == CONVOLUTION_PRODUCT ? 0 : patches_turned_size(plan);
}

enum { VALUES = TILE_ROWS * MULTIPLY_COLUMNS };

/* Each task has its images and channels for itself. */
static void input_task(void *context, size_t task, size_t slot)
{
    const convolution_training *run = context;
    const convolution *plan = run->plan;
    const size_t pixels = convolution_pixels(plan), inputs = plan->shape.height * plan->shape.width;
    size_t together = images_together(plan, run->n), image = task / input_blocks(plan) * together;
    size_t channel = task % input_blocks(plan) * MULTIPLY_COLUMNS;
    size_t channels = size_lesser(MULTIPLY_COLUMNS, plan->shape.in - channel);
    size_t images = size_lesser(together, run->n - image), last = (image + images) * pixels;
    float *values = run->scratch + turned_size(plan) + slot * VALUES;
    if (plan->method != CONVOLUTION_PRODUCT)
        for (size_t i = image * inputs; i < (image + images) * inputs; i++)
            memset(run->dx + i * run->stride_dx + channel, 0, channels * sizeof *run->dx);
    for (size_t tap = 0; tap < patches_taps(plan); tap++)
        input_tap(run, values, image * pixels, last, tap, channel, channels);
}

static void input_backward(const convolution_training *run)
{
    const convolution *plan = run->plan;
    size_t together = images_together(plan, run->n), groups = size_divide_up(run->n, together);
    if (plan->method != CONVOLUTION_PRODUCT)
        patches_turn_back(plan, run->scratch, run->weight);
    blas_parallel_for(groups * input_blocks(plan),
                      2 * together * convolution_pixels(plan) * patches_taps(plan) * plan->shape.in * plan->shape.out /
                          input_blocks(plan),
                      input_task, (void *)run);
}

/* ---- the weights, [groups of taps, out, taps, in] in scratch first ---- */

static size_t gradient_blocks(const convolution *plan)
{
    return size_divide_up(plan->shape.out, BLOCK);
}

static size_t gradient_groups(const convolution *plan)
{
    return size_divide_up(patches_taps(plan), patches_group(plan));
}

/* Parts of the batch that are summed apart, where there would be few tasks. */
static size_t gradient_parts(const convolution *plan, size_t n)
{
    size_t parts = size_divide_up(TASKS, gradient_groups(plan) * gradient_blocks(plan));
    return size_lesser(parts, size_divide_up(n * convolution_pixels(plan), PART_PIXELS));
}

static size_t gradient_patches_size(const convolution *plan)
{
    return plan->method == CONVOLUTION_PRODUCT ? 0 : MULTIPLY_DEPTH * patches_group(plan) * plan->shape.in;
}

static void weight_task(void *context, size_t task, size_t slot)
{
    const convolution_training *run = context;
    const convolution *plan = run->plan;
    const size_t in = plan->shape.in, out = plan->shape.out, pixels = run->n * convolution_pixels(plan);
    const size_t parts = gradient_parts(plan, run->n), blocks = gradient_blocks(plan), part = task % parts;
    const size_t tap = task / parts / blocks * patches_group(plan), channel = task / parts % blocks * BLOCK;
    const size_t taps = size_lesser(patches_group(plan), patches_taps(plan) - tap);
    const size_t channels = size_lesser(BLOCK, out - channel);
    const size_t begin = part * pixels / parts, end = (part + 1) * pixels / parts;
    float *sum = run->scratch + part * weights_of(plan) + tap * in * out + channel * taps * in;
    float *patches = run->scratch + parts * weights_of(plan) + slot * gradient_patches_size(plan);
    for (size_t first = begin; first < end; first += MULTIPLY_DEPTH) {
        size_t rows = size_lesser(MULTIPLY_DEPTH, end - first);
        patches_rows x = patches_under(plan, patches, run->x, run->stride_x, first, rows, tap, taps);
        multiply(1, channels, taps * in, rows, 1.0f, run->dy + first * run->stride_dy + channel, run->stride_dy, x.at,
                 x.stride, first == begin ? 0.0f : 1.0f, sum, taps * in);
    }
}

/* Adds up an output's parts, and puts its taps in order. */
static void turn_output(void *context, size_t o, size_t slot)
{
    const convolution_training *run = context;
    const convolution *plan = run->plan;
    const size_t in = plan->shape.in, out = plan->shape.out, taps = patches_taps(plan), group = patches_group(plan);
    const size_t parts = gradient_parts(plan, run->n), size = weights_of(plan);
    (void)slot;
    for (size_t tap = 0; tap < taps; tap++) {
        size_t first = tap / group * group, together = size_lesser(group, taps - first);
        const float *from = run->scratch + first * in * out + (o * together + tap - first) * in;
        for (size_t i = 0; i < in; i++) {
            float sum = from[i];
            for (size_t part = 1; part < parts; part++)
                sum += from[part * size + i];
            run->dweight[(o * in + i) * taps + tap] = sum;
        }
    }
}

static void weight_backward(const convolution_training *run)
{
    const convolution *plan = run->plan;
    size_t tasks = gradient_groups(plan) * gradient_blocks(plan) * gradient_parts(plan, run->n);
    blas_parallel_for(tasks, 2 * run->n * convolution_pixels(plan) * weights_of(plan) / tasks, weight_task,
                      (void *)run);
    parallel_for(plan->shape.out, patches_taps(plan) * plan->shape.in, turn_output, (void *)run);
}

size_t patches_training_scratch_size(const convolution *plan, size_t n, size_t threads)
{
    size_t input = turned_size(plan) + threads * VALUES;
    size_t weight = gradient_parts(plan, n) * weights_of(plan) + threads * gradient_patches_size(plan);
    return size_greater(size_greater(input, weight), convolution_prepare_and_forward_size(plan, n, threads));
}

void patches_backward(const convolution_training *run)
{
    if (run->dx != NULL)
        input_backward(run);
    if (run->dweight != NULL)
        weight_backward(run);
}

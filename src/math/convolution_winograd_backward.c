/* Backward: V from x again, dM = A dY A^T, then for each frequency dU_f = V_f^T dM_f and dV_f = dM_f U_f^T, which takes
 * V_f's place; at last dW = G^T dU G and dx = the sum of the windows B dV B^T. Groups of images follow one another, and
 * dU adds up over them. */
#include "math/blas.h"
#include "math/convolution_winograd.h"
#include "math/multiply.h"

#include <string.h>

enum {
    TOGETHER = 4,  /* tiles of a task that transforms */
    CHANNELS = 64, /* of a task that adds windows to dx */
};

typedef struct steps {
    const convolution_training *run;
    winograd_layout layout;
    size_t image, images;
    float *v, *dm, *du, *turned;
} steps;

static steps steps_of(const convolution_training *run)
{
    const winograd_layout layout = winograd_layout_of(run->plan, run->n);
    float *dm = run->scratch + WINOGRAD_FREQUENCIES * layout.step_v, *du = dm + WINOGRAD_FREQUENCIES * layout.step_m;
    return (steps){run, layout, 0, 0, run->scratch, dm, du, du + WINOGRAD_FREQUENCIES * layout.step_u};
}

static void frequencies_task(void *context, size_t task, size_t slot)
{
    const steps *job = context;
    const convolution_training *run = job->run;
    const convolution *plan = run->plan;
    const size_t tiles = job->images * job->layout.tiles, origin = job->image * job->layout.tiles;
    const float *window[WINOGRAD_WINDOW * WINOGRAD_WINDOW], *pixels[WINOGRAD_TILE * WINOGRAD_TILE];
    (void)slot;
    for (size_t t = task * TOGETHER; t < convolution_lesser((task + 1) * TOGETHER, tiles); t++) {
        winograd_window(plan, &job->layout, window, run->x, run->row_x, origin + t, winograd_zeros);
        winograd_input(job->v + t * plan->shape.in, job->layout.step_v, window, plan->shape.in);
        winograd_tile(plan, &job->layout, pixels, run->dy, run->row_dy, origin + t, winograd_zeros);
        winograd_output_backward(job->dm + t * plan->shape.out, job->layout.step_m, pixels, plan->shape.out);
    }
}

/* dV_f = dM_f U_f^T for a block of inputs: those weights are turned first, for U_f itself is what products like. */
static void input_frequency(const steps *job, size_t f, size_t input, float *turned)
{
    const convolution *plan = job->run->plan;
    const size_t in = plan->shape.in, out = plan->shape.out, inputs = convolution_lesser(MULTIPLY_COLUMNS, in - input);
    const float *u = job->run->weight + f * job->layout.step_u;
    for (size_t o = 0; o < out; o += MULTIPLY_COLUMNS) {
        size_t block = winograd_block(plan, o);
        winograd_transpose(turned + o * inputs, inputs, u + o * in + input * block, block, inputs, block);
    }
    multiply(0, job->images * job->layout.tiles, inputs, out, job->dm + f * job->layout.step_m, out, turned, inputs,
             0.0f, job->v + f * job->layout.step_v + input, in);
}

static void multiply_task(void *context, size_t f, size_t slot)
{
    const steps *job = context;
    const size_t in = job->run->plan->shape.in, out = job->run->plan->shape.out;
    const size_t tiles = job->images * job->layout.tiles;
    multiply(1, in, out, tiles, job->v + f * job->layout.step_v, in, job->dm + f * job->layout.step_m, out,
             job->image == 0 ? 0.0f : 1.0f, job->du + f * job->layout.step_u, out);
    if (job->run->dx != NULL)
        for (size_t input = 0; input < in; input += MULTIPLY_COLUMNS)
            input_frequency(job, f, input, job->turned + slot * MULTIPLY_COLUMNS * out);
}

/* One image's windows, for some channels. */
static void input_task(void *context, size_t task, size_t slot)
{
    const steps *job = context;
    const convolution_training *run = job->run;
    const convolution *plan = run->plan;
    const size_t in = plan->shape.in, pixels = plan->shape.height * plan->shape.width;
    const size_t blocks = (in + CHANNELS - 1) / CHANNELS, channel = task % blocks * CHANNELS;
    const size_t channels = convolution_lesser(CHANNELS, in - channel), image = task / blocks;
    float *dx = run->dx + (job->image + image) * pixels * run->row_dx + channel;
    const float *window[WINOGRAD_WINDOW * WINOGRAD_WINDOW];
    (void)slot;
    for (size_t i = 0; i < pixels; i++)
        memset(dx + i * run->row_dx, 0, channels * sizeof *dx);
    for (size_t t = 0; t < job->layout.tiles; t++) {
        winograd_window(plan, &job->layout, window, dx, run->row_dx, t, NULL);
        winograd_input_backward((float *const *)window, job->v + (image * job->layout.tiles + t) * in + channel,
                                job->layout.step_v, channels);
    }
}

static void weight_task(void *context, size_t task, size_t slot)
{
    const steps *job = context;
    const size_t in = job->run->plan->shape.in, out = job->run->plan->shape.out, input = task * WINOGRAD_LANES;
    (void)slot;
    for (size_t o = 0; o < out; o += WINOGRAD_LANES)
        winograd_weight_backward(job->run->dweight + (o * in + input) * 9, in * 9, job->du + input * out + o,
                                 job->layout.step_u, out);
}

void winograd_backward(const convolution_training *run)
{
    const size_t in = run->plan->shape.in, out = run->plan->shape.out;
    steps job = steps_of(run);
    for (; job.image < run->n; job.image += job.images) {
        job.images = convolution_lesser(job.layout.images, run->n - job.image);
        size_t tiles = job.images * job.layout.tiles;
        parallel_for((tiles + TOGETHER - 1) / TOGETHER, TOGETHER * 10 * (in + out), frequencies_task, &job);
        blas_parallel_for(WINOGRAD_FREQUENCIES, 4 * tiles * in * out, multiply_task, &job);
        if (run->dx != NULL)
            parallel_for(job.images * ((in + CHANNELS - 1) / CHANNELS), job.layout.tiles * 10 * CHANNELS, input_task,
                         &job);
    }
    parallel_for(in / WINOGRAD_LANES, WINOGRAD_LANES * out * 5, weight_task, &job);
}

size_t winograd_training_scratch_size(const convolution *plan, size_t n, size_t threads)
{
    const winograd_layout layout = winograd_layout_of(plan, n);
    return WINOGRAD_FREQUENCIES * (layout.step_v + layout.step_m + layout.step_u) +
           threads * MULTIPLY_COLUMNS * plan->shape.out;
}

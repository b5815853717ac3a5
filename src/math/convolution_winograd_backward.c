/* Backward: V from x again, dM = A dY A^T, then for each frequency dU_f = V_f^T dM_f and dV_f = dM_f U_f^T, which takes
 * V_f's place; at last dW = G^T dU G and dx = the sum of the windows B dV B^T.
 *
 * As forward, either a task takes whole images through all of this in its cache, and has a dU of its own, or the steps
 * are taken one after another for many images. */
#include "base/vector.h"
#include "math/blas.h"
#include "math/convolution_winograd.h"
#include "math/lanes.h"
#include "math/transpose.h"

#include <string.h>

enum {
    TOGETHER = 4,      /* tiles of a task that transforms */
    CHANNELS = 64,     /* of a task that adds windows to dx */
    PARTS = 16,        /* of a batch, with a dU of their own, at most */
    ENOUGH_IMAGES = 8, /* to be cut into parts */
    CHUNK = 4096       /* floats of dU that a task adds up */
};

typedef struct steps {
    const convolution_training *run;
    winograd_layout layout;
    size_t image, images; /* that V and dM are of */
    size_t first;         /* the first image that dU adds up */
    float *v, *dm, *du, *turned;
} steps;

/* ---- the steps ---- */

static void to_frequencies(const steps *job, size_t first, size_t last)
{
    const convolution_training *run = job->run;
    const convolution *plan = run->plan;
    const size_t origin = job->image * job->layout.tiles;
    const float *window[WINOGRAD_WINDOW * WINOGRAD_WINDOW], *pixels[WINOGRAD_TILE * WINOGRAD_TILE];
    for (size_t t = first; t < last; t++) {
        winograd_window(plan, &job->layout, window, run->x, run->row_x, origin + t, winograd_zeros);
        winograd_input(job->v + t * plan->shape.in, job->layout.step_v, window, plan->shape.in);
        winograd_tile(plan, &job->layout, pixels, run->dy, run->row_dy, origin + t, winograd_zeros);
        winograd_output_backward(job->dm + t * plan->shape.out, job->layout.step_m, pixels, plan->shape.out);
    }
}

/* dV_f for a block of inputs. The weights are turned first, for products like them so. */
static void input_frequency(const steps *job, size_t f, size_t input, float *turned)
{
    const convolution *plan = job->run->plan;
    const size_t in = plan->shape.in, out = plan->shape.out, inputs = convolution_lesser(MULTIPLY_COLUMNS, in - input);
    const float *u = job->run->weight + f * job->layout.step_u;
    for (size_t o = 0; o < out; o += MULTIPLY_COLUMNS) {
        size_t block = convolution_block(plan, o);
        transpose(turned + o * inputs, inputs, u + o * in + input * block, block, inputs, block);
    }
    multiply(0, job->images * job->layout.tiles, inputs, out, job->dm + f * job->layout.step_m, out, turned, inputs,
             0.0f, job->v + f * job->layout.step_v + input, in);
}

static void multiply_frequency(const steps *job, size_t f, float *turned)
{
    const size_t in = job->run->plan->shape.in, out = job->run->plan->shape.out;
    multiply(1, in, out, job->images * job->layout.tiles, job->v + f * job->layout.step_v, in,
             job->dm + f * job->layout.step_m, out, job->image == job->first ? 0.0f : 1.0f,
             job->du + f * job->layout.step_u, out);
    if (job->run->dx != NULL)
        for (size_t input = 0; input < in; input += MULTIPLY_COLUMNS)
            input_frequency(job, f, input, turned);
}

/* dx of one image, for some channels. */
static void to_input(const steps *job, size_t image, size_t channel, size_t channels)
{
    const convolution_training *run = job->run;
    const convolution *plan = run->plan;
    const size_t in = plan->shape.in, pixels = plan->shape.height * plan->shape.width;
    float *dx = run->dx + (job->image + image) * pixels * run->row_dx + channel;
    const float *window[WINOGRAD_WINDOW * WINOGRAD_WINDOW];
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
    const size_t in = job->run->plan->shape.in, out = job->run->plan->shape.out, input = task * LANES;
    (void)slot;
    for (size_t o = 0; o < out; o += LANES)
        winograd_weight_backward(job->run->dweight + (o * in + input) * 9, in * 9, job->du + input * out + o,
                                 job->layout.step_u, out);
}

/* ---- one step after another ---- */

static void frequencies_task(void *context, size_t task, size_t slot)
{
    const steps *job = context;
    (void)slot;
    to_frequencies(job, task * TOGETHER, convolution_lesser((task + 1) * TOGETHER, job->images * job->layout.tiles));
}

static void multiply_task(void *context, size_t f, size_t slot)
{
    const steps *job = context;
    multiply_frequency(job, f, job->turned + slot * MULTIPLY_COLUMNS * job->run->plan->shape.out);
}

static void input_task(void *context, size_t task, size_t slot)
{
    const steps *job = context;
    const size_t in = job->run->plan->shape.in, blocks = convolution_divide_up(in, CHANNELS);
    const size_t channel = task % blocks * CHANNELS;
    (void)slot;
    to_input(job, task / blocks, channel, convolution_lesser(CHANNELS, in - channel));
}

static void backward_steps(steps *job)
{
    const convolution_training *run = job->run;
    const size_t in = run->plan->shape.in, out = run->plan->shape.out;
    job->dm = job->v + WINOGRAD_FREQUENCIES * job->layout.step_v;
    job->turned = job->dm + WINOGRAD_FREQUENCIES * job->layout.step_m;
    for (; job->image < run->n; job->image += job->images) {
        job->images = convolution_lesser(job->layout.images, run->n - job->image);
        size_t tiles = job->images * job->layout.tiles;
        parallel_for(convolution_divide_up(tiles, TOGETHER), TOGETHER * 10 * (in + out), frequencies_task, job);
        blas_parallel_for(WINOGRAD_FREQUENCIES, 4 * tiles * in * out, multiply_task, job);
        if (run->dx != NULL)
            parallel_for(job->images * (convolution_divide_up(in, CHANNELS)), job->layout.tiles * 10 * CHANNELS,
                         input_task, job);
    }
}

/* ---- all of them in a task ---- */

static size_t images_fused(const convolution *plan)
{
    return winograd_fused_tiles(plan) / winograd_layout_of(plan, 1).tiles;
}

static size_t parts_of(size_t n)
{
    return convolution_lesser(n, PARTS);
}

/* The parts' dU must be worth it: fewer floats than V and dM of the batch. */
static int is_fused(const convolution *plan, size_t n)
{
    const size_t in = plan->shape.in, out = plan->shape.out, tiles = winograd_layout_of(plan, 1).tiles;
    return winograd_is_fused(plan) && images_fused(plan) >= 1 && n >= ENOUGH_IMAGES &&
           parts_of(n) * in * out < (in + out) * n * tiles;
}

static size_t fused_slot(const convolution *plan)
{
    return winograd_fused_size(plan) + MULTIPLY_COLUMNS * plan->shape.out;
}

static void part_task(void *context, size_t part, size_t slot)
{
    steps job = *(const steps *)context;
    const convolution *plan = job.run->plan;
    const size_t in = plan->shape.in, parts = parts_of(job.run->n), last = (part + 1) * job.run->n / parts;
    job.first = part * job.run->n / parts;
    job.du += part * WINOGRAD_FREQUENCIES * job.layout.step_u;
    job.v += slot * fused_slot(plan);
    float *turned = job.v + winograd_fused_size(plan);
    for (job.image = job.first; job.image < last; job.image += job.images) {
        job.images = convolution_lesser(images_fused(plan), last - job.image);
        size_t tiles = job.images * job.layout.tiles;
        winograd_layout_fuse(&job.layout, plan, tiles);
        job.dm = job.v + WINOGRAD_FREQUENCIES * job.layout.step_v;
        to_frequencies(&job, 0, tiles);
        for (size_t f = 0; f < WINOGRAD_FREQUENCIES; f++)
            multiply_frequency(&job, f, turned);
        for (size_t i = 0; job.run->dx != NULL && i < job.images; i++)
            to_input(&job, i, 0, in);
    }
}

VECTOR_CLONES static void add(float *restrict sum, const float *restrict more, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += more[i];
}

/* Adds the parts' dU to the first one's. */
static void sum_task(void *context, size_t task, size_t slot)
{
    const steps *job = context;
    const size_t size = WINOGRAD_FREQUENCIES * job->layout.step_u, first = task * CHUNK;
    (void)slot;
    for (size_t part = 1; part < parts_of(job->run->n); part++)
        add(job->du + first, job->du + part * size + first, convolution_lesser(CHUNK, size - first));
}

static void backward_fused(steps *job)
{
    const convolution *plan = job->run->plan;
    const size_t n = job->run->n, size = WINOGRAD_FREQUENCIES * job->layout.step_u;
    job->v = job->du + parts_of(n) * size;
    blas_parallel_for(parts_of(n),
                      4 * WINOGRAD_FREQUENCIES * n * job->layout.tiles * plan->shape.in * plan->shape.out / parts_of(n),
                      part_task, job);
    parallel_for(convolution_divide_up(size, CHUNK), PARTS * CHUNK / 8, sum_task, job);
}

void winograd_backward(const convolution_training *run)
{
    const winograd_layout layout = winograd_layout_of(run->plan, run->n);
    float *rest = run->scratch + WINOGRAD_FREQUENCIES * layout.step_u;
    steps job = {run, layout, 0, 0, 0, rest, NULL, run->scratch, NULL};
    if (is_fused(run->plan, run->n))
        backward_fused(&job);
    else
        backward_steps(&job);
    parallel_for(run->plan->shape.in / LANES, LANES * run->plan->shape.out * 5, weight_task, &job);
}

size_t winograd_training_scratch_size(const convolution *plan, size_t n, size_t threads)
{
    const winograd_layout layout = winograd_layout_of(plan, n);
    if (is_fused(plan, n))
        return parts_of(n) * WINOGRAD_FREQUENCIES * layout.step_u + threads * fused_slot(plan);
    return WINOGRAD_FREQUENCIES * (layout.step_u + layout.step_v + layout.step_m) +
           threads * MULTIPLY_COLUMNS * plan->shape.out;
}

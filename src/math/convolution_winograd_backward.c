/* Backward: V from x again, dM = A dY A^T, then for each frequency dU_f = V_f^T dM_f and dV_f = dM_f U_f^T, which takes
 * V_f's place; at last dW = G^T dU G and dx = the sum of the windows B dV B^T. A column of six frequencies is taken
 * together: of its dU only Z = G^T dU is kept, half as much.
 *
 * As forward, either a task takes whole images through all of this in its cache, and has a Z of its own, or the steps
 * are taken one after another for many images. */
#include "base/size.h"
#include "base/vector.h"
#include "math/blas.h"
#include "math/convolution_patches.h"
#include "math/convolution_winograd_columns.h"
#include "math/lanes.h"

#include <string.h>

enum {
    TOGETHER = 4,      /* tiles of a task that transforms */
    CHANNELS = 64,     /* of a task that adds windows to dx */
    PARTS = 16,        /* of a batch, with a Z of their own, at most */
    ENOUGH_IMAGES = 8, /* to be cut into parts */
    CHUNK = 4096,      /* floats of Z that a task adds up */
    PLANES = 18        /* of Z [6 columns, 3, in, out] */
};

/* ---- the steps ---- */

static void to_frequencies(const winograd_steps *job, size_t first, size_t last)
{
    const convolution_training *run = job->run;
    const convolution *plan = run->plan;
    const size_t origin = job->image * job->layout.tiles;
    const float *window[WINOGRAD_WINDOW * WINOGRAD_WINDOW], *pixels[WINOGRAD_TILE * WINOGRAD_TILE];
    for (size_t t = first; t < last; t++) {
        winograd_window(plan, &job->layout, window, run->x, run->stride_x, origin + t, winograd_zeros);
        winograd_input(job->v + t * plan->shape.in, job->layout.step_v, window, plan->shape.in);
        winograd_tile(plan, &job->layout, pixels, run->dy, run->stride_dy, origin + t, winograd_zeros);
        winograd_output_backward(job->dm + t * plan->shape.out, job->layout.step_m, pixels, plan->shape.out);
    }
}

/* dx of one image, for some channels. */
static void to_input(const winograd_steps *job, size_t image, size_t channel, size_t channels)
{
    const convolution_training *run = job->run;
    const convolution *plan = run->plan;
    const size_t in = plan->shape.in, pixels = plan->shape.height * plan->shape.width;
    float *dx = run->dx + (job->image + image) * pixels * run->stride_dx + channel;
    const float *window[WINOGRAD_WINDOW * WINOGRAD_WINDOW];
    for (size_t i = 0; i < pixels; i++)
        memset(dx + i * run->stride_dx, 0, channels * sizeof *dx);
    for (size_t t = 0; t < job->layout.tiles; t++) {
        winograd_window(plan, &job->layout, window, dx, run->stride_dx, t, NULL);
        winograd_input_backward((float *const *)window, job->v + (image * job->layout.tiles + t) * in + channel,
                                job->layout.step_v, channels);
    }
}

static void weight_task(void *context, size_t task, size_t slot)
{
    const winograd_steps *job = context;
    const size_t in = job->run->plan->shape.in, out = job->run->plan->shape.out, input = task * LANES;
    (void)slot;
    for (size_t o = 0; o < out; o += LANES)
        winograd_weight_backward(job->run->dweight + (o * in + input) * 9, in * 9, job->z + input * out + o,
                                 winograd_step_of(job->run->plan), out);
}

/* ---- one step after another ---- */

static void frequencies_task(void *context, size_t task, size_t slot)
{
    const winograd_steps *job = context;
    (void)slot;
    to_frequencies(job, task * TOGETHER, size_lesser((task + 1) * TOGETHER, job->images * job->layout.tiles));
}

static size_t input_blocks(const convolution *plan)
{
    return size_divide_up(plan->shape.in, MULTIPLY_COLUMNS);
}

static void multiply_task(void *context, size_t task, size_t slot)
{
    const winograd_steps *job = context;
    const convolution *plan = job->run->plan;
    winograd_multiply_column(job, task / input_blocks(plan), task % input_blocks(plan) * MULTIPLY_COLUMNS,
                             job->columns + slot * winograd_column_size(plan->shape.out));
}

static void input_task(void *context, size_t task, size_t slot)
{
    const winograd_steps *job = context;
    const size_t in = job->run->plan->shape.in, blocks = size_divide_up(in, CHANNELS);
    const size_t channel = task % blocks * CHANNELS;
    (void)slot;
    to_input(job, task / blocks, channel, size_lesser(CHANNELS, in - channel));
}

static void backward_steps(winograd_steps *job)
{
    const convolution_training *run = job->run;
    const size_t in = run->plan->shape.in, out = run->plan->shape.out;
    job->dm = job->v + WINOGRAD_FREQUENCIES * job->layout.step_v;
    job->columns = job->dm + WINOGRAD_FREQUENCIES * job->layout.step_m;
    for (; job->image < run->n; job->image += job->images) {
        job->images = size_lesser(job->layout.images, run->n - job->image);
        size_t tiles = job->images * job->layout.tiles;
        parallel_for(size_divide_up(tiles, TOGETHER), TOGETHER * 10 * (in + out), frequencies_task, job);
        blas_parallel_for(WINOGRAD_WINDOW * input_blocks(run->plan),
                          4 * WINOGRAD_WINDOW * tiles * MULTIPLY_COLUMNS * out, multiply_task, job);
        if (run->dx != NULL)
            parallel_for(job->images * (size_divide_up(in, CHANNELS)), job->layout.tiles * 10 * CHANNELS, input_task,
                         job);
    }
}

/* ---- all of them in a task ---- */

static size_t images_fused(const convolution *plan)
{
    return winograd_fused_tiles(plan) / winograd_layout_of(plan, 1).tiles;
}

static size_t parts_of(size_t n)
{
    return size_lesser(n, PARTS);
}

/* The parts' Z must be worth it: fewer floats than V and dM of the batch. */
static int is_fused(const convolution *plan, size_t n)
{
    const size_t in = plan->shape.in, out = plan->shape.out, tiles = winograd_layout_of(plan, 1).tiles;
    return winograd_is_fused(plan) && images_fused(plan) >= 1 && n >= ENOUGH_IMAGES &&
           parts_of(n) * in * out < (in + out) * n * tiles;
}

static size_t fused_slot(const convolution *plan)
{
    return winograd_fused_size(plan) + winograd_column_size(plan->shape.out);
}

static void part_task(void *context, size_t part, size_t slot)
{
    winograd_steps job = *(const winograd_steps *)context;
    const convolution *plan = job.run->plan;
    const size_t in = plan->shape.in, parts = parts_of(job.run->n), last = (part + 1) * job.run->n / parts;
    const size_t blocks = input_blocks(plan);
    job.first = part * job.run->n / parts;
    job.z += part * PLANES * winograd_step_of(plan);
    job.v += slot * fused_slot(plan);
    job.columns = job.v + winograd_fused_size(plan);
    for (job.image = job.first; job.image < last; job.image += job.images) {
        job.images = size_lesser(images_fused(plan), last - job.image);
        size_t tiles = job.images * job.layout.tiles;
        winograd_layout_fuse(&job.layout, plan, tiles);
        job.dm = job.v + WINOGRAD_FREQUENCIES * job.layout.step_v;
        to_frequencies(&job, 0, tiles);
        for (size_t i = 0; i < WINOGRAD_WINDOW * blocks; i++)
            winograd_multiply_column(&job, i / blocks, i % blocks * MULTIPLY_COLUMNS, job.columns);
        for (size_t i = 0; job.run->dx != NULL && i < job.images; i++)
            to_input(&job, i, 0, in);
    }
}

VECTOR_CLONES static void add(float *restrict sum, const float *restrict more, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += more[i];
}

/* Adds the parts' Z to the first one's. */
static void sum_task(void *context, size_t task, size_t slot)
{
    const winograd_steps *job = context;
    const size_t size = PLANES * winograd_step_of(job->run->plan), first = task * CHUNK;
    (void)slot;
    for (size_t part = 1; part < parts_of(job->run->n); part++)
        add(job->z + first, job->z + part * size + first, size_lesser(CHUNK, size - first));
}

/* U^T [36, blocks of inputs, out, inputs of the block], a block and a column of it. */
static void transform_task(void *context, size_t task, size_t slot)
{
    const winograd_steps *job = context;
    const convolution *plan = job->run->plan;
    const size_t out = plan->shape.out, column = task % WINOGRAD_WINDOW, step = winograd_step_of(plan);
    const size_t input = task / WINOGRAD_WINDOW * MULTIPLY_COLUMNS;
    const size_t count = size_lesser(MULTIPLY_COLUMNS, plan->shape.in - input) * out;
    (void)slot;
    winograd_weight_column((float *)job->u + column * step + input * out, WINOGRAD_WINDOW * step,
                           job->turned + input * 9 * out, count, count, column);
}

static void backward_fused(winograd_steps *job)
{
    const convolution *plan = job->run->plan;
    const size_t n = job->run->n;
    job->u = job->v;
    job->v += WINOGRAD_FREQUENCIES * winograd_step_of(plan);
    parallel_for(WINOGRAD_WINDOW * input_blocks(plan), MULTIPLY_COLUMNS * plan->shape.out / 2, transform_task, job);
    blas_parallel_for(parts_of(n),
                      4 * WINOGRAD_FREQUENCIES * n * job->layout.tiles * plan->shape.in * plan->shape.out / parts_of(n),
                      part_task, job);
    parallel_for(size_divide_up(PLANES * winograd_step_of(plan), CHUNK), PARTS * CHUNK / 8, sum_task, job);
}

/* Scratch: Z of all parts, the turned weights, then the rest. */
static size_t parts_size(const convolution *plan, size_t n)
{
    return (is_fused(plan, n) ? parts_of(n) : 1) * PLANES * winograd_step_of(plan);
}

void winograd_backward(const convolution_training *run)
{
    const convolution *plan = run->plan;
    float *turned = run->scratch + parts_size(plan, run->n);
    winograd_steps job = {.run = run, .layout = winograd_layout_of(plan, run->n), .z = run->scratch, .turned = turned};
    job.v = turned + patches_turned_size(plan);
    if (run->dx != NULL)
        patches_turn_back(plan, turned, run->weight);
    if (is_fused(plan, run->n))
        backward_fused(&job);
    else
        backward_steps(&job);
    if (run->dweight != NULL) /* what stands before it is shared with dx */
        parallel_for(plan->shape.in / LANES, LANES * plan->shape.out * 5, weight_task, &job);
}

static size_t backward_size(const convolution *plan, size_t n, size_t threads)
{
    const winograd_layout layout = winograd_layout_of(plan, n);
    const size_t size = parts_size(plan, n) + patches_turned_size(plan);
    if (is_fused(plan, n))
        return size + WINOGRAD_FREQUENCIES * winograd_step_of(plan) + threads * fused_slot(plan);
    return size + WINOGRAD_FREQUENCIES * (layout.step_v + layout.step_m) +
           threads * winograd_column_size(plan->shape.out);
}

size_t winograd_training_scratch_size(const convolution *plan, size_t n, size_t threads)
{
    return size_greater(backward_size(plan, n, threads), winograd_once_size(plan, n, threads));
}

#include "math/convolution_patches.h"

#include "base/size.h"
#include "math/blas.h"
#include "math/lanes.h"
#include "math/transpose.h"

#include <string.h>

enum {
    TILE_FLOATS = 64 * 1024, /* of gathered pixels: they stay in a second-level cache */
    TILE_ROWS = 256          /* at most */
};

size_t patches_taps(const convolution *plan)
{
    return plan->shape.kernel * plan->shape.kernel;
}

/* As many as make a product of a good depth, evenly. */
size_t patches_group(const convolution *plan)
{
    size_t taps = patches_taps(plan), fit = size_greater(MULTIPLY_DEPTH / plan->shape.in, 1);
    size_t groups = size_divide_up(taps, fit);
    return size_divide_up(taps, groups);
}

static size_t tile_rows(const convolution *plan)
{
    size_t rows = TILE_FLOATS / (patches_group(plan) * plan->shape.in) / 16 * 16;
    return size_greater(16, size_lesser(rows, TILE_ROWS));
}

static size_t patches_size(const convolution *plan)
{
    return plan->method == CONVOLUTION_PRODUCT ? 0 : tile_rows(plan) * patches_group(plan) * plan->shape.in;
}

/* ---- weights ---- */

size_t patches_turned_size(const convolution *plan)
{
    return patches_taps(plan) * plan->shape.in * plan->shape.out;
}

typedef struct turn_job {
    const convolution *plan;
    float *turned;
    const float *weight;
} turn_job;

/* A few inputs' taps for a block of outputs. */
static void turn_inputs(void *context, size_t task, size_t slot)
{
    const turn_job *job = context;
    const size_t taps = patches_taps(job->plan), in = job->plan->shape.in, depth = taps * in;
    const size_t tasks = size_divide_up(depth, LANES), output = task / tasks * MULTIPLY_COLUMNS;
    const size_t first = task % tasks * LANES, count = size_lesser(LANES, depth - first);
    const size_t block = convolution_block(job->plan, output);
    float turned[LANES * MULTIPLY_COLUMNS];
    (void)slot;
    transpose(turned, block, job->weight + output * depth + first, depth, block, count);
    for (size_t i = first; i < first + count; i++)
        memcpy(job->turned + output * depth + (i % taps * in + i / taps) * block, turned + (i - first) * block,
               block * sizeof *turned);
}

void patches_turn(const convolution *plan, float *turned, const float *weight)
{
    turn_job job = {plan, turned, weight};
    size_t blocks = size_divide_up(plan->shape.out, MULTIPLY_COLUMNS);
    parallel_for(blocks * (size_divide_up(patches_taps(plan) * plan->shape.in, LANES)), LANES * MULTIPLY_COLUMNS / 2,
                 turn_inputs, &job);
}

/* A few outputs' taps for a block of inputs. */
static void turn_outputs(void *context, size_t task, size_t slot)
{
    const turn_job *job = context;
    const size_t taps = patches_taps(job->plan), in = job->plan->shape.in, out = job->plan->shape.out;
    const size_t tasks = size_divide_up(out, LANES), input = task / tasks * MULTIPLY_COLUMNS;
    const size_t first = task % tasks * LANES, last = size_lesser(first + LANES, out);
    const size_t block = size_lesser(MULTIPLY_COLUMNS, in - input);
    (void)slot;
    for (size_t o = first; o < last; o++)
        transpose(job->turned + input * taps * out + o * block, out * block, job->weight + (o * in + input) * taps,
                  taps, block, taps);
}

void patches_turn_back(const convolution *plan, float *turned, const float *weight)
{
    turn_job job = {plan, turned, weight};
    parallel_for(size_divide_up(plan->shape.in, MULTIPLY_COLUMNS) * size_divide_up(plan->shape.out, LANES),
                 LANES * MULTIPLY_COLUMNS * patches_taps(plan) / 4, turn_outputs, &job);
}

/* ---- forward ---- */

typedef struct forward_job {
    const convolution_run *run;
    convolution_cut cut;
} forward_job;

static void forward_tile(void *context, size_t task, size_t slot)
{
    const forward_job *job = context;
    const convolution_run *run = job->run;
    const convolution *plan = run->plan;
    const size_t in = plan->shape.in, group = patches_group(plan);
    convolution_tile tile = convolution_tile_of(&job->cut, plan->shape.out, task);
    float *patches = run->scratch + slot * patches_size(plan);
    convolution_start(run, &tile);
    for (size_t tap = 0; tap < patches_taps(plan); tap += group) {
        size_t taps = size_lesser(group, patches_taps(plan) - tap);
        patches_rows rows = patches_under(plan, patches, run->x, run->stride_x, tile.first, tile.rows, tap, taps);
        for (size_t o = tile.column; o < tile.column + tile.columns; o += MULTIPLY_COLUMNS) {
            size_t block = convolution_block(plan, o);
            multiply(0, tile.rows, block, taps * in, 1.0f, rows.at, rows.stride,
                     run->weight + o * patches_taps(plan) * in + tap * in * block, block, 1.0f,
                     run->y + tile.first * run->stride_y + o, run->stride_y);
        }
    }
}

static size_t scratch_size(const convolution *plan, size_t n, size_t threads)
{
    (void)n;
    return threads * patches_size(plan);
}

static void forward(const convolution_run *run)
{
    const convolution *plan = run->plan;
    forward_job job = {run, convolution_cut_of(plan, run->n, tile_rows(plan))};
    blas_parallel_for(convolution_cut_tasks(&job.cut),
                      2 * job.cut.rows * job.cut.columns * patches_taps(plan) * plan->shape.in, forward_tile, &job);
}

const convolution_class convolution_patches = {
    patches_turned_size,           patches_turn,    scratch_size, forward, convolution_prepare_and_forward,
    patches_training_scratch_size, patches_backward};

/* Convolution by gathering: for some taps of the window at a time, the pixels under them are rows of a matrix, which is
 * multiplied with those taps' weights [taps, in, out]. A 1x1 convolution reads its rows where they stand. */
#include "base/vector.h"
#include "math/blas.h"
#include "math/convolution_parts.h"
#include "math/lanes.h"
#include "math/multiply.h"
#include "math/transpose.h"

#include <string.h>

enum {
    TILE_FLOATS = 64 * 1024, /* of gathered pixels: they stay in a second-level cache */
    TILE_ROWS = 256,         /* at most */
    GRADIENT_BLOCK = 128     /* channels whose gradient is one task */
};

static size_t taps_of(const convolution *plan)
{
    return plan->shape.kernel * plan->shape.kernel;
}

/* Taps that are gathered together: as many as make a product of a good depth, evenly. */
static size_t group_of(const convolution *plan)
{
    size_t taps = taps_of(plan), fit = convolution_greater(MULTIPLY_DEPTH / plan->shape.in, 1);
    size_t groups = (taps + fit - 1) / fit;
    return (taps + groups - 1) / groups;
}

static size_t tile_rows(const convolution *plan)
{
    size_t rows = TILE_FLOATS / (group_of(plan) * plan->shape.in) / 16 * 16;
    return convolution_greater(16, convolution_lesser(rows, TILE_ROWS));
}

static size_t patches_size(const convolution *plan)
{
    return plan->method == CONVOLUTION_PRODUCT ? 0 : tile_rows(plan) * group_of(plan) * plan->shape.in;
}

/* ---- weights: [out, in, taps] to [blocks of outputs, taps, in, outputs of the block] ---- */

static size_t prepared_size(const convolution *plan)
{
    return taps_of(plan) * plan->shape.in * plan->shape.out;
}

typedef struct turn_job {
    const convolution *plan;
    float *prepared;
    const float *weight;
} turn_job;

/* A few inputs' taps for a block of outputs. */
static void turn_inputs(void *context, size_t task, size_t slot)
{
    const turn_job *job = context;
    const size_t taps = taps_of(job->plan), in = job->plan->shape.in, depth = taps * in;
    const size_t tasks = (depth + LANES - 1) / LANES, output = task / tasks * MULTIPLY_COLUMNS;
    const size_t first = task % tasks * LANES, count = convolution_lesser(LANES, depth - first);
    const size_t block = convolution_block(job->plan, output);
    float turned[LANES * MULTIPLY_COLUMNS];
    (void)slot;
    transpose(turned, block, job->weight + output * depth + first, depth, block, count);
    for (size_t i = first; i < first + count; i++)
        memcpy(job->prepared + output * depth + (i % taps * in + i / taps) * block, turned + (i - first) * block,
               block * sizeof *turned);
}

static void prepare(const convolution *plan, float *prepared, const float *weight)
{
    turn_job job = {plan, prepared, weight};
    size_t blocks = (plan->shape.out + MULTIPLY_COLUMNS - 1) / MULTIPLY_COLUMNS;
    parallel_for(blocks * ((taps_of(plan) * plan->shape.in + LANES - 1) / LANES), LANES * MULTIPLY_COLUMNS / 2,
                 turn_inputs, &job);
}

/* ---- gathering ---- */

/* An output pixel of the batch. */
typedef struct place {
    size_t image, line, column;
} place;

static place place_of(const convolution *plan, size_t pixel)
{
    size_t pixels = convolution_pixels(plan);
    return (place){pixel / pixels, pixel % pixels / plan->out_width, pixel % plan->out_width};
}

static void step(const convolution *plan, place *at)
{
    if (++at->column < plan->out_width)
        return;
    at->column = 0;
    if (++at->line < plan->out_height)
        return;
    at->line = 0;
    at->image++;
}

enum { OUTSIDE = -1 };

/* The input pixel under a tap. */
static ptrdiff_t under(const convolution *plan, const place *at, size_t tap_line, size_t tap_column)
{
    const convolution_shape *s = &plan->shape;
    size_t line = at->line * s->stride + tap_line - s->before; /* wraps round below 0 */
    size_t column = at->column * s->stride + tap_column - s->before;
    if (line >= s->height || column >= s->width)
        return OUTSIDE;
    return (ptrdiff_t)((at->image * s->height + line) * s->width + column);
}

/* patches [rows, taps, in] for the taps from `tap` on. */
static void gather(const convolution *plan, float *patches, const float *x, size_t row_x, size_t first, size_t rows,
                   size_t tap, size_t taps)
{
    const size_t in = plan->shape.in, kernel = plan->shape.kernel;
    place at = place_of(plan, first);
    for (size_t i = 0; i < rows; i++, step(plan, &at)) {
        size_t line = tap / kernel, column = tap % kernel;
        for (size_t k = 0; k < taps; k++, patches += in) {
            ptrdiff_t from = under(plan, &at, line, column);
            if (from != OUTSIDE)
                memcpy(patches, x + (size_t)from * row_x, in * sizeof *patches);
            else
                memset(patches, 0, in * sizeof *patches);
            if (++column == kernel) {
                column = 0;
                line++;
            }
        }
    }
}

/* Rows of a product: gathered, or in the image. */
typedef struct rows_of_x {
    const float *at;
    size_t row;
} rows_of_x;

static rows_of_x rows_under(const convolution *plan, float *patches, const float *x, size_t row_x, size_t first,
                            size_t rows, size_t tap, size_t taps)
{
    if (plan->method == CONVOLUTION_PRODUCT)
        return (rows_of_x){x + first * row_x, row_x};
    gather(plan, patches, x, row_x, first, rows, tap, taps);
    return (rows_of_x){patches, taps * plan->shape.in};
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
    const size_t in = plan->shape.in, group = group_of(plan);
    convolution_tile tile = convolution_tile_of(&job->cut, plan->shape.out, task);
    float *patches = run->scratch + slot * patches_size(plan);
    convolution_start(run, &tile);
    for (size_t tap = 0; tap < taps_of(plan); tap += group) {
        size_t taps = convolution_lesser(group, taps_of(plan) - tap);
        rows_of_x rows = rows_under(plan, patches, run->x, run->row_x, tile.first, tile.rows, tap, taps);
        for (size_t o = tile.column; o < tile.column + tile.columns; o += MULTIPLY_COLUMNS) {
            size_t block = convolution_block(plan, o);
            multiply(0, tile.rows, block, taps * in, rows.at, rows.row,
                     run->weight + o * taps_of(plan) * in + tap * in * block, block, 1.0f,
                     run->y + tile.first * run->row_y + o, run->row_y);
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
                      2 * job.cut.rows * job.cut.columns * taps_of(plan) * plan->shape.in, forward_tile, &job);
}

/* ---- backward: dx ---- */

/* Images whose pixels are rows of one product, so that packing the weights pays. */
static size_t images_together(const convolution *plan, size_t n)
{
    size_t fit = TILE_ROWS / convolution_pixels(plan);
    return convolution_lesser(n, convolution_greater(fit, 1));
}

VECTOR_CLONES static void add_row(float *restrict y, const float *restrict x, size_t count)
{
    for (size_t j = 0; j < count; j++)
        y[j] += x[j];
}

/* Adds rows [rows, channels], the gradient of what lies under a tap, to where it lies. */
static void scatter(const convolution *plan, float *dx, size_t row_dx, const float *values, size_t first, size_t rows,
                    size_t tap, size_t channels)
{
    const size_t kernel = plan->shape.kernel;
    place at = place_of(plan, first);
    for (size_t i = 0; i < rows; i++, step(plan, &at)) {
        ptrdiff_t to = under(plan, &at, tap / kernel, tap % kernel);
        if (to != OUTSIDE)
            add_row(dx + (size_t)to * row_dx, values + i * channels, channels);
    }
}

/* turned [out, channels]: the weights of a tap for the inputs from `channel` on. */
static void turn_weights(const convolution *plan, float *turned, const float *prepared, size_t tap, size_t channel,
                         size_t channels)
{
    const size_t in = plan->shape.in, depth = taps_of(plan) * in;
    for (size_t o = 0; o < plan->shape.out; o += MULTIPLY_COLUMNS) {
        size_t block = convolution_block(plan, o);
        transpose(turned + o * channels, channels, prepared + o * depth + (tap * in + channel) * block, block, channels,
                  block);
    }
}

/* What output pixels first..last-1 give, through one tap, to the inputs from `channel` on. */
static void input_tap(const convolution_training *run, float *values, const float *turned, size_t first, size_t last,
                      size_t tap, size_t channel, size_t channels)
{
    const convolution *plan = run->plan;
    for (; first < last; first += TILE_ROWS) {
        size_t rows = convolution_lesser(TILE_ROWS, last - first);
        int straight = plan->method == CONVOLUTION_PRODUCT;
        float *to = straight ? run->dx + first * run->row_dx + channel : values;
        multiply(0, rows, channels, plan->shape.out, run->dy + first * run->row_dy, run->row_dy, turned, channels, 0.0f,
                 to, straight ? run->row_dx : channels);
        if (!straight)
            scatter(plan, run->dx + channel, run->row_dx, values, first, rows, tap, channels);
    }
}

static size_t input_blocks(const convolution *plan)
{
    return (plan->shape.in + GRADIENT_BLOCK - 1) / GRADIENT_BLOCK;
}

static size_t input_slot(const convolution *plan)
{
    return (TILE_ROWS + plan->shape.out) * GRADIENT_BLOCK;
}

/* Each task has its images and channels for itself. */
static void input_task(void *context, size_t task, size_t slot)
{
    const convolution_training *run = context;
    const convolution *plan = run->plan;
    const size_t pixels = convolution_pixels(plan), inputs = plan->shape.height * plan->shape.width;
    size_t together = images_together(plan, run->n), image = task / input_blocks(plan) * together;
    size_t channel = task % input_blocks(plan) * GRADIENT_BLOCK;
    size_t channels = convolution_lesser(GRADIENT_BLOCK, plan->shape.in - channel);
    size_t images = convolution_lesser(together, run->n - image), last = (image + images) * pixels;
    float *values = run->scratch + slot * input_slot(plan), *turned = values + TILE_ROWS * GRADIENT_BLOCK;
    if (plan->method != CONVOLUTION_PRODUCT)
        for (size_t i = image * inputs; i < (image + images) * inputs; i++)
            memset(run->dx + i * run->row_dx + channel, 0, channels * sizeof *run->dx);
    for (size_t tap = 0; tap < taps_of(plan); tap++) {
        turn_weights(plan, turned, run->weight, tap, channel, channels);
        input_tap(run, values, turned, image * pixels, last, tap, channel, channels);
    }
}

static void input_backward(const convolution_training *run)
{
    const convolution *plan = run->plan;
    size_t together = images_together(plan, run->n), groups = (run->n + together - 1) / together;
    blas_parallel_for(groups * input_blocks(plan),
                      2 * together * convolution_pixels(plan) * taps_of(plan) * plan->shape.in * plan->shape.out /
                          input_blocks(plan),
                      input_task, (void *)run);
}

/* ---- backward: the weights, [groups of taps, out, taps, in] in scratch first ---- */

static size_t gradient_blocks(const convolution *plan)
{
    return (plan->shape.out + GRADIENT_BLOCK - 1) / GRADIENT_BLOCK;
}

static size_t gradient_patches_size(const convolution *plan)
{
    return plan->method == CONVOLUTION_PRODUCT ? 0 : MULTIPLY_DEPTH * group_of(plan) * plan->shape.in;
}

static void weight_task(void *context, size_t task, size_t slot)
{
    const convolution_training *run = context;
    const convolution *plan = run->plan;
    const size_t in = plan->shape.in, out = plan->shape.out, pixels = run->n * convolution_pixels(plan);
    size_t tap = task / gradient_blocks(plan) * group_of(plan), channel = task % gradient_blocks(plan) * GRADIENT_BLOCK;
    size_t taps = convolution_lesser(group_of(plan), taps_of(plan) - tap);
    size_t channels = convolution_lesser(GRADIENT_BLOCK, out - channel);
    float *sum = run->scratch + tap * in * out + channel * taps * in;
    float *patches = run->scratch + prepared_size(plan) + slot * gradient_patches_size(plan);
    for (size_t first = 0; first < pixels; first += MULTIPLY_DEPTH) {
        size_t rows = convolution_lesser(MULTIPLY_DEPTH, pixels - first);
        rows_of_x x = rows_under(plan, patches, run->x, run->row_x, first, rows, tap, taps);
        multiply(1, channels, taps * in, rows, run->dy + first * run->row_dy + channel, run->row_dy, x.at, x.row,
                 first == 0 ? 0.0f : 1.0f, sum, taps * in);
    }
}

static void turn_output(void *context, size_t o, size_t slot)
{
    const convolution_training *run = context;
    const convolution *plan = run->plan;
    const size_t in = plan->shape.in, out = plan->shape.out, taps = taps_of(plan), group = group_of(plan);
    (void)slot;
    for (size_t tap = 0; tap < taps; tap++) {
        size_t first = tap / group * group, together = convolution_lesser(group, taps - first);
        const float *from = run->scratch + first * in * out + (o * together + tap - first) * in;
        for (size_t i = 0; i < in; i++)
            run->dweight[(o * in + i) * taps + tap] = from[i];
    }
}

static void weight_backward(const convolution_training *run)
{
    const convolution *plan = run->plan;
    size_t groups = (taps_of(plan) + group_of(plan) - 1) / group_of(plan), tasks = groups * gradient_blocks(plan);
    blas_parallel_for(tasks, 2 * run->n * convolution_pixels(plan) * prepared_size(plan) / tasks, weight_task,
                      (void *)run);
    parallel_for(plan->shape.out, taps_of(plan) * plan->shape.in, turn_output, (void *)run);
}

static size_t training_scratch_size(const convolution *plan, size_t n, size_t threads)
{
    (void)n;
    return convolution_greater(threads * input_slot(plan), prepared_size(plan) + threads * gradient_patches_size(plan));
}

static void backward(const convolution_training *run)
{
    if (run->dx != NULL)
        input_backward(run);
    weight_backward(run);
}

const convolution_class convolution_patches = {prepared_size,         prepare, scratch_size, forward,
                                               training_scratch_size, backward};

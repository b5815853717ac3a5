/* Output pixels as rows: their tiles, what is added to them, and their sum. */
#include "base/size.h"
#include "base/threads.h"
#include "base/vector.h"
#include "math/convolution_parts.h"
#include "math/multiply.h"

#include <string.h>

enum {
    FEW_PIXELS = 512, /* an image with fewer is cut by channels too, so that two threads share it */
    FEW_COLUMNS = 2 * MULTIPLY_COLUMNS,
    FEW_TILES = 4,  /* otherwise, at least */
    FEW_ROWS = 32,  /* of one of them */
    BIAS_ROWS = 256 /* summed in one task */
};

convolution_cut convolution_cut_of(const convolution *plan, size_t n, size_t rows)
{
    size_t pixels = convolution_pixels(plan), out = plan->shape.out;
    int all = multiply_rows_alike(out);
    convolution_cut cut = {all ? n * pixels : pixels, all ? 1 : n, rows, 0, out, 1};
    if (pixels < FEW_PIXELS)
        cut.columns = size_lesser(out, FEW_COLUMNS);
    cut.blocks = size_divide_up(out, cut.columns);
    size_t tiles = size_greater(size_divide_up(cut.stretch, rows), cut.blocks > 1 ? 1 : FEW_TILES);
    cut.rows = size_greater(size_round_up(size_divide_up(cut.stretch, tiles), 16), FEW_ROWS);
    cut.rows = size_lesser(cut.rows, rows);
    cut.tiles = size_divide_up(cut.stretch, cut.rows);
    return cut;
}

convolution_tile convolution_tile_of(const convolution_cut *cut, size_t out, size_t task)
{
    size_t tile = task / cut->blocks % cut->tiles, stretch = task / cut->blocks / cut->tiles;
    size_t column = task % cut->blocks * cut->columns;
    return (convolution_tile){stretch * cut->stretch + tile * cut->rows,
                              size_lesser(cut->rows, cut->stretch - tile * cut->rows), column,
                              size_lesser(cut->columns, out - column)};
}

VECTOR_CLONES static void add_row(float *y, const float *x, size_t count)
{
    VECTOR_LOOP for (size_t j = 0; j < count; j++) y[j] += x[j];
}

static void set_row(float *y, const float *x, size_t count)
{
    if (x == NULL)
        memset(y, 0, count * sizeof *y);
    else if (x != y)
        memcpy(y, x, count * sizeof *y);
}

void convolution_start(const convolution_run *run, const convolution_tile *tile)
{
    const convolution_epilogue *end = &run->epilogue;
    const size_t pixels = convolution_pixels(run->plan), column = tile->column;
    for (size_t pixel = tile->first; pixel < tile->first + tile->rows; pixel++) {
        float *y = run->y + pixel * run->row_y + column;
        set_row(y, end->residual != NULL ? end->residual + pixel * end->row_residual + column : NULL, tile->columns);
        if (end->bias != NULL)
            add_row(y, end->bias + column, tile->columns);
        if (end->image != NULL)
            add_row(y, end->image + pixel / pixels * end->row_image + column, tile->columns);
    }
}

/* ---- the bias's gradient: sums of BIAS_ROWS rows, then of these in order ---- */

typedef struct bias_job {
    float *partials; /* [tasks, out] */
    const float *dy;
    size_t row_dy, out, pixels;
} bias_job;

static void add_rows(void *context, size_t task, size_t slot)
{
    const bias_job *job = context;
    float *sum = job->partials + task * job->out;
    size_t first = task * BIAS_ROWS, last = size_lesser(first + BIAS_ROWS, job->pixels);
    (void)slot;
    memset(sum, 0, job->out * sizeof *sum);
    for (size_t i = first; i < last; i++)
        add_row(sum, job->dy + i * job->row_dy, job->out);
}

static size_t bias_tasks(size_t pixels)
{
    return size_divide_up(pixels, BIAS_ROWS);
}

size_t convolution_bias_scratch_size(size_t out, size_t pixels)
{
    return bias_tasks(pixels) * out;
}

void convolution_bias_backward(float *dbias, const float *dy, size_t row_dy, size_t out, size_t pixels, float *scratch)
{
    bias_job job = {scratch, dy, row_dy, out, pixels};
    parallel_for(bias_tasks(pixels), BIAS_ROWS * out / 8, add_rows, &job);
    memset(dbias, 0, out * sizeof *dbias);
    for (size_t i = 0; i < bias_tasks(pixels); i++)
        add_row(dbias, scratch + i * out, out);
}

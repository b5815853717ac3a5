/* Output pixels as rows: their tiles, and what is added to them. */
#include "base/size.h"
#include "base/vector.h"
#include "math/convolution_parts.h"
#include "math/multiply.h"

#include <string.h>

enum {
    FEW_PIXELS = 512, /* an image with fewer is cut by channels too, so that two threads share it */
    FEW_COLUMNS = 2 * MULTIPLY_COLUMNS,
    FEW_TILES = 4, /* otherwise, at least */
    FEW_ROWS = 32  /* of one of them */
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
        float *y = run->y + pixel * run->stride_y + column;
        set_row(y, end->residual != NULL ? end->residual + pixel * end->stride_residual + column : NULL, tile->columns);
        if (end->bias != NULL)
            add_row(y, end->bias + column, tile->columns);
        if (end->image != NULL)
            add_row(y, end->image + pixel / pixels * end->stride_image + column, tile->columns);
    }
}

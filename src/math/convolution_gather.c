#include "base/size.h"
#include "base/vector.h"
#include "math/convolution_patches.h"

#include <string.h>

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

/* What lies under the taps from `tap` on of one line of the window. */
static void gather_line(const convolution *plan, float *patch, const float *x, size_t stride_x, const place *at,
                        size_t tap, size_t taps)
{
    const size_t in = plan->shape.in, line = tap / plan->shape.kernel, column = tap % plan->shape.kernel;
    ptrdiff_t first = under(plan, at, line, column), last = under(plan, at, line, column + taps - 1);
    if (first != OUTSIDE && last != OUTSIDE && stride_x == in) {
        memcpy(patch, x + (size_t)first * in, taps * in * sizeof *patch);
        return;
    }
    for (size_t k = 0; k < taps; k++, patch += in) {
        ptrdiff_t from = under(plan, at, line, column + k);
        if (from != OUTSIDE)
            memcpy(patch, x + (size_t)from * stride_x, in * sizeof *patch);
        else
            memset(patch, 0, in * sizeof *patch);
    }
}

static void gather(const convolution *plan, float *patches, const float *x, size_t stride_x, size_t first, size_t rows,
                   size_t tap, size_t taps)
{
    const size_t in = plan->shape.in, kernel = plan->shape.kernel, last = tap + taps;
    place at = place_of(plan, first);
    for (size_t i = 0; i < rows; i++, step(plan, &at))
        for (size_t k = tap, count; k < last; k += count, patches += count * in) {
            count = size_lesser(kernel - k % kernel, last - k);
            gather_line(plan, patches, x, stride_x, &at, k, count);
        }
}

patches_rows patches_under(const convolution *plan, float *patches, const float *x, size_t stride_x, size_t first,
                           size_t rows, size_t tap, size_t taps)
{
    if (plan->method == CONVOLUTION_PRODUCT)
        return (patches_rows){x + first * stride_x, stride_x};
    gather(plan, patches, x, stride_x, first, rows, tap, taps);
    return (patches_rows){patches, taps * plan->shape.in};
}

VECTOR_CLONES static void add_row(float *restrict y, const float *restrict x, size_t count)
{
    for (size_t j = 0; j < count; j++)
        y[j] += x[j];
}

void patches_scatter(const convolution *plan, float *dx, size_t stride_dx, const float *values, size_t first,
                     size_t rows, size_t tap, size_t channels)
{
    const size_t kernel = plan->shape.kernel;
    place at = place_of(plan, first);
    for (size_t i = 0; i < rows; i++, step(plan, &at)) {
        ptrdiff_t to = under(plan, &at, tap / kernel, tap % kernel);
        if (to != OUTSIDE)
            add_row(dx + (size_t)to * stride_dx, values + i * channels, channels);
    }
}

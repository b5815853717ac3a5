#include "math/conv.h"

#include "base/size.h"
#include "math/blas.h"

#include <string.h>

enum { TILE_FLOATS = 64 * 1024 }; /* of gathered patches: they stay in a second-level cache */

static size_t patch_size(const conv_shape *shape)
{
    return shape->kernel * shape->kernel * shape->in;
}

/* Lines of pixels whose patches are one product. */
static size_t tile_lines(const conv_shape *shape)
{
    size_t lines = TILE_FLOATS / (shape->width * patch_size(shape));
    return lines < 1 ? 1 : lines > shape->height ? shape->height : lines;
}

static conv_shape backwards(const conv_shape *shape)
{
    return (conv_shape){shape->height, shape->width, shape->out, shape->in, shape->kernel};
}

size_t conv_weights(const conv_shape *shape)
{
    return shape->out * patch_size(shape);
}

size_t conv_scratch_size(const conv_shape *shape)
{
    conv_shape back = backwards(shape);
    size_t forth = tile_lines(shape) * shape->width * patch_size(shape);
    size_t other = tile_lines(&back) * back.width * patch_size(&back);
    return forth > other ? forth : other;
}

/* One row of a patch: `kernel` pixels of a line from column `left` on, which may begin or end outside; its middle does
 * not. */
static void gather_row(const conv_shape *shape, float *to, const float *line, ptrdiff_t left)
{
    ptrdiff_t in = (ptrdiff_t)shape->in, width = (ptrdiff_t)shape->width, kernel = (ptrdiff_t)shape->kernel;
    ptrdiff_t before = left < 0 ? -left : 0, after = left + kernel > width ? left + kernel - width : 0;
    if (before + after == 0) {
        memcpy(to, line + left * in, (size_t)(kernel * in) * sizeof *to);
        return;
    }
    memset(to, 0, (size_t)(before * in) * sizeof *to);
    memcpy(to + before * in, line + (left + before) * in, (size_t)((kernel - before - after) * in) * sizeof *to);
    memset(to + (kernel - after) * in, 0, (size_t)(after * in) * sizeof *to);
}

/* patches [lines * width, kernel, kernel, in] around the pixels of lines first..first+lines-1. */
static void gather(const conv_shape *shape, float *patches, const float *x, size_t first, size_t lines)
{
    size_t row = shape->kernel * shape->in, size = patch_size(shape);
    ptrdiff_t margin = (ptrdiff_t)shape->kernel / 2;
    for (size_t i = 0; i < lines; i++)
        for (size_t k = 0; k < shape->kernel; k++) {
            ptrdiff_t line = (ptrdiff_t)(first + i + k) - margin;
            float *to = patches + i * shape->width * size + k * row;
            if (line < 0 || line >= (ptrdiff_t)shape->height) {
                for (size_t j = 0; j < shape->width; j++)
                    memset(to + j * size, 0, row * sizeof *to);
                continue;
            }
            const float *from = x + (size_t)line * shape->width * shape->in;
            for (size_t j = 0; j < shape->width; j++)
                gather_row(shape, to + j * size, from, (ptrdiff_t)j - margin);
        }
}

/* The patches of a tile; a kernel of 1 has them in the image. */
static const float *tile_patches(const conv_shape *shape, float *scratch, const float *x, size_t first, size_t lines)
{
    if (shape->kernel == 1)
        return x + first * shape->width * shape->in;
    gather(shape, scratch, x, first, lines);
    return scratch;
}

static size_t lines_from(const conv_shape *shape, size_t first)
{
    size_t lines = tile_lines(shape), left = shape->height - first;
    return size_lesser(lines, left);
}

void conv_forward(const conv_shape *shape, float *y, const float *x, const float *weight, float *scratch)
{
    size_t size = patch_size(shape);
    for (size_t first = 0; first < shape->height; first += tile_lines(shape)) {
        size_t lines = lines_from(shape, first);
        const float *patches = tile_patches(shape, scratch, x, first, lines);
        blas_sgemm(0, 1, lines * shape->width, shape->out, size, 1.0f, patches, size, weight, size, 0.0f,
                   y + first * shape->width * shape->out, shape->out);
    }
}

void conv_flip(const conv_shape *shape, float *flipped, const float *weight)
{
    size_t taps = shape->kernel * shape->kernel, in = shape->in, out = shape->out;
    for (size_t o = 0; o < out; o++)
        for (size_t k = 0; k < taps; k++)
            for (size_t i = 0; i < in; i++)
                flipped[(i * taps + taps - 1 - k) * out + o] = weight[(o * taps + k) * in + i];
}

void conv_backward(const conv_shape *shape, float *dx, const float *dy, const float *flipped, float *scratch)
{
    conv_shape back = backwards(shape);
    conv_forward(&back, dx, dy, flipped, scratch);
}

void conv_backward_weight(const conv_shape *shape, float *dweight, const float *x, const float *dy, float *scratch)
{
    size_t size = patch_size(shape);
    for (size_t first = 0; first < shape->height; first += tile_lines(shape)) {
        size_t lines = lines_from(shape, first);
        const float *patches = tile_patches(shape, scratch, x, first, lines);
        blas_sgemm(1, 0, shape->out, size, lines * shape->width, 1.0f, dy + first * shape->width * shape->out,
                   shape->out, patches, size, 1.0f, dweight, size);
    }
}

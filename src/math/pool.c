#include "math/pool.h"

#include "base/vector.h"

#include <string.h>

/* One line of y from two of x, `pixels` of them in y. */
VECTOR_CLONES static void pool_line(float *restrict y, const float *restrict above, const float *restrict below,
                                    float scale, size_t pixels, size_t channels)
{
    for (size_t i = 0; i < pixels; i++, y += channels, above += 2 * channels, below += 2 * channels)
        for (size_t c = 0; c < channels; c++)
            y[c] = scale * ((above[c] + above[channels + c]) + (below[c] + below[channels + c]));
}

void pool_forward(float *y, const float *x, float scale, size_t height, size_t width, size_t channels)
{
    size_t line = width * channels;
    for (size_t i = 0; i < height / 2; i++)
        pool_line(y + i * line / 2, x + 2 * i * line, x + (2 * i + 1) * line, scale, width / 2, channels);
}

VECTOR_CLONES static void upsample_line(float *restrict y, const float *restrict x, float scale, size_t pixels,
                                        size_t channels)
{
    for (size_t i = 0; i < pixels; i++, x += channels, y += 2 * channels)
        for (size_t c = 0; c < channels; c++) {
            y[c] += scale * x[c];
            y[channels + c] += scale * x[c];
        }
}

void pool_upsample(float *y, const float *x, float scale, size_t height, size_t width, size_t channels)
{
    size_t line = width * channels;
    for (size_t i = 0; i < height; i++)
        upsample_line(y + i * line, x + i / 2 * (line / 2), scale, width / 2, channels);
}

void pool_repeat(float *y, const float *x, size_t height, size_t width, size_t channels)
{
    size_t line = 2 * width * channels;
    for (size_t i = 0; i < height; i++, y += 2 * line) {
        for (size_t j = 0; j < width; j++, x += channels) {
            memcpy(y + 2 * j * channels, x, channels * sizeof *y);
            memcpy(y + (2 * j + 1) * channels, x, channels * sizeof *y);
        }
        memcpy(y + line, y, line * sizeof *y);
    }
}

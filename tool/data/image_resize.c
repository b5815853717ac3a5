/* A picture of another size: the middle of it that has the new one's proportions, each pixel the mean of what it
 * covers. */
#include "data/image.h"

#include "common/memory.h"

#include <math.h>
#include <stdlib.h>

/* What is cut out, in pixels and parts of them. */
typedef struct window {
    double top, left, height, width;
} window;

static window middle_of(const image *picture, size_t height, size_t width)
{
    double rows = (double)picture->height, columns = (double)picture->width;
    double scale = fmin(rows / (double)height, columns / (double)width);
    double tall = scale * (double)height, wide = scale * (double)width;
    return (window){(rows - tall) / 2, (columns - wide) / 2, tall, wide};
}

/* How much of pixel `index` lies within first..end. */
static double covered(size_t index, double first, double end)
{
    return fmax(0, fmin((double)index + 1, end) - fmax((double)index, first));
}

static size_t last_of(double end, size_t size)
{
    double last = ceil(end);
    return last < (double)size ? (size_t)last : size;
}

/* The mean over the rectangle top..bottom, left..right. */
static uint16_t mean_of(const image *from, size_t channel, double top, double bottom, double left, double right)
{
    double sum = 0, area = 0;
    for (size_t y = (size_t)fmax(top, 0); y < last_of(bottom, from->height); y++)
        for (size_t x = (size_t)fmax(left, 0); x < last_of(right, from->width); x++) {
            double part = covered(y, top, bottom) * covered(x, left, right);
            sum += part * from->pixels[(y * from->width + x) * from->channels + channel];
            area += part;
        }
    return (uint16_t)lround(sum / area);
}

void image_resize(image *picture, size_t height, size_t width)
{
    image out = *picture;
    window w = middle_of(picture, height, width);
    double tall = w.height / (double)height, wide = w.width / (double)width;
    if (height == picture->height && width == picture->width)
        return;
    out.height = height;
    out.width = width;
    out.pixels = allocate(multiply(height, width, "resize"), out.channels * sizeof *out.pixels);
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            for (size_t c = 0; c < out.channels; c++)
                out.pixels[(y * width + x) * out.channels + c] =
                    mean_of(picture, c, w.top + (double)y * tall, w.top + (double)(y + 1) * tall,
                            w.left + (double)x * wide, w.left + (double)(x + 1) * wide);
    free(picture->pixels);
    *picture = out;
}

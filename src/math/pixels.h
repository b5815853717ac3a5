/* Elementwise work on some channels of the pixels of n images, each `pixels` rows of `width` floats, rows `stride_...`
 * floats apart. Calls run in parallel over images. */
#ifndef MATH_PIXELS_H
#define MATH_PIXELS_H

#include <stddef.h>

/* y = x, or y += x. */
void pixels_copy(float *y, size_t stride_y, const float *x, size_t stride_x, size_t n, size_t pixels, size_t width);
void pixels_add(float *y, size_t stride_y, const float *x, size_t stride_x, size_t n, size_t pixels, size_t width);

/* y [n] rows of `width` = the sum over each image's pixels. */
void pixels_sum(float *y, size_t stride_y, const float *x, size_t stride_x, size_t n, size_t pixels, size_t width);

/* y [width] = the sum over all of `pixels` pixels, which does not depend on the threads; and the floats of scratch. */
void pixels_total(float *y, const float *x, size_t stride_x, size_t pixels, size_t width, float *scratch);
size_t pixels_total_scratch_size(size_t pixels, size_t width);

#endif

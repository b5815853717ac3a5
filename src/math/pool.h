/* Halving and doubling of images [height, width, channels] with even sides. Each is the other's adjoint, which is to
 * say its backward pass: the mean (scale 1/4) goes back by upsampling by 1/4, upsampling (scale 1) by the sum. */
#ifndef MATH_POOL_H
#define MATH_POOL_H

#include <stddef.h>

/* y [height / 2, width / 2, channels] = scale * the sum of each 2 x 2 block of x [height, width, channels]. */
void pool_forward(float *y, const float *x, float scale, size_t height, size_t width, size_t channels);

/* y [height, width, channels] += scale * x [height / 2, width / 2, channels], each pixel to a 2 x 2 block. */
void pool_upsample(float *y, const float *x, float scale, size_t height, size_t width, size_t channels);

/* y [2 height, 2 width, channels]: each pixel of x [height, width, channels] four times. Its backward pass is
 * pool_forward() with scale 1. */
void pool_repeat(float *y, const float *x, size_t height, size_t width, size_t channels);

#endif

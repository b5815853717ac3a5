/* Convolution of images, stride 1, zeros outside: as many pixels out as in.
 *
 * Images are [height, width, channels], weights [out, kernel, kernel, in]. A call works on one image and on its thread
 * alone, so that an image's bits do not depend on any other. Patches are gathered by tiles of lines, then multiplied.
 */
#ifndef MATH_CONV_H
#define MATH_CONV_H

#include <stddef.h>

typedef struct conv_shape {
    size_t height, width, in, out;
    size_t kernel; /* odd */
} conv_shape;

size_t conv_weights(const conv_shape *shape);      /* floats of the weights */
size_t conv_scratch_size(const conv_shape *shape); /* floats of scratch that each of these calls needs */

/* y = x convolved with weight: correlation, as networks have it. */
void conv_forward(const conv_shape *shape, float *y, /* [height, width, out] */
                  const float *x,                    /* [height, width, in] */
                  const float *weight,               /* [out, kernel, kernel, in] */
                  float *scratch);

/* The weights as the backward pass reads them, once for any number of images: flipped [in, kernel, kernel, out]. */
void conv_flip(const conv_shape *shape, float *flipped, const float *weight);

/* dx [height, width, in] from dy [height, width, out]. */
void conv_backward(const conv_shape *shape, float *dx, const float *dy, const float *flipped, float *scratch);

/* dweight accumulates. */
void conv_backward_weight(const conv_shape *shape, float *dweight, const float *x, const float *dy, float *scratch);

#endif

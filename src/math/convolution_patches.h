/* Convolution by gathering: for some taps of the window at a time, the pixels under them are rows of a matrix, which is
 * multiplied with those taps' weights. A 1x1 convolution reads its rows where they stand. */
#ifndef MATH_CONVOLUTION_PATCHES_H
#define MATH_CONVOLUTION_PATCHES_H

#include "math/convolution_parts.h"

/* Taps of the window, and how many are gathered together. */
size_t patches_taps(const convolution *plan);
size_t patches_group(const convolution *plan);

/* Rows of a product. */
typedef struct patches_rows {
    const float *at;
    size_t stride;
} patches_rows;

/* What lies under `taps` taps from `tap` on, [rows, taps, in], for the output pixels from `first` on: gathered into
 * `patches`, or in the image. */
patches_rows patches_under(const convolution *plan, float *patches, const float *x, size_t stride_x, size_t first,
                           size_t rows, size_t tap, size_t taps);

/* Adds values [rows, channels], the gradient of what lies under a tap, to where that lies. */
void patches_scatter(const convolution *plan, float *dx, size_t stride_dx, const float *values, size_t first,
                     size_t rows, size_t tap, size_t channels);

/* The weights [out, in, taps] turned for products that sum inputs, [blocks of outputs, taps, in, outputs of the block],
 * or outputs, [blocks of inputs, taps, out, inputs of the block]; blocks of MULTIPLY_COLUMNS. */
void patches_turn(const convolution *plan, float *turned, const float *weight);
void patches_turn_back(const convolution *plan, float *turned, const float *weight);
size_t patches_turned_size(const convolution *plan); /* floats of either */

size_t patches_training_scratch_size(const convolution *plan, size_t n, size_t threads);
void patches_backward(const convolution_training *run);

#endif

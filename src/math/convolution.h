/* Convolutions of whole batches of images, forward and backward, for images and weights as networks have them.
 *
 * Images are [n, height, width] pixels of `in` or `out` floats, pixels `stride` floats apart, so that a convolution can
 * read or write some channels of wider pixels. Weights are [out, in, kernel, kernel]. Every call runs in parallel over
 * the whole batch, in tasks cut by the shape and n alone, and allocates nothing.
 *
 * Bits: an image's y depends neither on n, nor on its place in the batch, nor on the threads, for the same OpenBLAS.
 * The gradients may depend on n, but not on the threads. */
#ifndef MATH_CONVOLUTION_H
#define MATH_CONVOLUTION_H

#include "math/convolution_plan.h"

/* The weights as the calls below read them, rearranged: as many floats, or with Winograd some four times as many. */
size_t convolution_prepared_size(const convolution *plan); /* floats */
void convolution_prepare(const convolution *plan, float *prepared, const float *weight);

size_t convolution_scratch_size(const convolution *plan, size_t n, size_t threads); /* floats */

/* y = x convolved with the weights (correlation, as networks have it), plus the epilogue, which may be NULL. y may be
 * the residual itself, but not x. */
void convolution_forward(const convolution *plan, float *y, size_t stride_y, const float *x, size_t stride_x,
                         const float *prepared, const convolution_epilogue *epilogue, size_t n, float *scratch);

size_t convolution_training_scratch_size(const convolution *plan, size_t n, size_t threads); /* floats */

/* The same bits from weights as the network has them, which training uses but once: they are rearranged where they are
 * used, in the cache. */
void convolution_forward_once(const convolution *plan, float *y, size_t stride_y, const float *x, size_t stride_x,
                              const float *weight, const convolution_epilogue *epilogue, size_t n, float *scratch);

/* dx, dweight [out, in, kernel, kernel] and dbias [out] from dy, all overwritten; each may be NULL. dx may not be
 * dy or x. */
void convolution_backward(const convolution *plan, float *dx, size_t stride_dx, float *dweight, float *dbias,
                          const float *x, size_t stride_x, const float *dy, size_t stride_dy, const float *weight,
                          size_t n, float *scratch);

#endif

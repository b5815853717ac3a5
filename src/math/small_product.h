/* Products with a small matrix of weights, by kernels of our own.
 *
 * A row has the same bits wherever it stands among however many rows: each of its sums is taken term by term. OpenBLAS
 * gives that only in tiles of one size (uniform.h), which a single row would have to pay for in full, and at these
 * sizes it is slower. The bits are the processor's, as OpenBLAS's are: those with fused multiply-add round once a term.
 */
#ifndef MATH_SMALL_PRODUCT_H
#define MATH_SMALL_PRODUCT_H

#include <stddef.h>

enum { SMALL_PRODUCT_MOST = 512 * 512 /* values of w: with more, OpenBLAS's blocks win */ };

/* Floats of w [out, in] as these kernels read it, and making that. */
size_t small_product_size(size_t out, size_t in);
void small_product_prepare(float *prepared, const float *w, size_t out, size_t in);

/* y [rows, out] = x [rows, in] w^T */
void small_product(float *y, const float *x, const float *prepared, size_t rows, size_t out, size_t in);

/* The versions of it that this processor can run, the slowest first, for tests; NULL past the last, which is the one
 * used. */
typedef void small_product_fn(float *y, const float *x, const float *prepared, size_t rows, size_t out, size_t in);
small_product_fn *small_product_version(size_t index);

#endif

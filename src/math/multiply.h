/* Larger products as the loaded OpenBLAS does them best.
 *
 * Its AVX-512 kernel sets multiply small matrices in place, where larger ones are packed first: blocks below that limit
 * run at up to 1.5 times the speed. Elsewhere a product is one call, but for its depth. Blocks are cut by the product's
 * shape alone. */
#ifndef MATH_MULTIPLY_H
#define MATH_MULTIPLY_H

#include <stddef.h>

enum {
    MULTIPLY_DEPTH = 256,                   /* terms of a sum in one call, at most: no kernel set cuts these again */
    MULTIPLY_COLUMNS = 64,                  /* of one block */
    MULTIPLY_PANEL = 128 * MULTIPLY_COLUMNS /* floats: two thirds of a first-level cache */
};

/* c = alpha op(a) b + beta c, with the arguments of blas_sgemm(). */
void multiply(int transpose_a, size_t m, size_t n, size_t k, float alpha, const float *a, size_t ld_a, const float *b,
              size_t ld_b, float beta, float *c, size_t ld_c);

/* c = alpha a b^T + beta c. The panel [MULTIPLY_PANEL] is scratch: too much for a small stack. */
void multiply_transposed(size_t m, size_t n, size_t k, float alpha, const float *a, size_t ld_a, const float *b,
                         size_t ld_b, float beta, float *c, size_t ld_c, float *panel);

/* Whether multiply() with this many columns gives a row of a the same bits wherever it stands among however many rows.
 */
int multiply_rows_alike(size_t n);

#endif

/* Rows of a product that get the same bits wherever they stand.
 *
 * A matrix kernel works on blocks of rows, and the AVX2 kernels of OpenBLAS 0.3.21 add up the second half of each block
 * of 12 rows in another order than the first. A sample's result must not depend on its place in a batch, so samples are
 * put only where all places are alike: in every row with most kernel sets, in half of them with those. */
#ifndef MATH_UNIFORM_H
#define MATH_UNIFORM_H

#include <stddef.h>
#include <stdint.h>

enum { UNIFORM_ROWS = 96 }; /* rows of the product: a multiple of what kernels work on at a time */

/* Which rows of x in x [UNIFORM_ROWS, k] times w [n, k] transposed are alike: found out once, by trying. */
typedef struct uniform_rows {
    size_t count;
    uint8_t row[UNIFORM_ROWS];
} uniform_rows;

const uniform_rows *uniform_rows_get(void);

/* Whether every row of x in y + x [m, k] times w [k, n] is alike, for any m, while k <= 256 and 16 divides n: found out
 * once, by trying. */
int uniform_everywhere(void);

#endif

#include "math/transpose.h"

#include "base/vector.h"
#include "math/lanes.h"

VECTOR_CLONES static void transpose_blocks(float *to, size_t stride_to, const float *from, size_t stride_from,
                                           size_t rows, size_t columns)
{
    for (size_t i = 0; i < rows; i += LANES)
        for (size_t j = 0; j < columns; j += LANES) {
            lanes block[LANES];
            for (size_t k = 0; k < LANES; k++)
                lanes_load(&block[k], from + (i + k) * stride_from + j);
            lanes_transpose(block);
            for (size_t k = 0; k < LANES; k++)
                lanes_store(to + (j + k) * stride_to + i, &block[k]);
        }
}

/* Rows narrower than a vector, one behind the other: 16 of them as vectors that overlap. */
VECTOR_CLONES static void transpose_narrow(float *to, size_t stride_to, const float *from, size_t rows, size_t columns)
{
    float whole[(LANES + 1) * LANES] = {0};
    for (size_t i = 0; i < rows; i += LANES) {
        lanes block[LANES];
        memcpy(whole, from + i * columns, LANES * columns * sizeof *whole);
        for (size_t k = 0; k < LANES; k++)
            lanes_load(&block[k], whole + k * columns);
        lanes_transpose(block);
        for (size_t j = 0; j < columns; j++)
            lanes_store(to + j * stride_to + i, &block[j]);
    }
}

static void transpose_rest(float *to, size_t stride_to, const float *from, size_t stride_from, size_t rows,
                           size_t first, size_t last)
{
    for (size_t j = first; j < last; j++)
        for (size_t i = 0; i < rows; i++)
            to[j * stride_to + i] = from[i * stride_from + j];
}

void transpose(float *to, size_t stride_to, const float *from, size_t stride_from, size_t rows, size_t columns)
{
    size_t whole_rows = rows / LANES * LANES, whole_columns = columns / LANES * LANES;
    if (stride_from == columns && columns < LANES) {
        transpose_narrow(to, stride_to, from, whole_rows, columns);
        whole_columns = columns;
    }
    transpose_blocks(to, stride_to, from, stride_from, whole_rows, whole_columns / LANES * LANES);
    transpose_rest(to + whole_rows, stride_to, from + whole_rows * stride_from, stride_from, rows - whole_rows, 0,
                   whole_columns);
    transpose_rest(to, stride_to, from, stride_from, rows, whole_columns, columns);
}

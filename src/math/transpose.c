#include "math/transpose.h"

#include "base/vector.h"
#include "math/lanes.h"

VECTOR_CLONES static void transpose_blocks(float *to, size_t row_to, const float *from, size_t row_from, size_t rows,
                                           size_t columns)
{
    for (size_t i = 0; i < rows; i += LANES)
        for (size_t j = 0; j < columns; j += LANES) {
            lanes block[LANES];
            for (size_t k = 0; k < LANES; k++)
                lanes_load(&block[k], from + (i + k) * row_from + j);
            lanes_transpose(block);
            for (size_t k = 0; k < LANES; k++)
                lanes_store(to + (j + k) * row_to + i, &block[k]);
        }
}

static void transpose_rest(float *to, size_t row_to, const float *from, size_t row_from, size_t rows, size_t first,
                           size_t last)
{
    for (size_t j = first; j < last; j++)
        for (size_t i = 0; i < rows; i++)
            to[j * row_to + i] = from[i * row_from + j];
}

void transpose(float *to, size_t row_to, const float *from, size_t row_from, size_t rows, size_t columns)
{
    size_t whole_rows = rows / LANES * LANES, whole_columns = columns / LANES * LANES;
    transpose_blocks(to, row_to, from, row_from, whole_rows, whole_columns);
    transpose_rest(to + whole_rows, row_to, from + whole_rows * row_from, row_from, rows - whole_rows, 0,
                   whole_columns);
    transpose_rest(to, row_to, from, row_from, rows, whole_columns, columns);
}

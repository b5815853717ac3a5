/* to [columns, rows] = from [rows, columns] turned over; rows of each are row_* floats apart. */
#ifndef MATH_TRANSPOSE_H
#define MATH_TRANSPOSE_H

#include <stddef.h>

void transpose(float *to, size_t row_to, const float *from, size_t row_from, size_t rows, size_t columns);

#endif

/* to [columns, rows] = from [rows, columns] turned over; rows of each are stride_* floats apart. */
#ifndef MATH_TRANSPOSE_H
#define MATH_TRANSPOSE_H

#include <stddef.h>

void transpose(float *to, size_t stride_to, const float *from, size_t stride_from, size_t rows, size_t columns);

#endif

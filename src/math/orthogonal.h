/* The orthogonal factor of a matrix: what is left of it when every singular value becomes 1, roughly. */
#ifndef MATH_ORTHOGONAL_H
#define MATH_ORTHOGONAL_H

#include <stddef.h>

/* No value of a factor is larger, by its singular values. */
#define ORTHOGONAL_MOST 1.3

/* Floats of scratch. */
size_t orthogonal_scratch_size(size_t rows, size_t columns);

/* a [rows, columns] = U V^T, where a was U S V^T; five steps of a quintic Newton-Schulz iteration whose singular values
 * end between 0.68 and 1.21 where S is above 2e-3 of its norm (Jordan et al. 2024). A matrix of zeros stays so. */
void orthogonal_factor(float *a, size_t rows, size_t columns, float *scratch);

#endif

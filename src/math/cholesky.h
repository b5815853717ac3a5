/* Systems of a symmetric matrix without negative eigenvalues, as the normal equations of least squares are. */
#ifndef MATH_CHOLESKY_H
#define MATH_CHOLESKY_H

#include <diffusion/status.h>

/* x [sides, n] with A x = b for each right-hand side of b [sides, n], by Cholesky's factors of A [n, n], which is
 * overwritten, the largest pivot first. What lies within `least` of the others' span, relative to its own length, is
 * left out: its x is 0. */
diffusion_status cholesky_solve(double *x, double *a, const double *b, size_t n, size_t sides, double least);

#endif

/* Softmax of each row. */
#ifndef MATH_SOFTMAX_H
#define MATH_SOFTMAX_H

#include <stddef.h>

/* y [rows, width] = exp(x) / its sum over the row; may be in place. */
void softmax_forward(float *y, const float *x, size_t rows, size_t width);

/* dx = y (dy - sum over the row of y dy); may be in place on dy. */
void softmax_backward(float *dx, const float *y, const float *dy, size_t rows, size_t width);

#endif

/* Elementwise non-linearities, fused with the bias before them and the residual after them. */
#ifndef MATH_ACTIVATION_H
#define MATH_ACTIVATION_H

#include <stddef.h>

typedef enum activation {
    ACTIVATION_SILU,
    ACTIVATION_RELU,
    ACTIVATION_TANH,
    ACTIVATION_SIGMOID,
    ACTIVATION_SOFTPLUS,
} activation;
#define ACTIVATION_CHOICES "silu|relu|tanh|sigmoid|softplus"

/* y = f(z + bias) + residual. */
void activation_forward(activation kind, float *y, /* [rows, width]; may be z */
                        float *slope,          /* [rows, width], f'(z + bias) for the backward pass; NULL: not kept */
                        const float *z,        /* [rows, width] */
                        const float *bias,     /* [width] */
                        const float *residual, /* [rows, width]; NULL: none */
                        size_t rows, size_t width);

/* dz = dy * slope; may be in place on slope. */
void activation_backward(float *dz, const float *dy, const float *slope, size_t count);

/* y += bias, row by row. */
void bias_forward(float *y, const float *bias, size_t rows, size_t width);

/* dbias[j] += sum over rows of dy[., j], rows in order. */
void bias_accumulate(float *dbias, const float *dy, size_t rows, size_t width);

/* dbias[j] = sum over rows of dy[., j], for columns first..last-1, rows in order. dy's rows are `stride` apart. */
void bias_backward(float *dbias, const float *dy, size_t rows, size_t stride, size_t first, size_t last);

#endif

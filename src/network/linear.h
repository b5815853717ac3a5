/* A dense layer y = x W^T + b, forward beside backward. W is [out, in], b is [out]. */
#ifndef NETWORK_LINEAR_H
#define NETWORK_LINEAR_H

#include "network/network.h"

typedef struct linear {
    size_t in, out;
    size_t weight, bias; /* where they stand in the flat array */
    size_t prepared;     /* likewise the weights for small_product(), where the network has such */
} linear;

/* Lays out `name`.weight and `name`.bias behind what the network has. */
linear linear_add(network *owner, size_t in, size_t out, const char *name);

/* y [rows, out] = x [rows, in] W^T, without the bias: most layers add it with what comes next. `prepared`: the
 * network's weights for small_product(), NULL: by OpenBLAS. */
void linear_multiply(const linear *layer, const float *parameters, const float *prepared, float *y, const float *x,
                     size_t rows);

/* y [rows, out] = x [rows, in] W^T + b */
void linear_forward(const linear *layer, const float *parameters, const float *prepared, float *y, const float *x,
                    size_t rows);

/* dx [rows, in] = dy [rows, out] W, added to what dx holds if `add`. */
void linear_backward(const linear *layer, const float *parameters, float *dx, const float *dy, size_t rows, int add);

/* The gradient of W and b from dy [n, out] and x [n, in], cut into tasks by rows of W: each sums over the whole batch
 * in one product, so that nothing is summed across tasks. */
size_t linear_gradient_tasks(const linear *layer);
void linear_gradient(const linear *layer, float *gradient, const float *dy, const float *x, size_t n, size_t task);

#endif

#include "network/linear.h"

#include "base/size.h"
#include "math/activation.h"
#include "math/blas.h"
#include "math/small_product.h"

enum { GRADIENT_ROWS = 128 }; /* rows of W whose gradient is one task, at least */

linear linear_add(network *owner, size_t in, size_t out, const char *name)
{
    linear layer = {.in = in, .out = out};
    layer.weight = network_add_parameter(owner, 2, (const int64_t[]){(int64_t)out, (int64_t)in}, "%s.weight", name);
    layer.bias = network_add_parameter(owner, 1, (const int64_t[]){(int64_t)out}, "%s.bias", name);
    return layer;
}

void linear_multiply(const linear *layer, const float *parameters, const float *prepared, float *y, const float *x,
                     size_t rows)
{
    if (prepared != NULL) {
        small_product(y, x, prepared + layer->prepared, rows, layer->out, layer->in);
        return;
    }
    blas_sgemm(0, 1, rows, layer->out, layer->in, 1.0f, x, layer->in, parameters + layer->weight, layer->in, 0.0f, y,
               layer->out);
}

void linear_forward(const linear *layer, const float *parameters, const float *prepared, float *y, const float *x,
                    size_t rows)
{
    linear_multiply(layer, parameters, prepared, y, x, rows);
    bias_forward(y, parameters + layer->bias, rows, layer->out);
}

void linear_backward(const linear *layer, const float *parameters, float *dx, const float *dy, size_t rows, int add)
{
    blas_sgemm(0, 0, rows, layer->in, layer->out, 1.0f, dy, layer->out, parameters + layer->weight, layer->in,
               add ? 1.0f : 0.0f, dx, layer->in);
}

/* Half of the rows, for every task packs the whole of x. */
static size_t gradient_rows(const linear *layer)
{
    size_t rows = size_round_up(layer->out / 2, 16);
    return rows < GRADIENT_ROWS ? GRADIENT_ROWS : rows;
}

size_t linear_gradient_tasks(const linear *layer)
{
    return size_divide_up(layer->out, gradient_rows(layer));
}

void linear_gradient(const linear *layer, float *gradient, const float *dy, const float *x, size_t n, size_t task)
{
    size_t first = task * gradient_rows(layer), last = first + gradient_rows(layer);
    if (last > layer->out)
        last = layer->out;
    blas_sgemm(1, 0, last - first, layer->in, n, 1.0f, dy + first, layer->out, x, layer->in, 0.0f,
               gradient + layer->weight + first * layer->in, layer->in);
    bias_backward(gradient + layer->bias, dy, n, layer->out, first, last);
}

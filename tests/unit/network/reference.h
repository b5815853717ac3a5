/* The multi-layer perceptron of mlp.h written down in double, one sample after another, forward and backward. */
#ifndef NETWORK_REFERENCE_H
#define NETWORK_REFERENCE_H

#include "test.h"

#include "network/mlp.h"

#include <stdlib.h>

enum { ACTIVATIONS = 5 }; /* silu, relu, tanh, sigmoid, softplus */

typedef struct reference {
    const network *net;
    mlp_options options;
    const float *parameters;
    double *gradient; /* of all parameters, added to */
    size_t features;
} reference;

static inline double reference_value(int32_t activation, double z)
{
    double s = 1.0 / (1.0 + exp(-z));
    const double values[ACTIVATIONS] = {z * s, z > 0.0 ? z : 0.0, tanh(z), s, log1p(exp(z))};
    return values[activation];
}

static inline double reference_slope(int32_t activation, double z)
{
    double s = 1.0 / (1.0 + exp(-z));
    const double slopes[ACTIVATIONS] = {s + z * s * (1.0 - s), z > 0.0, 1.0 - tanh(z) * tanh(z), s * (1.0 - s), s};
    return slopes[activation];
}

/* "hidden.<layer>.weight" and its like; the output layer stands behind the last hidden one. */
static inline size_t reference_offset(const reference *self, size_t layer, const char *what)
{
    char name[48];
    if (layer == (size_t)self->options.depth)
        snprintf(name, sizeof name, "output.%s", what);
    else
        snprintf(name, sizeof name, "hidden.%zu.%s", layer, what);
    const network_parameter *parameter = network_find(self->net, name);
    assert_non_null(parameter);
    return parameter->offset;
}

/* z [out] = W h + b */
static inline void reference_layer(const reference *self, size_t layer, double *z, size_t out, const double *h,
                                   size_t in)
{
    const float *weight = self->parameters + reference_offset(self, layer, "weight");
    const float *bias = self->parameters + reference_offset(self, layer, "bias");
    for (size_t i = 0; i < out; i++) {
        z[i] = (double)bias[i];
        for (size_t j = 0; j < in; j++)
            z[i] += (double)weight[i * in + j] * h[j];
    }
}

/* Adds dz h^T and dz to the layer's gradient; dh [in] = W^T dz. */
static inline void reference_layer_backward(const reference *self, size_t layer, double *dh, const double *dz,
                                            size_t out, const double *h, size_t in)
{
    size_t weight = reference_offset(self, layer, "weight"), bias = reference_offset(self, layer, "bias");
    for (size_t j = 0; j < in; j++)
        dh[j] = 0.0;
    for (size_t i = 0; i < out; i++) {
        self->gradient[bias + i] += dz[i];
        for (size_t j = 0; j < in; j++) {
            self->gradient[weight + i * in + j] += dz[i] * h[j];
            dh[j] += dz[i] * (double)self->parameters[weight + i * in + j];
        }
    }
}

static inline void reference_features(const reference *self, double *features, const float *x, double t, int32_t label,
                                      const float *vector)
{
    size_t dim = self->net->task.dim, half = (size_t)(self->options.time_features + 1) / 2;
    for (size_t j = 0; j < dim; j++)
        features[j] = (double)x[j];
    for (size_t j = 0; j < half; j++) {
        double angle = t * pow(10000.0, -(double)j / (double)half);
        features[dim + j] = sin(angle);
        features[dim + half + j] = cos(angle);
    }
    for (size_t c = 0; c < self->net->task.classes; c++)
        features[dim + 2 * half + c] = (int32_t)c == label;
    for (size_t j = 0; j < self->net->task.vectors; j++)
        features[dim + 2 * half + self->net->task.classes + j] = vector != NULL ? (double)vector[j] : 0.0;
}

/* One sample: out [outputs]; with dout, its gradient is added as well. */
static inline void reference_sample(const reference *self, double *out, const float *dout, const float *x, double t,
                                    int32_t label, const float *vector)
{
    size_t width = (size_t)self->options.width, depth = (size_t)self->options.depth, outputs = self->net->task.outputs;
    size_t widest = width > self->features ? width : self->features;
    double *h = calloc((depth + 1) * widest, sizeof *h), *z = calloc(depth * width, sizeof *z);
    double *dh = calloc(widest, sizeof *dh), *dz = calloc(width, sizeof *dz), *dy = calloc(outputs, sizeof *dy);
    reference_features(self, h, x, t, label, vector);
    for (size_t l = 0; l < depth; l++) {
        const double *from = h + l * widest;
        reference_layer(self, l, z + l * width, width, from, l == 0 ? self->features : width);
        for (size_t i = 0; i < width; i++)
            h[(l + 1) * widest + i] = reference_value(self->options.activation, z[l * width + i]) +
                                      (self->options.residual && l > 0 ? from[i] : 0.0);
    }
    reference_layer(self, depth, out, outputs, h + depth * widest, width);
    for (size_t i = 0; dout != NULL && i < outputs; i++)
        dy[i] = (double)dout[i];
    if (dout != NULL)
        reference_layer_backward(self, depth, dh, dy, outputs, h + depth * widest, width);
    for (size_t l = depth; dout != NULL && l-- > 0;) {
        double *below = calloc(widest, sizeof *below);
        for (size_t i = 0; i < width; i++)
            dz[i] = dh[i] * reference_slope(self->options.activation, z[l * width + i]);
        reference_layer_backward(self, l, below, dz, width, h + l * widest, l == 0 ? self->features : width);
        for (size_t i = 0; i < width && l > 0; i++)
            dh[i] = below[i] + (self->options.residual ? dh[i] : 0.0);
        free(below);
    }
    double *all[] = {h, z, dh, dz, dy};
    for (size_t i = 0; i < 5; i++)
        free(all[i]);
}

#endif

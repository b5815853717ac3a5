#include "math/activation.h"

#include "base/vector.h"
#include "math/logistic.h"

#include <math.h>

/* Written so that a NaN stays one and is seen. */
static inline value_slope relu(float x)
{
    return (value_slope){x <= 0.0f ? 0.0f : x, x <= 0.0f ? 0.0f : 1.0f};
}

static inline value_slope hyperbolic_tangent(float x)
{
    float y = 1.0f - 2.0f / (1.0f + exponential(2.0f * x));
    return (value_slope){y, 1.0f - y * y};
}

static inline value_slope sigmoid(float x)
{
    float y = logistic(x);
    return (value_slope){y, y * (1.0f - y)};
}

/* max(x, 0) + log(1 + e) with e = exp(-|x|), and log(1 + e) = 2 artanh(e / (2 + e)), whose argument is at most 1/3: the
 * series to the 13th power is good to 2e-8. The square is held where it is no denormal. */
static inline value_slope softplus(float x)
{
    float e = exponential(-fabsf(x)), u = e / (2.0f + e), v = (u + 1e-18f) * (u + 1e-18f);
    float p = 1.0f / 13.0f;
    p = p * v + 1.0f / 11.0f;
    p = p * v + 1.0f / 9.0f;
    p = p * v + 1.0f / 7.0f;
    p = p * v + 1.0f / 5.0f;
    p = p * v + 1.0f / 3.0f;
    p = p * v + 1.0f;
    float positive = x < 0.0f ? 0.0f : x;
    return (value_slope){positive + 2.0f * u * p, (x < 0.0f ? e : 1.0f) / (1.0f + e)};
}

/* One row of each kind: the loops stand apart so that each vectorises. y may be z itself, so nothing is `restrict`. */
#define DEFINE_ROW(name, function)                                                                                     \
    VECTOR_CLONES static void name(float *y, float *slope, const float *z, const float *bias, size_t width)            \
    {                                                                                                                  \
        if (slope == NULL) {                                                                                           \
            VECTOR_LOOP for (size_t j = 0; j < width; j++) y[j] = function(z[j] + bias[j]).value;                      \
            return;                                                                                                    \
        }                                                                                                              \
        VECTOR_LOOP for (size_t j = 0; j < width; j++)                                                                 \
        {                                                                                                              \
            value_slope f = function(z[j] + bias[j]);                                                                  \
            y[j] = f.value;                                                                                            \
            slope[j] = f.slope;                                                                                        \
        }                                                                                                              \
    }
DEFINE_ROW(silu_row, silu)
DEFINE_ROW(relu_row, relu)
DEFINE_ROW(tanh_row, hyperbolic_tangent)
DEFINE_ROW(sigmoid_row, sigmoid)
DEFINE_ROW(softplus_row, softplus)

typedef void row_fn(float *y, float *slope, const float *z, const float *bias, size_t width);

VECTOR_CLONES static void add(float *restrict y, const float *restrict x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] += x[i];
}

void activation_forward(activation kind, float *y, float *slope, const float *z, const float *bias,
                        const float *residual, size_t rows, size_t width)
{
    static row_fn *const row_of[] = {silu_row, relu_row, tanh_row, sigmoid_row, softplus_row};
    row_fn *row = row_of[kind];
    for (size_t i = 0; i < rows; i++)
        row(y + i * width, slope != NULL ? slope + i * width : NULL, z + i * width, bias, width);
    if (residual != NULL)
        add(y, residual, rows * width);
}

VECTOR_CLONES void activation_backward(float *dz, const float *dy, const float *slope, size_t count)
{
    for (size_t i = 0; i < count; i++)
        dz[i] = dy[i] * slope[i];
}

void bias_forward(float *y, const float *bias, size_t rows, size_t width)
{
    for (size_t i = 0; i < rows; i++)
        add(y + i * width, bias, width);
}

void bias_accumulate(float *dbias, const float *dy, size_t rows, size_t width)
{
    for (size_t i = 0; i < rows; i++)
        add(dbias, dy + i * width, width);
}

void bias_backward(float *dbias, const float *dy, size_t rows, size_t stride, size_t first, size_t last)
{
    memset(dbias + first, 0, (last - first) * sizeof *dbias);
    for (size_t i = 0; i < rows; i++)
        add(dbias + first, dy + i * stride + first, last - first);
}

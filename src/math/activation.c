#include "math/activation.h"

#include "base/vector.h"

#include <stdint.h>
#include <string.h>

/* exp(x) to 2 ulp, without a branch so that loops over it vectorise (Cody-Waite reduction, then Cephes' polynomial).
 * Held to where no product with exp(x) or its inverse is a denormal, which takes a hundred times as long: the compiler
 * also works out the held value's product in every lane. */
static inline float exponential(float x)
{
    x = x < -60.0f ? -60.0f : x;
    x = x > 60.0f ? 60.0f : x;
    const float magic = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    float n = x * 1.44269504f + magic;
    int32_t bits;
    memcpy(&bits, &n, sizeof bits);
    n -= magic;
    float r = x - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    bits = (int32_t)((uint32_t)bits << 23) + 0x3f800000; /* the low bits of n + magic are n: 2^n as a float */
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

static inline float logistic(float x)
{
    return 1.0f / (1.0f + exponential(-x));
}

typedef struct value_slope {
    float value, slope;
} value_slope;

/* Where exponential() is held, x must be too: the logistic's rest of 1e-26 times any x would not be 0. */
static inline value_slope silu(float x)
{
    float s = logistic(x), low = x < -60.0f ? -60.0f : x, held = low > 60.0f ? 60.0f : low;
    return (value_slope){low * s, s * (1.0f + held * (1.0f - s))};
}

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

typedef void row_fn(float *y, float *slope, const float *z, const float *bias, size_t width);

VECTOR_CLONES static void add(float *restrict y, const float *restrict x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] += x[i];
}

void activation_forward(activation kind, float *y, float *slope, const float *z, const float *bias,
                        const float *residual, size_t rows, size_t width)
{
    static row_fn *const row_of[] = {silu_row, relu_row, tanh_row, sigmoid_row};
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

void bias_backward(float *dbias, const float *dy, size_t rows, size_t stride, size_t first, size_t last)
{
    memset(dbias + first, 0, (last - first) * sizeof *dbias);
    for (size_t i = 0; i < rows; i++)
        add(dbias + first, dy + i * stride + first, last - first);
}

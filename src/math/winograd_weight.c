#include "base/vector.h"
#include "math/lanes.h"
#include "math/winograd.h"

/* G g. */
LANES_INLINE void weight_line(lanes u[6], const lanes g[3])
{
    const lanes even = (g[0] + g[2]) * (-1.0f / 6.0f), odd = g[1] * (-1.0f / 6.0f);
    const lanes far_even = g[0] * (1.0f / 24.0f) + g[2] * (1.0f / 6.0f), far_odd = g[1] * (1.0f / 12.0f);
    u[0] = g[0] * 0.25f;
    u[1] = even + odd;
    u[2] = even - odd;
    u[3] = far_even + far_odd;
    u[4] = far_even - far_odd;
    u[5] = g[2];
}

/* G^T u. */
LANES_INLINE void weight_line_backward(lanes g[3], const lanes u[6])
{
    const lanes sum12 = u[1] + u[2], sum34 = u[3] + u[4];
    g[0] = u[0] * 0.25f - sum12 * (1.0f / 6.0f) + sum34 * (1.0f / 24.0f);
    g[1] = (u[2] - u[1]) * (1.0f / 6.0f) + (u[3] - u[4]) * (1.0f / 12.0f);
    g[2] = (sum34 - sum12) * (1.0f / 6.0f) + u[5];
}

enum { TAPS = 9, BLOCKS = 9 /* of 16 floats: 16 inputs of 9 taps */ };

/* The 16 x 16 x 9 weights as vectors of 16 outputs, for each input and tap. */
LANES_INLINE void load_weights(lanes taps[16 * TAPS], const float *weight, size_t stride_weight)
{
    for (size_t b = 0; b < BLOCKS; b++) {
        for (size_t o = 0; o < LANES; o++)
            lanes_load(&taps[16 * b + o], weight + o * stride_weight + 16 * b);
        lanes_transpose(taps + 16 * b);
    }
}

LANES_INLINE void store_weights(float *weight, size_t stride_weight, lanes taps[16 * TAPS])
{
    for (size_t b = 0; b < BLOCKS; b++) {
        lanes_transpose(taps + 16 * b);
        for (size_t o = 0; o < LANES; o++)
            lanes_store(weight + o * stride_weight + 16 * b, &taps[16 * b + o]);
    }
}

VECTOR_CLONES void winograd_weight(float *u, size_t step, size_t stride_u, const float *weight, size_t stride_weight)
{
    lanes taps[16 * TAPS];
    load_weights(taps, weight, stride_weight);
    for (size_t c = 0; c < 16; c++) {
        lanes half[3][6], from[3], to[6];
        for (size_t i = 0; i < 3; i++)
            weight_line(half[i], taps + TAPS * c + 3 * i);
        for (size_t j = 0; j < 6; j++) {
            for (size_t i = 0; i < 3; i++)
                from[i] = half[i][j];
            weight_line(to, from);
            for (size_t i = 0; i < 6; i++)
                lanes_store(u + (6 * i + j) * step + c * stride_u, &to[i]);
        }
    }
}

/* With a column that the compiler knows, it works out nothing else. */
LANES_INLINE void weight_column(float *u, size_t step, const float *taps, size_t stride_taps, size_t count,
                                size_t column)
{
    for (size_t c = 0; c < count; c += LANES) {
        lanes half[3], from[3], to[6];
        for (size_t i = 0; i < 3; i++) {
            for (size_t j = 0; j < 3; j++)
                lanes_load(&from[j], taps + (3 * i + j) * stride_taps + c);
            weight_line(to, from);
            half[i] = to[column];
        }
        weight_line(to, half);
        for (size_t i = 0; i < 6; i++)
            lanes_store(u + i * step + c, &to[i]);
    }
}

VECTOR_CLONES void winograd_weight_column(float *u, size_t step, const float *taps, size_t stride_taps, size_t count,
                                          size_t column)
{
    switch (column) {
    case 0:
        weight_column(u, step, taps, stride_taps, count, 0);
        break;
    case 1:
        weight_column(u, step, taps, stride_taps, count, 1);
        break;
    case 2:
        weight_column(u, step, taps, stride_taps, count, 2);
        break;
    case 3:
        weight_column(u, step, taps, stride_taps, count, 3);
        break;
    case 4:
        weight_column(u, step, taps, stride_taps, count, 4);
        break;
    case 5:
        weight_column(u, step, taps, stride_taps, count, 5);
        break;
    }
}

VECTOR_CLONES void winograd_weight_column_backward(float *z, size_t step_z, const float *du, size_t step, size_t count,
                                                   int add)
{
    for (size_t c = 0; c < count; c += LANES) {
        lanes from[6], to[3], before;
        for (size_t i = 0; i < 6; i++)
            lanes_load(&from[i], du + i * step + c);
        weight_line_backward(to, from);
        for (size_t i = 0; i < 3; i++) {
            if (add) {
                lanes_load(&before, z + i * step_z + c);
                to[i] += before;
            }
            lanes_store(z + i * step_z + c, &to[i]);
        }
    }
}

VECTOR_CLONES void winograd_weight_backward(float *dweight, size_t stride_weight, const float *z, size_t step,
                                            size_t stride_z)
{
    lanes taps[16 * TAPS];
    for (size_t c = 0; c < 16; c++)
        for (size_t i = 0; i < 3; i++) {
            lanes from[6];
            for (size_t j = 0; j < 6; j++)
                lanes_load(&from[j], z + (3 * j + i) * step + c * stride_z);
            weight_line_backward(taps + TAPS * c + 3 * i, from);
        }
    store_weights(dweight, stride_weight, taps);
}

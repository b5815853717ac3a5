#include "base/vector.h"
#include "math/lanes.h"
#include "math/winograd.h"

const float winograd_zeros[WINOGRAD_CHANNELS];

/* ---- one dimension of each map ---- */

/* B^T d. */
LANES_INLINE void input_line(lanes t[6], const lanes d[6])
{
    const lanes even = d[4] - 4.0f * d[2], odd = d[3] - 4.0f * d[1];
    const lanes near = d[4] - d[2], far = 2.0f * (d[3] - d[1]);
    t[0] = 4.0f * (d[0] - d[2]) + near;
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = near + far;
    t[4] = near - far;
    t[5] = 4.0f * (d[1] - d[3]) + (d[5] - d[3]);
}

/* B t. */
LANES_INLINE void input_line_backward(lanes d[6], const lanes t[6])
{
    const lanes sum12 = t[1] + t[2], difference12 = t[1] - t[2], sum34 = t[3] + t[4];
    const lanes twice34 = 2.0f * (t[3] - t[4]);
    d[0] = 4.0f * t[0];
    d[1] = 4.0f * (t[5] - difference12) - twice34;
    d[2] = -5.0f * t[0] - 4.0f * sum12 - sum34;
    d[3] = difference12 + twice34 - 5.0f * t[5];
    d[4] = t[0] + sum12 + sum34;
    d[5] = t[5];
}

/* A^T m. */
LANES_INLINE void output_line(lanes y[4], const lanes m[6])
{
    const lanes sum12 = m[1] + m[2], difference12 = m[1] - m[2], sum34 = m[3] + m[4], difference34 = m[3] - m[4];
    y[0] = m[0] + sum12 + sum34;
    y[1] = difference12 + 2.0f * difference34;
    y[2] = sum12 + 4.0f * sum34;
    y[3] = difference12 + 8.0f * difference34 + m[5];
}

/* A y. */
LANES_INLINE void output_line_backward(lanes m[6], const lanes y[4])
{
    const lanes even = y[0] + y[2], odd = y[1] + y[3];
    const lanes far_even = y[0] + 4.0f * y[2], far_odd = 2.0f * y[1] + 8.0f * y[3];
    m[0] = y[0];
    m[1] = even + odd;
    m[2] = even - odd;
    m[3] = far_even + far_odd;
    m[4] = far_even - far_odd;
    m[5] = y[3];
}

/* ---- both dimensions: lines first, then columns ----
 *
 * 36 frequencies are more places in memory than the processor foresees: the next tile's, which follow this one's
 * channels, are named to it. */

VECTOR_CLONES void winograd_input(float *v, size_t step, const float *const d[36], size_t channels)
{
    for (size_t c = 0; c < channels; c += LANES) {
        lanes half[6][6], from[6], to[6];
        for (size_t i = 0; i < 6; i++) {
            for (size_t j = 0; j < 6; j++)
                lanes_load(&from[j], d[6 * i + j] + c);
            input_line(half[i], from);
        }
        for (size_t j = 0; j < 6; j++) {
            for (size_t i = 0; i < 6; i++)
                from[i] = half[i][j];
            input_line(to, from);
            for (size_t i = 0; i < 6; i++) {
                lanes_store(v + (6 * i + j) * step + c, &to[i]);
                __builtin_prefetch(v + (6 * i + j) * step + c + channels, 1);
            }
        }
    }
}

VECTOR_CLONES void winograd_input_backward(float *const d[36], const float *dv, size_t step, size_t channels)
{
    for (size_t c = 0; c < channels; c += LANES) {
        lanes half[6][6], from[6], to[6], before;
        for (size_t i = 0; i < 6; i++) {
            for (size_t j = 0; j < 6; j++)
                lanes_load(&from[j], dv + (6 * i + j) * step + c);
            input_line_backward(half[i], from);
        }
        for (size_t j = 0; j < 6; j++) {
            for (size_t i = 0; i < 6; i++)
                from[i] = half[i][j];
            input_line_backward(to, from);
            for (size_t i = 0; i < 6; i++)
                if (d[6 * i + j] != NULL) {
                    lanes_load(&before, d[6 * i + j] + c);
                    to[i] += before;
                    lanes_store(d[6 * i + j] + c, &to[i]);
                }
        }
    }
}

/* Adds what there is to one pixel's channels from c on, and writes them. */
LANES_INLINE void finish(float *y, lanes *value, const winograd_sum *sum, const float *residual, size_t c)
{
    lanes more;
    if (sum->bias != NULL) {
        lanes_load(&more, sum->bias + c);
        *value += more;
    }
    if (sum->image != NULL) {
        lanes_load(&more, sum->image + c);
        *value += more;
    }
    if (residual != NULL) {
        lanes_load(&more, residual + c);
        *value += more;
    }
    lanes_store(y + c, value);
}

VECTOR_CLONES void winograd_output(float *const y[16], const float *m, size_t step, const winograd_sum *sum,
                                   size_t channels)
{
    for (size_t c = 0; c < channels; c += LANES) {
        lanes half[6][4], from[6], to[4];
        for (size_t i = 0; i < 6; i++) {
            for (size_t j = 0; j < 6; j++) {
                lanes_load(&from[j], m + (6 * i + j) * step + c);
                __builtin_prefetch(m + (6 * i + j) * step + c + channels, 0);
            }
            output_line(half[i], from);
        }
        for (size_t j = 0; j < 4; j++) {
            for (size_t i = 0; i < 6; i++)
                from[i] = half[i][j];
            output_line(to, from);
            for (size_t i = 0; i < 4; i++)
                if (y[4 * i + j] != NULL)
                    finish(y[4 * i + j], &to[i], sum, sum->residual[4 * i + j], c);
        }
    }
}

VECTOR_CLONES void winograd_output_backward(float *dm, size_t step, const float *const dy[16], size_t channels)
{
    for (size_t c = 0; c < channels; c += LANES) {
        lanes half[4][6], from[4], to[6];
        for (size_t i = 0; i < 4; i++) {
            for (size_t j = 0; j < 4; j++)
                lanes_load(&from[j], dy[4 * i + j] + c);
            output_line_backward(half[i], from);
        }
        for (size_t j = 0; j < 6; j++) {
            for (size_t i = 0; i < 4; i++)
                from[i] = half[i][j];
            output_line_backward(to, from);
            for (size_t i = 0; i < 6; i++) {
                lanes_store(dm + (6 * i + j) * step + c, &to[i]);
                __builtin_prefetch(dm + (6 * i + j) * step + c + channels, 1);
            }
        }
    }
}

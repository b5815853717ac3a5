#include "math/small_product.h"

#include "base/size.h"

#include <string.h>

/* Prepared weights are w^T, its rows filled up with zeros to a multiple of PAD. */
enum { PAD = 16 };

size_t small_product_size(size_t out, size_t in)
{
    return in * size_round_up(out, PAD);
}

void small_product_prepare(float *prepared, const float *w, size_t out, size_t in)
{
    const size_t width = size_round_up(out, PAD);
    memset(prepared, 0, in * width * sizeof *prepared);
    for (size_t j = 0; j < out; j++)
        for (size_t k = 0; k < in; k++)
            prepared[k * width + j] = w[j * in + k];
}

#define INLINE static inline __attribute__((always_inline))

/* A function name() on vectors of so many floats. `rows` by `vectors` sums, as many as the registers hold, stand beside
 * one another while the terms pass; what is left goes by pairs of rows, and by single vectors. */
#define DEFINE_PRODUCT(name, target, floats, block_rows, block_vectors)                                                \
    typedef float name##_vector __attribute__((vector_size((floats) * sizeof(float))));                                \
                                                                                                                       \
    target INLINE void name##_block(float *y, const float *x, const float *w, size_t out, size_t in, size_t width,     \
                                    size_t columns, const size_t rows, const size_t vectors)                           \
    {                                                                                                                  \
        name##_vector sum[block_rows][block_vectors], term[block_vectors];                                             \
        float tail[floats];                                                                                            \
        for (size_t i = 0; i < rows; i++)                                                                              \
            for (size_t v = 0; v < vectors; v++)                                                                       \
                sum[i][v] = (name##_vector){0};                                                                        \
        for (size_t k = 0; k < in; k++) {                                                                              \
            for (size_t v = 0; v < vectors; v++)                                                                       \
                memcpy(&term[v], w + k * width + v * (floats), sizeof term[v]);                                        \
            for (size_t i = 0; i < rows; i++)                                                                          \
                for (size_t v = 0; v < vectors; v++)                                                                   \
                    sum[i][v] += x[i * in + k] * term[v];                                                              \
        }                                                                                                              \
        for (size_t i = 0; i < rows; i++)                                                                              \
            for (size_t v = 0; v < vectors; v++) {                                                                     \
                float *to = y + i * out + v * (floats);                                                                \
                if (columns >= (v + 1) * (floats)) {                                                                   \
                    memcpy(to, &sum[i][v], sizeof sum[i][v]);                                                          \
                } else if (columns > v * (floats)) {                                                                   \
                    memcpy(tail, &sum[i][v], sizeof tail);                                                             \
                    memcpy(to, tail, (columns - v * (floats)) * sizeof *to);                                           \
                }                                                                                                      \
            }                                                                                                          \
    }                                                                                                                  \
                                                                                                                       \
    target INLINE void name##_columns(float *y, const float *x, const float *w, size_t rows, size_t out, size_t in,    \
                                      size_t width, size_t columns, const size_t vectors)                              \
    {                                                                                                                  \
        size_t i = 0;                                                                                                  \
        for (; i + (block_rows) <= rows; i += (block_rows))                                                            \
            name##_block(y + i * out, x + i * in, w, out, in, width, columns, block_rows, vectors);                    \
        for (; i + 2 <= rows; i += 2)                                                                                  \
            name##_block(y + i * out, x + i * in, w, out, in, width, columns, 2, vectors);                             \
        if (i < rows)                                                                                                  \
            name##_block(y + i * out, x + i * in, w, out, in, width, columns, 1, vectors);                             \
    }                                                                                                                  \
                                                                                                                       \
    target static void name(float *y, const float *x, const float *prepared, size_t rows, size_t out, size_t in)       \
    {                                                                                                                  \
        const size_t width = size_round_up(out, PAD), wide = (floats) * (block_vectors);                               \
        size_t j = 0;                                                                                                  \
        for (; j < out && j + wide <= width; j += wide)                                                                \
            name##_columns(y + j, x, prepared + j, rows, out, in, width, size_lesser(wide, out - j), block_vectors);   \
        for (; j < out; j += (floats))                                                                                 \
            name##_columns(y + j, x, prepared + j, rows, out, in, width, size_lesser(floats, out - j), 1);             \
    }

#if defined(__x86_64__)
DEFINE_PRODUCT(portable, , 4, 4, 2) /* 16 registers */
DEFINE_PRODUCT(avx2, __attribute__((target("avx2,fma"))), 8, 6, 2)
DEFINE_PRODUCT(avx512, __attribute__((target("avx512f"))), 16, 6, 4) /* 32 */

small_product_fn *small_product_version(size_t index)
{
    switch (index) {
    case 0:
        return portable;
    case 1:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? avx2 : NULL;
    case 2:
        return __builtin_cpu_supports("avx512f") ? avx512 : NULL;
    default:
        return NULL;
    }
}
#else
DEFINE_PRODUCT(portable, , 4, 4, 4) /* 32 registers */

small_product_fn *small_product_version(size_t index)
{
    return index == 0 ? portable : NULL;
}
#endif

void small_product(float *y, const float *x, const float *prepared, size_t rows, size_t out, size_t in)
{
    size_t last = 0;
    while (small_product_version(last + 1) != NULL)
        last++;
    small_product_version(last)(y, x, prepared, rows, out, in);
}

/* 16 floats at once, of which the compiler makes what the processor has. */
#ifndef MATH_LANES_H
#define MATH_LANES_H

#include <stddef.h>
#include <string.h>

enum { LANES = 16 };

typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

/* By pointer: passing such vectors by value is another ABI on every processor. */
#define LANES_INLINE static inline __attribute__((always_inline))

LANES_INLINE void lanes_load(lanes *to, const float *from)
{
    memcpy(to, from, sizeof *to);
}

LANES_INLINE void lanes_store(float *to, const lanes *from)
{
    memcpy(to, from, sizeof *from);
}

/* gcc has clang's name of it from version 12 on. */
#if defined(__clang__) || __GNUC__ >= 12
#define LANES_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int lanes_places __attribute__((vector_size(LANES * sizeof(int))));
#define LANES_SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (lanes_places){__VA_ARGS__})
#endif

/* low and high halves of a and b, element by element in turn. */
LANES_INLINE void lanes_interleave(lanes *low, lanes *high, const lanes *a, const lanes *b)
{
    *low = LANES_SHUFFLE(*a, *b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    *high = LANES_SHUFFLE(*a, *b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/* A matrix of 16 x 16, transposed by four rounds of interleaving its halves. */
LANES_INLINE void lanes_transpose(lanes rows[LANES])
{
    lanes other[LANES];
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < 8; i++)
            lanes_interleave(&other[2 * i], &other[2 * i + 1], &rows[i], &rows[i + 8]);
        for (size_t i = 0; i < 8; i++)
            lanes_interleave(&rows[2 * i], &rows[2 * i + 1], &other[i], &other[i + 8]);
    }
}

#endif

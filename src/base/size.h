/* Sizes and counts. */
#ifndef BASE_SIZE_H
#define BASE_SIZE_H

#include <stddef.h>
#include <stdint.h>

static inline size_t size_lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t size_greater(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* How many of b hold a. */
static inline size_t size_divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

static inline size_t size_round_up(size_t a, size_t b)
{
    return size_divide_up(a, b) * b;
}

/* *product = a * b; false on overflow. */
static inline int size_multiply(size_t *product, size_t a, size_t b)
{
    if (b != 0 && a > SIZE_MAX / b)
        return 0;
    *product = a * b;
    return 1;
}

#endif

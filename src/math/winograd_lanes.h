/* 16 channels at once: the compiler makes of it what the processor has. */
#ifndef MATH_WINOGRAD_LANES_H
#define MATH_WINOGRAD_LANES_H

#include "math/winograd.h"

#include <string.h>

typedef float lanes __attribute__((vector_size(WINOGRAD_LANES * sizeof(float))));

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

#endif

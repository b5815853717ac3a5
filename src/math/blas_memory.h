/* OpenBLAS's work memory. Where there is no address space for another buffer, OpenBLAS tries again for ever: so each
 * is claimed while it can be had, and loops have no more threads than there are buffers. */
#ifndef MATH_BLAS_MEMORY_H
#define MATH_BLAS_MEMORY_H

#include <stddef.h>

/* Claims buffers for as many threads, or as many as can be had. Returns whether there is at least one. */
int blas_memory_claim(size_t threads);

/* Buffers for a loop on this thread and others, 1..threads; waits where other loops have them all. */
size_t blas_memory_take(size_t threads);
void blas_memory_give(size_t threads);

#endif

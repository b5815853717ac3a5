/* The only door to BLAS. Matrices are row-major float32. */
#ifndef MATH_BLAS_H
#define MATH_BLAS_H

#include "base/threads.h"

#include <diffusion/status.h>
#include <stddef.h>

/* c = alpha * op(a) op(b) + beta * c, where op(a) is [m, k], op(b) is [k, n] and c is [m, n]. */
void blas_sgemm(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, float alpha, const float *a,
                size_t ld_a, /* elements from one stored row of a to the next */
                const float *b, size_t ld_b, float beta, float *c, size_t ld_c);

/* To be called before work that multiplies, while a failure can be told: OpenBLAS has its memory, or
 * DIFFUSION_E_MEMORY. */
diffusion_status blas_ready(void);

/* parallel_for() for tasks that multiply: every product runs on its task's thread alone, whichever OpenBLAS is loaded.
 */
void blas_parallel_for(size_t tasks, size_t operations /* of one task, roughly */, threads_task_fn *run, void *context);

/* Kernel set and threading of the loaded OpenBLAS, as diffusion_blas_core() and diffusion_blas_threading(). */
const char *blas_core(void);
const char *blas_threading(void);

#endif

/* A plain matrix product in the place of OpenBLAS, to link and test the library where Debian has no OpenBLAS for. */
#include "cblas.h"

#include <stddef.h>
#include <stdlib.h>

char *openblas_get_corename(void);
int openblas_get_parallel(void);
int openblas_get_num_threads(void);
void openblas_set_num_threads(int threads);
void *blas_memory_alloc(int unused);
void blas_memory_free(void *buffer);

enum { BLOCK = 64 /* columns */ };

/* sum = row of a times columns of b, in double: no worse than any OpenBLAS's order of the sum. */
static void multiply_row(double *sum, int transpose_b, int columns, int k, const float *a, size_t step_a,
                         const float *b, size_t ld_b)
{
    for (int j = 0; j < columns; j++)
        sum[j] = 0.0;
    for (int l = 0; l < k; l++) {
        const double factor = (double)a[(size_t)l * step_a];
        for (int j = 0; j < columns; j++)
            sum[j] += factor * (double)b[transpose_b ? (size_t)j * ld_b + (size_t)l : (size_t)l * ld_b + (size_t)j];
    }
}

void cblas_sgemm(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE transpose_a, enum CBLAS_TRANSPOSE transpose_b, int m,
                 int n, int k, float alpha, const float *a, int ld_a, const float *b, int ld_b, float beta, float *c,
                 int ld_c)
{
    const size_t row = transpose_a == CblasTrans ? 1 : (size_t)ld_a,
                 step = transpose_a == CblasTrans ? (size_t)ld_a : 1,
                 column = transpose_b == CblasTrans ? (size_t)ld_b : 1;
    double sum[BLOCK];
    (void)order;
    for (int i = 0; i < m; i++)
        for (int first = 0; first < n; first += BLOCK) {
            const int columns = n - first < BLOCK ? n - first : BLOCK;
            float *line = c + (size_t)i * (size_t)ld_c + first;
            multiply_row(sum, transpose_b == CblasTrans, columns, k, a + (size_t)i * row, step,
                         b + (size_t)first * column, (size_t)ld_b);
            for (int j = 0; j < columns; j++)
                line[j] = (float)((double)alpha * sum[j] + (beta == 0.0f ? 0.0 : (double)beta * (double)line[j]));
        }
}

char *openblas_get_corename(void)
{
    static char name[] = "plain";
    return name;
}

/* Threads may multiply at the same time, each by itself. */
int openblas_get_parallel(void)
{
    return 1;
}

int openblas_get_num_threads(void)
{
    return 1;
}

void openblas_set_num_threads(int threads)
{
    (void)threads;
}

void *blas_memory_alloc(int unused)
{
    (void)unused;
    return malloc(1);
}

void blas_memory_free(void *buffer)
{
    free(buffer);
}

/* The matrix products of a training step and nothing else: the four rows of mlp.c, cut as src/network cuts them (four
 * tiles of rows, weight gradients over the whole batch in two blocks), on one thread and on huge pages. No step that
 * multiplies with this sgemm can be faster than this. JSON out.
 *
 *     OMP_NUM_THREADS=1 products --seconds 2
 */
#define _DEFAULT_SOURCE

#include "clock.h"

#include <cblas.h>
#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { TIME_FEATURES = 32, LAYERS_MOST = 8 };

typedef struct row {
    int dim, width, depth, batch;
} row;

static const row rows[] = {{2, 64, 3, 256}, {2, 128, 4, 512}, {2, 512, 2, 1024}, {32, 256, 4, 1024}};

typedef struct job {
    row shape;
    int layers, in[LAYERS_MOST], out[LAYERS_MOST];
    float *weight[LAYERS_MOST], *gradient[LAYERS_MOST], *h[LAYERS_MOST + 1], *dh[LAYERS_MOST + 1];
} job;

static float *numbers(size_t count)
{
    const size_t huge = (size_t)1 << 21;
    size_t bytes = (count * sizeof(float) + huge - 1) / huge * huge;
    float *values = aligned_alloc(huge, bytes);
    if (values == NULL)
        exit(1);
    (void)madvise(values, bytes, MADV_HUGEPAGE);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)(i % 7) * 0.1f - 0.3f;
    return values;
}

static void set_up(job *work, row shape)
{
    work->shape = shape;
    work->layers = shape.depth + 1;
    for (int l = 0; l < work->layers; l++) {
        work->in[l] = l == 0 ? shape.dim + TIME_FEATURES : shape.width;
        work->out[l] = l == shape.depth ? shape.dim : shape.width;
        work->weight[l] = numbers((size_t)work->in[l] * (size_t)work->out[l]);
        work->gradient[l] = numbers((size_t)work->in[l] * (size_t)work->out[l]);
        work->h[l] = numbers((size_t)shape.batch * (size_t)work->in[l]);
        work->dh[l] = numbers((size_t)shape.batch * (size_t)work->in[l]);
    }
    work->h[work->layers] = numbers((size_t)shape.batch * (size_t)shape.dim);
    work->dh[work->layers] = numbers((size_t)shape.batch * (size_t)shape.dim);
}

static void tear_down(job *work)
{
    for (int l = 0; l <= work->layers; l++) {
        free(work->h[l]);
        free(work->dh[l]);
        if (l < work->layers) {
            free(work->weight[l]);
            free(work->gradient[l]);
        }
    }
}

static int step(void *context)
{
    const job *work = context;
    int n = work->shape.batch, tile = n < 1024 ? n / 2 : n / 4;
    for (int first = 0; first < n; first += tile)
        for (int l = 0; l < work->layers; l++)
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, tile, work->out[l], work->in[l], 1.0f,
                        work->h[l] + first * work->in[l], work->in[l], work->weight[l], work->in[l], 0.0f,
                        work->h[l + 1] + first * work->out[l], work->out[l]);
    for (int first = 0; first < n; first += tile)
        for (int l = work->layers - 1; l > 0; l--)
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, tile, work->in[l], work->out[l], 1.0f,
                        work->dh[l + 1] + first * work->out[l], work->out[l], work->weight[l], work->in[l], 0.0f,
                        work->dh[l] + first * work->in[l], work->in[l]);
    for (int l = 0; l < work->layers; l++) {
        int block = work->out[l] / 2 < 128 ? 128 : work->out[l] / 2;
        for (int first = 0; first < work->out[l]; first += block)
            cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans,
                        work->out[l] - first < block ? work->out[l] - first : block, work->in[l], n, 1.0f,
                        work->dh[l + 1] + first, work->out[l], work->h[l], work->in[l], 0.0f,
                        work->gradient[l] + first * work->in[l], work->in[l]);
    }
    return 0;
}

static double operations(const job *work)
{
    double sum = 0.0;
    for (int l = 0; l < work->layers; l++)
        sum += 2.0 * work->shape.batch * work->in[l] * work->out[l] * (l > 0 ? 3.0 : 2.0);
    return sum;
}

int main(int argc, char **argv)
{
    double seconds = argc == 3 && strcmp(argv[1], "--seconds") == 0 ? atof(argv[2]) : 1.0;
    printf("{\"blas\": \"OpenBLAS %s\", \"rows\": [\n", diffusion_blas_core());
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        job work;
        set_up(&work, rows[i]);
        double best = clock_best(step, &work, seconds);
        printf("  {\"dim\": %d, \"width\": %d, \"depth\": %d, \"batch\": %d, \"microseconds\": %.0f, \"gflops\": "
               "%.0f}%s\n",
               rows[i].dim, rows[i].width, rows[i].depth, rows[i].batch, best * 1e6, operations(&work) / best / 1e9,
               i + 1 < sizeof rows / sizeof *rows ? "," : "");
        tear_down(&work);
    }
    puts("]}");
    return 0;
}

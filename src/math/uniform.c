#include "math/uniform.h"

#include "math/blas.h"

#include <pthread.h>
#include <string.h>

enum { MOST = 64 };

static uniform_rows found;

/* Numbers whose sums round differently in every order: fractions of a multiplicative sequence, in -0.5..0.5. */
static void fill(float *values, size_t count, uint32_t state)
{
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (float)(state >> 8) * 0x1p-24f - 0.5f;
    }
}

/* Multiplies UNIFORM_ROWS times the same row, and strikes out the places whose result is not the first one's. */
static void try_shape(int *alike, size_t n, size_t k)
{
    static float x[UNIFORM_ROWS * MOST], w[MOST * MOST], y[UNIFORM_ROWS * MOST]; /* called once: too much for a stack */
    fill(x, k, 1);
    fill(w, n * k, 2);
    for (size_t i = 1; i < UNIFORM_ROWS; i++)
        memcpy(x + i * k, x, k * sizeof *x);
    blas_sgemm(0, 1, UNIFORM_ROWS, n, k, 1.0f, x, k, w, k, 0.0f, y, n);
    for (size_t i = 0; i < UNIFORM_ROWS; i++)
        alike[i] = alike[i] && memcmp(y, y + i * n, n * sizeof *y) == 0;
}

static void find(void *context, size_t task, size_t slot)
{
    (void)context;
    (void)task;
    (void)slot;
    int alike[UNIFORM_ROWS];
    for (size_t i = 0; i < UNIFORM_ROWS; i++)
        alike[i] = 1;
    static const struct {
        size_t n, k;
    } shapes[] = {{64, 64}, {48, 61}, {17, 33}, {2, 64}, {1, 50}, {7, 20}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        try_shape(alike, shapes[i].n, shapes[i].k);
    found.count = 0; /* a child begins anew what a fork has cut off */
    for (size_t i = 0; i < UNIFORM_ROWS; i++)
        if (alike[i])
            found.row[found.count++] = (uint8_t)i;
}

static void find_once(void)
{
    blas_parallel_for(1, 0, find, NULL);
}

/* ---- products of any number of rows ---- */

enum { DEEPEST = 256, WIDEST = 64, TALLEST = 128 };

static int everywhere;

static int alike_for(float *y, const float *x, const float *w, size_t n, size_t k)
{
    static const size_t heights[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17, 24, 31, 32, 48, 61, 64, 100, TALLEST};
    float first[WIDEST];
    for (size_t i = sizeof heights / sizeof *heights; i-- > 0;) {
        for (size_t j = 0; j < heights[i]; j++)
            memcpy(y + j * n, w, n * sizeof *y);
        blas_sgemm(0, 0, heights[i], n, k, 1.0f, x, k, w, n, 1.0f, y, n);
        if (heights[i] == TALLEST)
            memcpy(first, y, n * sizeof *y);
        for (size_t j = 0; j < heights[i]; j++)
            if (memcmp(first, y + j * n, n * sizeof *y) != 0)
                return 0;
    }
    return 1;
}

static void find_everywhere(void *context, size_t task, size_t slot)
{
    (void)context;
    (void)task;
    (void)slot;
    static const struct {
        size_t n, k;
    } shapes[] = {{64, 256}, {64, 128}, {48, 100}, {32, 32}, {16, 3}, {64, 27}, {16, 256}};
    static float x[TALLEST * DEEPEST], w[DEEPEST * WIDEST], y[TALLEST * WIDEST];
    everywhere = 1;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        fill(x, shapes[i].k, 3);
        fill(w, shapes[i].k * shapes[i].n, 4);
        for (size_t j = 1; j < TALLEST; j++)
            memcpy(x + j * shapes[i].k, x, shapes[i].k * sizeof *x);
        everywhere = everywhere && alike_for(y, x, w, shapes[i].n, shapes[i].k);
    }
}

static void find_everywhere_once(void)
{
    blas_parallel_for(1, 0, find_everywhere, NULL);
}

int uniform_everywhere(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_everywhere_once);
    return everywhere;
}

/* ---- products of UNIFORM_ROWS rows ---- */

const uniform_rows *uniform_rows_get(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_once);
    return &found;
}

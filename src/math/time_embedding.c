#include "math/time_embedding.h"

#include "base/memory.h"
#include "base/vector.h"

#include <math.h>

/* t = STRIDE * coarse + fine; the table holds [COARSE + STRIDE] rows of half sines and half cosines. */
enum { STRIDE = 512, COARSE = TIME_EMBEDDING_STEPS / STRIDE + 1 };

static void fill_row(float *row, size_t half, double t)
{
    for (size_t j = 0; j < half; j++) {
        double angle = t * pow(10000.0, -(double)j / (double)half);
        row[j] = (float)sin(angle);
        row[half + j] = (float)cos(angle);
    }
}

diffusion_status time_embedding_create(time_embedding *out, size_t features)
{
    size_t half = features / 2;
    float *table = memory_allocate((COARSE + STRIDE) * 2, half * sizeof *table);
    if (table == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t i = 0; i < COARSE; i++)
        fill_row(table + i * 2 * half, half, (double)(i * STRIDE));
    for (size_t i = 0; i < STRIDE; i++)
        fill_row(table + (COARSE + i) * 2 * half, half, (double)i);
    *out = (time_embedding){half, table};
    return DIFFUSION_OK;
}

void time_embedding_release(time_embedding *embedding)
{
    memory_release(embedding->table);
    embedding->table = NULL;
}

VECTOR_CLONES static void add_angles(float *restrict sine, float *restrict cosine, const float *restrict a,
                                     const float *restrict b, size_t half)
{
    for (size_t j = 0; j < half; j++) {
        sine[j] = a[j] * b[half + j] + a[half + j] * b[j];
        cosine[j] = a[half + j] * b[half + j] - a[j] * b[j];
    }
}

void time_embedding_row(const time_embedding *embedding, float *out, int32_t t)
{
    size_t half = embedding->half;
    const float *coarse = embedding->table + (size_t)t / STRIDE * 2 * half;
    const float *fine = embedding->table + (COARSE + (size_t)t % STRIDE) * 2 * half;
    add_angles(out, out + half, coarse, fine, half);
}

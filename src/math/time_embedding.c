#include "math/time_embedding.h"

#include "base/memory.h"
#include "base/vector.h"

#include <math.h>

/* t = COARSE_STEP * coarse + fine + rest; the table holds [COARSE + COARSE_STEP] rows of half sines and half cosines,
 * and one row of half frequencies. */
enum { COARSE_STEP = 512, COARSE = TIME_EMBEDDING_STEPS / COARSE_STEP + 1 };

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
    float *table = memory_allocate((COARSE + COARSE_STEP) * 2 + 1, half * sizeof *table);
    if (table == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t i = 0; i < COARSE; i++)
        fill_row(table + i * 2 * half, half, (double)(i * COARSE_STEP));
    for (size_t i = 0; i < COARSE_STEP; i++)
        fill_row(table + (COARSE + i) * 2 * half, half, (double)i);
    for (size_t j = 0; j < half; j++)
        table[(COARSE + COARSE_STEP) * 2 * half + j] = (float)pow(10000.0, -(double)j / (double)half);
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

/* Turns every angle on by rest * frequency, at most 1: Taylor's series, of which the next term is below 1e-8. */
VECTOR_CLONES static void turn(float *restrict sine, float *restrict cosine, const float *restrict frequency,
                               float rest, size_t half)
{
    for (size_t j = 0; j < half; j++) {
        float a = rest * frequency[j], b = a * a;
        float s = a * (1.0f - b / 6.0f * (1.0f - b / 20.0f * (1.0f - b / 42.0f * (1.0f - b / 72.0f))));
        float c = 1.0f - b / 2.0f * (1.0f - b / 12.0f * (1.0f - b / 30.0f * (1.0f - b / 56.0f * (1.0f - b / 90.0f))));
        float before = sine[j];
        sine[j] = before * c + cosine[j] * s;
        cosine[j] = cosine[j] * c - before * s;
    }
}

void time_embedding_row(const time_embedding *embedding, float *out, double t)
{
    size_t half = embedding->half;
    if (!(t >= 0.0 && t <= (double)TIME_EMBEDDING_STEPS)) {
        fill_row(out, half, t);
        return;
    }
    size_t whole = (size_t)t;
    const float *coarse = embedding->table + whole / COARSE_STEP * 2 * half;
    const float *fine = embedding->table + (COARSE + whole % COARSE_STEP) * 2 * half;
    add_angles(out, out + half, coarse, fine, half);
    float rest = (float)(t - (double)whole);
    if (rest > 0.0f)
        turn(out, out + half, embedding->table + (COARSE + COARSE_STEP) * 2 * half, rest, half);
}

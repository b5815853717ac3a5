#include "evaluate/distances.h"

#include "base/memory.h"
#include "math/blas.h"

#include <float.h>
#include <math.h>

double *distances_centre(const float *rows, size_t count, size_t dim)
{
    double *centre = memory_allocate(dim, sizeof *centre);
    for (size_t i = 0; i < count && centre != NULL; i++)
        for (size_t j = 0; j < dim; j++)
            centre[j] += (double)rows[i * dim + j] / (double)count;
    return centre;
}

static double centre_row(float *out, const float *row, const double *centre, size_t dim)
{
    double square = 0.0;
    for (size_t j = 0; j < dim; j++) {
        out[j] = (float)((double)row[j] - centre[j]);
        square += (double)out[j] * (double)out[j];
    }
    return square;
}

diffusion_status centred_create(centred *out, const float *rows, size_t count, size_t dim, const double *centre)
{
    *out = (centred){.rows = rows, .count = count, .dim = dim};
    if ((out->values = memory_allocate(count * dim, sizeof *out->values)) == NULL ||
        (out->square = memory_allocate(count, sizeof *out->square)) == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t i = 0; i < count; i++)
        out->square[i] = centre_row(out->values + i * dim, rows + i * dim, centre, dim);
    return DIFFUSION_OK;
}

void centred_release(centred *of)
{
    memory_release(of->values);
    memory_release(of->square);
    *of = (centred){0};
}

void distances_multiply(float *product, const centred *a, size_t first, size_t rows, const centred *b, size_t from,
                        size_t columns)
{
    blas_sgemm(0, 1, rows, columns, a->dim, 1.0f, a->values + first * a->dim, a->dim, b->values + from * a->dim, a->dim,
               0.0f, product, DISTANCES_COLUMNS);
}

double distances_blur(double squares, size_t dim)
{
    return 0.5 * FLT_EPSILON * (sqrt((double)dim) + 4.0) * squares;
}

double distances_bound(double squares, size_t dim)
{
    return 0.5 * FLT_EPSILON * ((double)dim + 4.0) * squares;
}

double distances_direct(const float *a, const float *b, size_t dim)
{
    double sum = 0.0;
    for (size_t j = 0; j < dim; j++) {
        double difference = (double)a[j] - (double)b[j];
        sum += difference * difference;
    }
    return sum;
}

#include "latent/between.h"

#include <math.h>

static double dot(const float *a, const float *b, size_t dim)
{
    double sum = 0;
    for (size_t j = 0; j < dim; j++)
        sum += (double)a[j] * (double)b[j];
    return sum;
}

void between_at(float *out, const float *a, const float *b, size_t dim, double part)
{
    const double lengths = sqrt(dot(a, a, dim) * dot(b, b, dim));
    const double cosine = lengths > 0 ? fmin(fmax(dot(a, b, dim) / lengths, -1), 1) : 1, angle = acos(cosine);
    const int straight = sin(angle) < 1e-6;
    const double of_a = straight ? 1 - part : sin((1 - part) * angle) / sin(angle);
    const double of_b = straight ? part : sin(part * angle) / sin(angle);
    for (size_t j = 0; j < dim; j++)
        out[j] = (float)(of_a * (double)a[j] + of_b * (double)b[j]);
}

void between_fill(float *out, const float *rows, size_t points, size_t count, size_t dim)
{
    for (size_t k = 0; k + 1 < points; k++)
        for (size_t i = 0; i < count; i++)
            between_at(out + (k * count + i) * dim, rows + k * dim, rows + (k + 1) * dim, dim,
                       (double)i / (double)(count - 1));
}

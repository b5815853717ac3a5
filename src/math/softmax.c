#include "math/softmax.h"

#include "base/vector.h"
#include "math/exponential.h"

enum { LANES = 16 }; /* sums and maxima that run side by side, so that the loops vectorise */

VECTOR_CLONES static float largest(const float *x, size_t width)
{
    float lane[LANES], most = x[0];
    size_t j = 0;
    for (size_t i = 0; i < LANES; i++)
        lane[i] = x[0];
    for (; j + LANES <= width; j += LANES)
        for (size_t i = 0; i < LANES; i++)
            lane[i] = x[j + i] > lane[i] ? x[j + i] : lane[i];
    for (; j < width; j++)
        most = x[j] > most ? x[j] : most;
    for (size_t i = 0; i < LANES; i++)
        most = lane[i] > most ? lane[i] : most;
    return most;
}

/* exp(x - shift) */
VECTOR_CLONES static void exponentials(float *y, const float *x, float shift, size_t width)
{
    VECTOR_LOOP for (size_t j = 0; j < width; j++) y[j] = exponential(x[j] - shift);
}

VECTOR_CLONES static float sum_of(const float *x, size_t width)
{
    float lane[LANES] = {0}, sum = 0.0f;
    size_t j = 0;
    for (; j + LANES <= width; j += LANES)
        for (size_t i = 0; i < LANES; i++)
            lane[i] += x[j + i];
    for (; j < width; j++)
        sum += x[j];
    for (size_t i = 0; i < LANES; i++)
        sum += lane[i];
    return sum;
}

VECTOR_CLONES static float sum_of_products(const float *x, const float *y, size_t width)
{
    float lane[LANES] = {0}, sum = 0.0f;
    size_t j = 0;
    for (; j + LANES <= width; j += LANES)
        for (size_t i = 0; i < LANES; i++)
            lane[i] += x[j + i] * y[j + i];
    for (; j < width; j++)
        sum += x[j] * y[j];
    for (size_t i = 0; i < LANES; i++)
        sum += lane[i];
    return sum;
}

VECTOR_CLONES static void scale(float *y, float factor, size_t width)
{
    for (size_t j = 0; j < width; j++)
        y[j] *= factor;
}

void softmax_forward(float *y, const float *x, size_t rows, size_t width)
{
    for (size_t i = 0; i < rows; i++, x += width, y += width) {
        exponentials(y, x, largest(x, width), width);
        scale(y, 1.0f / sum_of(y, width), width);
    }
}

VECTOR_CLONES static void differences(float *dx, const float *y, const float *dy, float mean, size_t width)
{
    VECTOR_LOOP for (size_t j = 0; j < width; j++) dx[j] = y[j] * (dy[j] - mean);
}

void softmax_backward(float *dx, const float *y, const float *dy, size_t rows, size_t width)
{
    for (size_t i = 0; i < rows; i++, dx += width, y += width, dy += width)
        differences(dx, y, dy, sum_of_products(y, dy, width), width);
}

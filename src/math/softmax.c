#include "math/softmax.h"

#include "base/vector.h"
#include "math/exponential.h"

static float largest(const float *x, size_t width)
{
    float most = x[0];
    for (size_t j = 1; j < width; j++)
        most = x[j] > most ? x[j] : most;
    return most;
}

/* exp(x - shift) */
VECTOR_CLONES static void exponentials(float *y, const float *x, float shift, size_t width)
{
    VECTOR_LOOP for (size_t j = 0; j < width; j++) y[j] = exponential(x[j] - shift);
}

VECTOR_CLONES static void scale(float *y, float factor, size_t width)
{
    for (size_t j = 0; j < width; j++)
        y[j] *= factor;
}

void softmax_forward(float *y, const float *x, size_t rows, size_t width)
{
    for (size_t i = 0; i < rows; i++, x += width, y += width) {
        float sum = 0.0f;
        exponentials(y, x, largest(x, width), width);
        for (size_t j = 0; j < width; j++)
            sum += y[j];
        scale(y, 1.0f / sum, width);
    }
}

void softmax_backward(float *dx, const float *y, const float *dy, size_t rows, size_t width)
{
    for (size_t i = 0; i < rows; i++, dx += width, y += width, dy += width) {
        float sum = 0.0f;
        for (size_t j = 0; j < width; j++)
            sum += y[j] * dy[j];
        for (size_t j = 0; j < width; j++)
            dx[j] = y[j] * (dy[j] - sum);
    }
}

#include "math/orthogonal.h"

#include "base/size.h"
#include "math/multiply.h"

#include <math.h>
#include <string.h>

enum { ITERATIONS = 5 };

/* a x + b x^3 + c x^5: steep at 0, and about 1 from there on. */
static const float LINEAR = 3.4445F, CUBIC = -4.7750F, QUINTIC = 2.0315F;

size_t orthogonal_scratch_size(size_t rows, size_t columns)
{
    const size_t side = size_lesser(rows, columns);
    return rows * columns + 2 * side * side + MULTIPLY_PANEL;
}

/* The matrix of the shorter side: a a^T, or a^T a. */
static void multiply_by_itself(float *square, const float *a, size_t rows, size_t columns, float *panel)
{
    if (rows <= columns)
        multiply_transposed(rows, rows, columns, 1.0F, a, columns, a, columns, 0.0F, square, rows, panel);
    else
        multiply(1, columns, columns, rows, 1.0F, a, columns, a, columns, 0.0F, square, columns);
}

/* to = LINEAR a + (CUBIC s + QUINTIC s^2) a with s = a a^T; from the right where that is the smaller square. */
static void iterate(float *to, const float *a, size_t rows, size_t columns, float *square, float *powers, float *panel)
{
    const size_t side = size_lesser(rows, columns);
    multiply_by_itself(square, a, rows, columns, panel);
    memcpy(powers, square, side * side * sizeof(float));
    multiply(0, side, side, side, QUINTIC, square, side, square, side, CUBIC, powers, side);
    memcpy(to, a, rows * columns * sizeof(float));
    if (rows <= columns)
        multiply(0, rows, columns, rows, 1.0F, powers, rows, a, columns, LINEAR, to, columns);
    else
        multiply(0, rows, columns, columns, 1.0F, a, columns, powers, columns, LINEAR, to, columns);
}

void orthogonal_factor(float *a, size_t rows, size_t columns, float *scratch)
{
    const size_t count = rows * columns, side = size_lesser(rows, columns);
    float *other = scratch, *square = other + count, *powers = square + side * side, *panel = powers + side * side;
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)a[i];
    if (!(sum > 0.0))
        return;
    const double scale = 1.0 / sqrt(sum);
    for (size_t i = 0; i < count; i++)
        a[i] = (float)((double)a[i] * scale);
    for (int i = 0; i < ITERATIONS; i++) {
        iterate(other, a, rows, columns, square, powers, panel);
        memcpy(a, other, count * sizeof(float));
    }
}

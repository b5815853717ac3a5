/* Orthogonal factors: the same iterations in plain loops of doubles, singular values near 1, and singular vectors kept.
 */
#include "test.h"

#include "math/orthogonal.h"

#include <stdlib.h>

typedef struct shape {
    size_t rows, columns;
} shape;

static const shape shapes[] = {{1, 1},   {2, 2},  {1, 7},    {9, 1},    {3, 40},
                               {64, 64}, {40, 3}, {64, 576}, {300, 70}, {6, 288}};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static float *random_matrix(size_t count, unsigned seed)
{
    float *a = malloc(count * sizeof *a);
    for (size_t i = 0; i < count; i++)
        a[i] = (float)sin((double)(i + 1) * (double)(i + 7 * seed + 3) * 0.7310585);
    return a;
}

static float *factor_of(const float *a, shape of)
{
    const size_t count = of.rows * of.columns;
    float *factor = malloc(count * sizeof *factor);
    float *scratch = malloc(orthogonal_scratch_size(of.rows, of.columns) * sizeof *scratch);
    memcpy(factor, a, count * sizeof *a);
    orthogonal_factor(factor, of.rows, of.columns, scratch);
    free(scratch);
    return factor;
}

/* ---- in doubles ---- */

/* c = a b with a [m, k], b [k, n]. */
static void product(double *c, const double *a, const double *b, size_t m, size_t n, size_t k)
{
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            c[i * n + j] = 0.0;
            for (size_t l = 0; l < k; l++)
                c[i * n + j] += a[i * k + l] * b[l * n + j];
        }
}

/* x = 3.4445 x - 4.7750 (x x^T) x + 2.0315 (x x^T)^2 x, five times, from x / |x|: whichever side is the shorter. */
static double *plain_factor(const float *a, shape of)
{
    const size_t m = of.rows, n = of.columns, count = m * n;
    double *x = malloc(count * sizeof *x), *turned = malloc(count * sizeof *x), *once = malloc(count * sizeof *x),
           *twice = malloc(count * sizeof *x), *square = malloc(m * m * sizeof *x), norm = 0.0;
    for (size_t i = 0; i < count; i++)
        norm += (double)a[i] * (double)a[i];
    for (size_t i = 0; i < count; i++)
        x[i] = (double)a[i] / sqrt(norm);
    for (int step = 0; step < 5; step++) {
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++)
                turned[j * m + i] = x[i * n + j];
        product(square, x, turned, m, m, n);
        product(once, square, x, m, n, m);
        product(twice, square, once, m, n, m);
        for (size_t i = 0; i < count; i++)
            x[i] = 3.4445 * x[i] - 4.7750 * once[i] + 2.0315 * twice[i];
    }
    free(turned);
    free(once);
    free(twice);
    free(square);
    return x;
}

static void the_iterations_are_those_in_double(void **state)
{
    (void)state;
    for (size_t s = 0; s < SHAPES; s++) {
        const size_t count = shapes[s].rows * shapes[s].columns;
        float *a = random_matrix(count, (unsigned)s), *factor = factor_of(a, shapes[s]);
        double *truth = plain_factor(a, shapes[s]);
        for (size_t i = 0; i < count; i++)
            assert_close((double)factor[i], truth[i], 0, 2e-4);
        free(a);
        free(factor);
        free(truth);
    }
}

/* ---- what it is for ---- */

/* |v^T F| for the unit vectors v along the rows of a diagonal matrix: its singular values, from 1 down to 1e-2. */
static void singular_values_end_near_1(void **state)
{
    (void)state;
    enum { SIDE = 12, LONG = 20 };
    float a[SIDE * LONG] = {0};
    for (size_t i = 0; i < SIDE; i++)
        a[i * LONG + i] = (float)(1e3 * pow(10.0, -2.0 * (double)i / (SIDE - 1)));
    float *factor = factor_of(a, (shape){SIDE, LONG});
    for (size_t i = 0; i < SIDE; i++)
        for (size_t j = 0; j < LONG; j++) {
            const double value = (double)factor[i * LONG + j];
            assert_true(i == j ? value > 0.65 && value < 1.2 : fabs(value) < 1e-6);
            assert_true(fabs(value) < ORTHOGONAL_MOST);
        }
    free(factor);
}

/* Any beside one that is nearly all of the norm. */
static void singular_values_end_where_the_header_says(void **state)
{
    (void)state;
    for (double small = 2.001e-3; small < 1.0; small *= 1.01) {
        const float a[4] = {1.0F, 0.0F, 0.0F, (float)(small / sqrt(1.0 - small * small))};
        float *factor = factor_of(a, (shape){2, 2});
        assert_true((double)factor[3] > 0.6815 && (double)factor[3] < 1.21);
        free(factor);
    }
}

static void the_scale_is_of_no_matter(void **state)
{
    (void)state;
    const shape of = {5, 9};
    float *a = random_matrix(45, 3), *factor = factor_of(a, of);
    for (size_t i = 0; i < 45; i++)
        a[i] *= 1e-30F; /* its square is no float */
    float *again = factor_of(a, of);
    for (size_t i = 0; i < 45; i++)
        assert_close((double)again[i], (double)factor[i], 1e-5, 1e-6);
    free(a);
    free(factor);
    free(again);
}

static void zeros_stay(void **state)
{
    (void)state;
    const float a[6] = {0};
    float *factor = factor_of(a, (shape){2, 3});
    for (size_t i = 0; i < 6; i++)
        assert_true(factor[i] == 0.0F);
    free(factor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_iterations_are_those_in_double),
        cmocka_unit_test(singular_values_end_near_1),
        cmocka_unit_test(singular_values_end_where_the_header_says),
        cmocka_unit_test(the_scale_is_of_no_matter),
        cmocka_unit_test(zeros_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

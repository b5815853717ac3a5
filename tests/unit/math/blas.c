#include "test.h"

#include "math/blas.h"
#include "math/multiply.h"

#include <stdlib.h>

static void fill(float *values, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        values[i] = (float)(int32_t)seed * 0x1p-31f;
    }
}

static float *numbers(size_t count, uint32_t seed)
{
    float *values = malloc((count + 1) * sizeof *values);
    assert_non_null(values);
    fill(values, count, seed);
    return values;
}

typedef struct product {
    __typeof__(blas_sgemm) *multiply;
    int transpose_a, transpose_b;
    size_t m, n, k;
    float alpha, beta;
    const float *a, *b;
    float *c;
    size_t ld_a, ld_b, ld_c;
} product;

/* As a task: outside of one OpenBLAS may split a product among threads of its own. */
static void compute(void *context, size_t task, size_t slot)
{
    (void)task, (void)slot;
    const product *p = context;
    p->multiply(p->transpose_a, p->transpose_b, p->m, p->n, p->k, p->alpha, p->a, p->ld_a, p->b, p->ld_b, p->beta, p->c,
                p->ld_c);
}

/* Rows stand a few elements apart, and what is between them must stay as it is. */
static void check(product p)
{
    size_t ld_a = (p.transpose_a ? p.m : p.k) + 3, ld_b = (p.transpose_b ? p.k : p.n) + 2, ld_c = p.n + 1;
    float *a = numbers((p.transpose_a ? p.k : p.m) * ld_a, 1), *b = numbers((p.transpose_b ? p.n : p.k) * ld_b, 2);
    float *c = numbers(p.m * ld_c, 3), *before = numbers(p.m * ld_c, 3);
    if (p.beta == 0.0f)
        for (size_t i = 0; i < p.m; i++)
            c[i * ld_c] = NAN; /* is not read */
    p.a = a;
    p.b = b;
    p.c = c;
    p.ld_a = ld_a;
    p.ld_b = ld_b;
    p.ld_c = ld_c;
    blas_parallel_for(1, 0, compute, &p);
    for (size_t i = 0; i < p.m; i++) {
        for (size_t j = 0; j < p.n; j++) {
            double sum = 0.0, old = p.beta == 0.0f ? 0.0 : (double)p.beta * (double)before[i * ld_c + j];
            for (size_t l = 0; l < p.k; l++)
                sum += (double)a[p.transpose_a ? l * ld_a + i : i * ld_a + l] *
                       (double)b[p.transpose_b ? j * ld_b + l : l * ld_b + j];
            assert_close((double)c[i * ld_c + j], (double)p.alpha * sum + old, 1e-6, 2e-7 * (double)(p.k + 1));
        }
        assert_true(c[i * ld_c + p.n] == before[i * ld_c + p.n]);
    }
    float *all[] = {a, b, c, before};
    for (size_t i = 0; i < 4; i++)
        free(all[i]);
}

/* Transposed may be neither factor, a, b and both: so many of the four. */
static void check_all(__typeof__(blas_sgemm) *multiplication, int kinds)
{
    static const size_t sizes[][3] = {{1, 1, 1}, {1, 7, 5},    {5, 1, 3},    {3, 4, 1},     {17, 13, 9},
                                      {2, 3, 0}, {64, 64, 64}, {96, 33, 47}, {65, 96, 129}, {150, 70, 300}};
    static const float scales[][2] = {{1, 0}, {1, 1}, {-0.5f, 2}};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (int transposes = 0; transposes < kinds; transposes++)
            for (size_t f = 0; f < 3; f++)
                check((product){.multiply = multiplication,
                                .transpose_a = transposes & 1,
                                .transpose_b = transposes >> 1,
                                .m = sizes[s][0],
                                .n = sizes[s][1],
                                .k = sizes[s][2],
                                .alpha = scales[f][0],
                                .beta = scales[f][1]});
}

static void a_product_is_that_of_the_definition(void **state)
{
    (void)state;
    check_all(blas_sgemm, 4);
}

static void multiply_either(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, float alpha, const float *a,
                            size_t ld_a, const float *b, size_t ld_b, float beta, float *c, size_t ld_c)
{
    static float panel[MULTIPLY_PANEL];
    if (transpose_b)
        multiply_transposed(m, n, k, alpha, a, ld_a, b, ld_b, beta, c, ld_c, panel);
    else
        multiply(transpose_a, m, n, k, alpha, a, ld_a, b, ld_b, beta, c, ld_c);
}

static void a_product_in_blocks_is_that_of_the_definition(void **state)
{
    (void)state;
    check_all(multiply_either, 3);
}

enum { TASKS = 13, SIZE = 48 };

typedef struct job {
    const float *a, *b;
    float *c;
} job;

static void multiply_part(void *context, size_t task, size_t slot)
{
    (void)slot;
    const job *self = context;
    size_t at = task * SIZE * SIZE;
    blas_sgemm(0, 1, SIZE, SIZE, SIZE, 1.0f, self->a + at, SIZE, self->b + at, SIZE, 0.0f, self->c + at, SIZE);
}

static void products_have_the_same_bits_on_any_number_of_threads(void **state)
{
    (void)state;
    size_t count = TASKS * SIZE * SIZE;
    float *a = numbers(count, 1), *b = numbers(count, 2), *truth = numbers(count, 3), *got = numbers(count, 4);
    assert_ok(diffusion_set_threads(1));
    blas_parallel_for(TASKS, TASKS * SIZE * SIZE * SIZE, multiply_part, &(job){a, b, truth});
    for (int32_t threads = 2; threads <= 5; threads++) {
        fill(got, count, 9);
        assert_ok(diffusion_set_threads(threads));
        blas_parallel_for(TASKS, TASKS * SIZE * SIZE * SIZE, multiply_part, &(job){a, b, got});
        assert_memory_equal(got, truth, count * sizeof *got);
    }
    assert_ok(diffusion_set_threads(0));
    float *all[] = {a, b, truth, got};
    for (size_t i = 0; i < 4; i++)
        free(all[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_is_that_of_the_definition),
        cmocka_unit_test(a_product_in_blocks_is_that_of_the_definition),
        cmocka_unit_test(products_have_the_same_bits_on_any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

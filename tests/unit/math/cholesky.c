/* Symmetric systems: a solution known beforehand, and unknowns that say the same twice. */
#include "test.h"

#include "math/cholesky.h"

enum { N = 5 };

/* Rows of a matrix B, of which A = B' B. */
static void fill(double *a, const double rows[][N], size_t count)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            a[i * N + j] = 0.0;
            for (size_t k = 0; k < count; k++)
                a[i * N + j] += rows[k][i] * rows[k][j];
        }
}

static void times_vector(double *b, const double *a, const double *x)
{
    for (size_t i = 0; i < N; i++) {
        b[i] = 0.0;
        for (size_t j = 0; j < N; j++)
            b[i] += a[i * N + j] * x[j];
    }
}

static void a_system_gives_back_what_made_it(void **state)
{
    (void)state;
    const double rows[N][N] = {
        {1e6, 2, 0, 1, 3}, {2, 1, 1, 0, 1}, {1, 0, 1e-6, 2, 1}, {1, 4, 1, 5, 9}, {2, 6, 5, 3, 5}};
    const double truth[2 * N] = {1, -2, 3, 0.5, -0.25, 0.5, 1, 2, -1, 1.5};
    double a[N * N], b[2 * N], x[2 * N];
    fill(a, rows, N);
    for (size_t side = 0; side < 2; side++)
        times_vector(b + side * N, a, truth + side * N);
    assert_ok(cholesky_solve(x, a, b, N, 2, 1e-14));
    for (size_t i = 0; i < 2 * N; i++)
        assert_close(x[i], truth[i], 1e-8, 0);
}

/* Rank 2: some solution with two unknowns. */
static void what_the_others_span_is_left_out(void **state)
{
    (void)state;
    const double rows[2][N] = {{1, 2, 1, 3, 1}, {0, 1, 1, 1, 2}}, made[N] = {1, 1, 1, 1, 1};
    double a[N * N], kept[N * N], b[N], again[N], x[N];
    size_t used = 0;
    fill(a, rows, 2);
    memcpy(kept, a, sizeof a);
    times_vector(b, a, made);
    assert_ok(cholesky_solve(x, a, b, N, 1, 1e-12));
    times_vector(again, kept, x);
    for (size_t i = 0; i < N; i++) {
        assert_close(again[i], b[i], 1e-12, 0);
        used += x[i] != 0.0;
    }
    assert_int_equal(used, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_system_gives_back_what_made_it),
        cmocka_unit_test(what_the_others_span_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

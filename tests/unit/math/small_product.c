/* Products with small matrices: every version that this processor can run, against sums in double. */
#include "make.h"

#include "math/small_product.h"

enum { ROWS = 27, MOST = 70, GUARD = 3 };

static float x[ROWS * MOST], w[MOST * MOST], prepared[MOST * 80], y[ROWS * MOST + GUARD], alone[MOST];

static const struct {
    size_t out, in;
} shapes[] = {{1, 1}, {2, 64}, {15, 7}, {16, 16}, {17, 3}, {50, 61}, {63, 5}, {64, 34}, {65, 20}, {70, 70}};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

/* Numbers whose sums round differently in every order. */
static void fill(float *values, size_t count, uint32_t state)
{
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (float)(state >> 8) * 0x1p-24f - 0.5f;
    }
}

static void enter_shape(size_t out, size_t in)
{
    fill(x, ROWS * in, 1);
    fill(w, out * in, 2);
    assert_true(small_product_size(out, in) <= sizeof prepared / sizeof *prepared);
    small_product_prepare(prepared, w, out, in);
    for (size_t i = 0; i < ROWS * out + GUARD; i++)
        y[i] = 99.0f;
}

static void products_are_sums_in_double(void **state)
{
    (void)state;
    for (size_t version = 0; small_product_version(version) != NULL; version++)
        for (size_t s = 0; s < SHAPES; s++) {
            const size_t out = shapes[s].out, in = shapes[s].in;
            enter_shape(out, in);
            small_product_version(version)(y, x, prepared, ROWS, out, in);
            for (size_t i = 0; i < ROWS; i++)
                for (size_t j = 0; j < out; j++) {
                    double sum = 0.0;
                    for (size_t k = 0; k < in; k++)
                        sum += (double)x[i * in + k] * (double)w[j * in + k];
                    assert_close((double)y[i * out + j], sum, 0, 4e-7 * sqrt((double)in));
                }
            for (size_t i = 0; i < GUARD; i++)
                assert_true(y[ROWS * out + i] == 99.0f);
        }
}

static void rows_have_the_same_bits_among_however_many(void **state)
{
    (void)state;
    for (size_t version = 0; small_product_version(version) != NULL; version++)
        for (size_t s = 0; s < SHAPES; s++) {
            const size_t out = shapes[s].out, in = shapes[s].in;
            enter_shape(out, in);
            for (size_t i = 0; i < ROWS; i++) {
                small_product_version(version)(alone, x + i * in, prepared, 1, out, in);
                for (size_t rows = i + 1; rows <= ROWS; rows++) {
                    small_product_version(version)(y, x, prepared, rows, out, in);
                    assert_same(y + i * out, alone, out * sizeof *y);
                }
            }
        }
}

static void the_last_version_is_the_one_used(void **state)
{
    (void)state;
    static float truth[ROWS * MOST];
    size_t last = 0;
    while (small_product_version(last + 1) != NULL)
        last++;
    enter_shape(50, 61);
    small_product(y, x, prepared, ROWS, 50, 61);
    small_product_version(last)(truth, x, prepared, ROWS, 50, 61);
    assert_same(y, truth, ROWS * 50 * sizeof *y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_sums_in_double),
        cmocka_unit_test(rows_have_the_same_bits_among_however_many),
        cmocka_unit_test(the_last_version_is_the_one_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

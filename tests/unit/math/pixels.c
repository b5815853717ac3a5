/* Copies, sums and repetitions of pixels, against loops. */
#include "make.h"

#include "math/pixels.h"
#include "math/pool.h"

enum { N = 3, PIXELS = 71, WIDTH = 5, ROW_X = 8, ROW_Y = 6 };

static float x[N * PIXELS * ROW_X], y[N * PIXELS * ROW_Y];

static void fill(void)
{
    make_numbers(x, N * PIXELS * ROW_X, 1);
    make_numbers(y, N * PIXELS * ROW_Y, 2);
}

static void copies_and_sums_touch_their_channels_alone(void **state)
{
    (void)state;
    static float before[N * PIXELS * ROW_Y];
    for (int add = 0; add <= 1; add++) {
        fill();
        memcpy(before, y, sizeof y);
        (add ? pixels_add : pixels_copy)(y, ROW_Y, x, ROW_X, N, PIXELS, WIDTH);
        for (size_t i = 0; i < N * PIXELS; i++)
            for (size_t c = 0; c < ROW_Y; c++) {
                float old = before[i * ROW_Y + c], other = x[i * ROW_X + c];
                assert_true(y[i * ROW_Y + c] == (c >= WIDTH ? old : add ? old + other : other));
            }
    }
}

static void sums_are_over_the_pixels_of_each_image(void **state)
{
    (void)state;
    fill();
    float sums[N * 7];
    pixels_sum(sums, 7, x, ROW_X, N, PIXELS, WIDTH);
    for (size_t image = 0; image < N; image++)
        for (size_t c = 0; c < WIDTH; c++) {
            double sum = 0.0;
            for (size_t i = 0; i < PIXELS; i++)
                sum += (double)x[(image * PIXELS + i) * ROW_X + c];
            assert_close((double)sums[image * 7 + c], sum, 1e-5, 1e-5);
        }
}

/* More than are summed in one task. */
static void a_total_is_over_all_pixels(void **state)
{
    (void)state;
    enum { MANY = 600 };
    static float many[MANY * ROW_X];
    float total[WIDTH + 1] = {[WIDTH] = 77.0f},
                        *scratch = malloc(pixels_total_scratch_size(MANY, WIDTH) * sizeof *scratch);
    assert_non_null(scratch);
    make_numbers(many, MANY * ROW_X, 3);
    pixels_total(total, many, ROW_X, MANY, WIDTH, scratch);
    for (size_t c = 0; c < WIDTH; c++) {
        double sum = 0.0;
        for (size_t i = 0; i < MANY; i++)
            sum += (double)many[i * ROW_X + c];
        assert_close((double)total[c], sum, 1e-5, 1e-5);
    }
    assert_true(total[WIDTH] == 77.0f);
    free(scratch);
}

static void each_pixel_is_repeated_in_a_block_of_four(void **state)
{
    (void)state;
    enum { H = 3, W = 2, C = 4 };
    float small[H * W * C], large[4 * H * W * C];
    make_numbers(small, H * W * C, 1);
    pool_repeat(large, small, H, W, C);
    for (size_t i = 0; i < 2 * H; i++)
        for (size_t j = 0; j < 2 * W; j++)
            for (size_t c = 0; c < C; c++)
                assert_true(large[(i * 2 * W + j) * C + c] == small[(i / 2 * W + j / 2) * C + c]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_and_sums_touch_their_channels_alone),
        cmocka_unit_test(sums_are_over_the_pixels_of_each_image),
        cmocka_unit_test(a_total_is_over_all_pixels),
        cmocka_unit_test(each_pixel_is_repeated_in_a_block_of_four),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Halving and doubling of images against their definition, and against one another. */
#include "make.h"

#include "math/pool.h"

enum { HEIGHT = 6, WIDTH = 4, CHANNELS = 5, LARGE = HEIGHT * WIDTH * CHANNELS, SMALL = LARGE / 4 };

static float large[LARGE], small[SMALL];

static int fill(void **state)
{
    (void)state;
    make_numbers(large, LARGE, 1);
    make_numbers(small, SMALL, 2);
    return 0;
}

static size_t in_large(size_t i, size_t j, size_t c)
{
    return (i * WIDTH + j) * CHANNELS + c;
}

static size_t in_small(size_t i, size_t j, size_t c)
{
    return (i * (WIDTH / 2) + j) * CHANNELS + c;
}

static void a_quarter_gives_the_mean_of_each_block(void **state)
{
    (void)state;
    float y[SMALL];
    pool_forward(y, large, 0.25f, HEIGHT, WIDTH, CHANNELS);
    for (size_t i = 0; i < HEIGHT / 2; i++)
        for (size_t j = 0; j < WIDTH / 2; j++)
            for (size_t c = 0; c < CHANNELS; c++) {
                double truth = 0.0;
                for (size_t k = 0; k < 4; k++)
                    truth += 0.25 * (double)large[in_large(2 * i + k / 2, 2 * j + k % 2, c)];
                assert_close((double)y[in_small(i, j, c)], truth, 1e-6, 1e-7);
            }
}

static void upsampling_adds_each_pixel_to_its_block(void **state)
{
    (void)state;
    float y[LARGE];
    memcpy(y, large, sizeof y);
    pool_upsample(y, small, 0.5f, HEIGHT, WIDTH, CHANNELS);
    for (size_t i = 0; i < HEIGHT; i++)
        for (size_t j = 0; j < WIDTH; j++)
            for (size_t c = 0; c < CHANNELS; c++)
                assert_close((double)y[in_large(i, j, c)],
                             (double)large[in_large(i, j, c)] + 0.5 * (double)small[in_small(i / 2, j / 2, c)], 1e-6,
                             1e-7);
}

/* <small, pool(large)> = <upsample(small), large>: each is the other's way back. */
static void each_is_the_adjoint_of_the_other(void **state)
{
    (void)state;
    float halved[SMALL], doubled[LARGE] = {0};
    double one = 0.0, other = 0.0;
    pool_forward(halved, large, 0.25f, HEIGHT, WIDTH, CHANNELS);
    pool_upsample(doubled, small, 0.25f, HEIGHT, WIDTH, CHANNELS);
    for (size_t i = 0; i < SMALL; i++)
        one += (double)small[i] * (double)halved[i];
    for (size_t i = 0; i < LARGE; i++)
        other += (double)large[i] * (double)doubled[i];
    assert_close(one, other, 1e-5, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quarter_gives_the_mean_of_each_block),
        cmocka_unit_test(upsampling_adds_each_pixel_to_its_block),
        cmocka_unit_test(each_is_the_adjoint_of_the_other),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}

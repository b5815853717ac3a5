/* The same bits for any batch and any number of threads. */
#include "convolution_case.h"

#include <diffusion/runtime.h>

/* height, width, in, out, kernel, stride, zeros before and after */
static const convolution_shape shapes[] = {
    {8, 8, 70, 48, 1, 1, 0, 0},   {4, 4, 512, 64, 3, 1, 1, 1},  {8, 8, 128, 128, 3, 1, 1, 1},
    {16, 16, 96, 64, 3, 1, 1, 1}, {7, 7, 64, 64, 3, 1, 1, 1},   {14, 14, 32, 33, 3, 1, 1, 1},
    {32, 32, 3, 64, 3, 1, 1, 1},  {16, 16, 64, 64, 3, 2, 1, 1}, {9, 9, 300, 80, 3, 2, 0, 1},
    {8, 8, 144, 160, 3, 1, 1, 1}, {28, 28, 32, 3, 3, 1, 1, 1},  {32, 32, 64, 32, 3, 1, 1, 1},
    {5, 3, 7, 9, 5, 1, 2, 2},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0], BATCH = 9, THREADS = 3 };

static void an_image_does_not_depend_on_its_batch(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        convolution_case together = case_of(&shapes[i], 0, BATCH), apart = case_of(&shapes[i], 0, BATCH);
        const convolution_epilogue all = case_epilogue(&together);
        case_forward(&together, &all, 0, BATCH);
        case_forward(&apart, &all, 0, 1);
        case_forward(&apart, &all, 1, 1);
        case_forward(&apart, &all, 2, 2);
        case_forward(&apart, &all, 4, BATCH - 4);
        assert_same(apart.y, together.y, together.outputs * together.stride_y * sizeof *together.y);
        case_free(&together);
        case_free(&apart);
    }
}

static void weights_used_once_give_the_same_bits(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        convolution_case prepared = case_of(&shapes[i], 0, BATCH), once = case_of(&shapes[i], 0, BATCH);
        const convolution_epilogue all = case_epilogue(&prepared);
        case_forward(&prepared, &all, 0, BATCH);
        case_forward_once(&once, &all);
        assert_same(once.y, prepared.y, prepared.outputs * prepared.stride_y * sizeof *prepared.y);
        case_free(&prepared);
        case_free(&once);
    }
}

static void nothing_depends_on_the_threads(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        convolution_case c[THREADS];
        for (int t = 0; t < THREADS; t++) {
            assert_ok(diffusion_set_threads(t + 1));
            c[t] = case_of(&shapes[i], 0, BATCH);
            const convolution_epilogue all = case_epilogue(&c[t]);
            case_forward(&c[t], &all, 0, BATCH);
            case_backward(&c[t], 1);
            assert_same(c[t].prepared, c[0].prepared, convolution_prepared_size(&c[0].plan) * sizeof(float));
            assert_same(c[t].y, c[0].y, c[0].outputs * c[0].stride_y * sizeof(float));
            assert_same(c[t].dx, c[0].dx, c[0].inputs * c[0].stride_x * sizeof(float));
            assert_same(c[t].dweight, c[0].dweight, c[0].weights * sizeof(float));
            assert_same(c[t].dbias, c[0].dbias, c[0].plan.shape.out * sizeof(float));
        }
        for (int t = 0; t < THREADS; t++)
            case_free(&c[t]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_does_not_depend_on_its_batch),
        cmocka_unit_test(weights_used_once_give_the_same_bits),
        cmocka_unit_test(nothing_depends_on_the_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Convolution and its two gradients, against the sums that define them, in double. */
#include "make.h"

#include "math/conv.h"

enum { MOST = 40 * 40 * 4, WEIGHTS = 8 * 8 * 81 };

static const conv_shape shapes[] = {
    {5, 7, 3, 4, 3}, {4, 4, 1, 6, 3}, {6, 5, 4, 2, 5},   {1, 1, 2, 3, 3},
    {2, 1, 2, 2, 5}, {7, 3, 4, 5, 1}, {40, 40, 3, 4, 9},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static float x[MOST], y[MOST], dy[MOST], dx[MOST], weight[WEIGHTS], flipped[WEIGHTS], dweight[WEIGHTS], first[WEIGHTS];

static int fill(void **state)
{
    (void)state;
    make_numbers(x, MOST, 1);
    make_numbers(dy, MOST, 2);
    make_numbers(weight, WEIGHTS, 3);
    make_numbers(first, WEIGHTS, 4);
    return 0;
}

/* The pixel of x under tap (a, b) of the window at (i, j); NULL outside. */
static const float *under(const conv_shape *s, const float *image, size_t channels, size_t i, size_t j, size_t a,
                          size_t b)
{
    size_t line = i + a - s->kernel / 2, column = j + b - s->kernel / 2; /* wraps round below 0 */
    return line < s->height && column < s->width ? image + (line * s->width + column) * channels : NULL;
}

static const float *tap(const conv_shape *s, const float *w, size_t o, size_t a, size_t b)
{
    return w + ((o * s->kernel + a) * s->kernel + b) * s->in;
}

static float *scratch_for(const conv_shape *s)
{
    float *scratch = malloc(conv_scratch_size(s) * sizeof *scratch);
    assert_non_null(scratch);
    return scratch;
}

static void check_forward(const conv_shape *s)
{
    float *scratch = scratch_for(s);
    conv_forward(s, y, x, weight, scratch);
    for (size_t i = 0; i < s->height; i++)
        for (size_t j = 0; j < s->width; j++)
            for (size_t o = 0; o < s->out; o++) {
                double truth = 0.0;
                for (size_t a = 0; a < s->kernel; a++)
                    for (size_t b = 0; b < s->kernel; b++) {
                        const float *at = under(s, x, s->in, i, j, a, b);
                        for (size_t c = 0; at != NULL && c < s->in; c++)
                            truth += (double)at[c] * (double)tap(s, weight, o, a, b)[c];
                    }
                assert_close((double)y[(i * s->width + j) * s->out + o], truth, 1e-6, 1e-5);
            }
    free(scratch);
}

static void the_output_is_the_sum_over_the_window(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++)
        check_forward(&shapes[i]);
}

/* <dy, conv(x)> is linear in x and in the weights: its derivatives are the two gradients. */
static void check_backward(const conv_shape *s)
{
    static double dx_truth[MOST], dw_truth[WEIGHTS];
    float *scratch = scratch_for(s);
    memset(dx_truth, 0, sizeof dx_truth);
    for (size_t k = 0; k < conv_weights(s); k++)
        dw_truth[k] = (double)first[k];
    for (size_t i = 0; i < s->height; i++)
        for (size_t j = 0; j < s->width; j++)
            for (size_t o = 0; o < s->out; o++) {
                double d = (double)dy[(i * s->width + j) * s->out + o];
                for (size_t a = 0; a < s->kernel; a++)
                    for (size_t b = 0; b < s->kernel; b++) {
                        const float *at = under(s, x, s->in, i, j, a, b), *w = tap(s, weight, o, a, b);
                        for (size_t c = 0; at != NULL && c < s->in; c++) {
                            dx_truth[at + c - x] += d * (double)w[c];
                            dw_truth[w + c - weight] += d * (double)at[c];
                        }
                    }
            }
    conv_flip(s, flipped, weight);
    conv_backward(s, dx, dy, flipped, scratch);
    memcpy(dweight, first, sizeof dweight);
    conv_backward_weight(s, dweight, x, dy, scratch);
    for (size_t k = 0; k < s->height * s->width * s->in; k++)
        assert_close((double)dx[k], dx_truth[k], 1e-6, 1e-5);
    for (size_t k = 0; k < conv_weights(s); k++)
        assert_close((double)dweight[k], dw_truth[k], 1e-6, 5e-5);
    free(scratch);
}

static void the_gradients_are_those_of_the_sum(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++)
        check_backward(&shapes[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_output_is_the_sum_over_the_window),
        cmocka_unit_test(the_gradients_are_those_of_the_sum),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}

/* Group normalisation against its definition in double, and its gradient against finite differences of that. */
#include "make.h"

#include "math/group_norm.h"

#include <stdlib.h>

enum { N = 3, MOST = 3 * 49 * 160, ROOM = 5 /* floats between pixels that belong to others */ };

static const group_norm shapes[] = {
    {49, 12, 3, 1e-5f, 1}, {6, 160, 2, 1e-2f, 0}, {16, 96, 32, 1e-6f, 1}, {5, 3, 3, 1e-5f, 0}, {1, 8, 1, 1e-5f, 1},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

typedef struct problem {
    const group_norm *shape;
    size_t row;
    int embedded;
    float x[MOST + N * 49 * ROOM], dy[MOST + N * 49 * ROOM], scale[160], shift[160], embedding[N * (2 * 160 + 1)];
} problem;

static problem p;

static void begin(const group_norm *shape, int embedded)
{
    p.shape = shape;
    p.row = shape->channels + ROOM;
    p.embedded = embedded;
    make_numbers(p.x, N * shape->pixels * p.row, 1);
    make_numbers(p.dy, N * shape->pixels * p.row, 2);
    make_numbers(p.scale, shape->channels, 3);
    make_numbers(p.shift, shape->channels, 4);
    make_numbers(p.embedding, N * (2 * shape->channels + 1), 5);
}

static group_norm_weights weights_of(void)
{
    return (group_norm_weights){p.scale, p.shift, p.embedded ? p.embedding : NULL, 2 * p.shape->channels + 1};
}

static double x_at(size_t image, size_t pixel, size_t c)
{
    return (double)p.x[(image * p.shape->pixels + pixel) * p.row + c];
}

/* The definition. */
static double true_value(size_t image, size_t pixel, size_t c)
{
    size_t width = p.shape->channels / p.shape->groups, first = c / width * width;
    double sum = 0.0, squares = 0.0, count = (double)(width * p.shape->pixels);
    for (size_t i = 0; i < p.shape->pixels; i++)
        for (size_t j = first; j < first + width; j++)
            sum += x_at(image, i, j);
    for (size_t i = 0; i < p.shape->pixels; i++)
        for (size_t j = first; j < first + width; j++)
            squares += pow(x_at(image, i, j) - sum / count, 2);
    double z = (x_at(image, pixel, c) - sum / count) / sqrt(squares / count + (double)p.shape->epsilon);
    double u = z * (double)p.scale[c] + (double)p.shift[c];
    const float *embedding = p.embedding + image * (2 * p.shape->channels + 1);
    if (p.embedded)
        u = u * (1.0 + (double)embedding[c]) + (double)embedding[p.shape->channels + c];
    return p.shape->silu ? u / (1.0 + exp(-u)) : u;
}

static void values_are_those_of_the_definition(void **state)
{
    (void)state;
    static float y[MOST + N * 49 * 2], again[MOST + N * 49 * 2], slopes[MOST + N * 49 * 2], statistics[N * 2 * 32];
    for (size_t s = 0; s < 2 * SHAPES; s++) {
        begin(&shapes[s / 2], s % 2 == 1);
        size_t stride_y = p.shape->channels + 2;
        float *scratch = malloc(group_norm_scratch_size(p.shape, N) * sizeof *scratch);
        group_norm_weights weights = weights_of();
        group_norm_forward(p.shape, y, stride_y, statistics, p.x, p.row, &weights, N, scratch);
        group_norm_apply(p.shape, again, slopes, stride_y, statistics, p.x, p.row, &weights, N, scratch);
        for (size_t i = 0; i < N; i++)
            for (size_t pixel = 0; pixel < p.shape->pixels; pixel++)
                for (size_t c = 0; c < p.shape->channels; c++) {
                    size_t at = (i * p.shape->pixels + pixel) * stride_y + c;
                    assert_close((double)y[at], true_value(i, pixel, c), 1e-5, 1e-5);
                    assert_true(y[at] == again[at]);
                }
        free(scratch);
    }
}

/* The sum of dy y, of which the gradient is asked. */
static double objective(void)
{
    double sum = 0.0;
    for (size_t i = 0; i < N; i++)
        for (size_t pixel = 0; pixel < p.shape->pixels; pixel++)
            for (size_t c = 0; c < p.shape->channels; c++)
                sum += (double)p.dy[(i * p.shape->pixels + pixel) * p.row + c] * true_value(i, pixel, c);
    return sum;
}

/* Fifth-order differences in double of one float value: steps of float's own grid, so nothing is rounded. */
static double slope_at(float *value)
{
    const float before = *value, h = 0x1p-7f;
    double of[5];
    for (int k = -2; k <= 2; k++) {
        *value = before + (float)k * h;
        of[k + 2] = k == 0 ? 0.0 : objective();
    }
    *value = before;
    return (8.0 * (of[3] - of[1]) - (of[4] - of[0])) / (12.0 * (double)h);
}

static void gradients_are_those_of_the_definition(void **state)
{
    (void)state;
    static const group_norm small[] = {{6, 6, 3, 1e-2f, 1}, {4, 70, 1, 1e-2f, 0}};
    static float statistics[N * 2 * 3], dx[N * 6 * 80], dy[N * 6 * 80], slopes[N * 6 * 80], dscale[70], dshift[70],
        dembedding[N * 141];
    for (size_t s = 0; s < 4; s++) {
        begin(&small[s / 2], s % 2 == 1);
        size_t channels = p.shape->channels, count = N * p.shape->pixels * p.row;
        float *scratch = malloc(group_norm_scratch_size(p.shape, N) * sizeof *scratch);
        group_norm_weights weights = weights_of();
        group_norm_gradient gradient = {dscale, dshift, p.embedded ? dembedding : NULL, weights.stride_embedding};
        group_norm_forward(p.shape, dx, p.row, statistics, p.x, p.row, &weights, N, scratch);
        group_norm_apply(p.shape, dx, slopes, p.row, statistics, p.x, p.row, &weights, N, scratch);
        memcpy(dy, p.dy, count * sizeof *dy);
        group_norm_backward(p.shape, dx, p.row, 0, &gradient, dy, slopes, p.row, statistics, p.x, p.row, &weights, N,
                            scratch);
        for (size_t i = 0; i < N * p.shape->pixels; i += 3)
            for (size_t c = 0; c < channels; c += 1 + c / 8)
                assert_close((double)dx[i * p.row + c], slope_at(&p.x[i * p.row + c]), 1e-4, 1e-4);
        for (size_t c = 0; c < channels; c += 1 + c / 8) {
            assert_close((double)dscale[c], slope_at(&p.scale[c]), 1e-4, 1e-4);
            assert_close((double)dshift[c], slope_at(&p.shift[c]), 1e-4, 1e-4);
        }
        for (size_t i = 0; p.embedded && i < N * (2 * channels + 1); i += 5)
            if (i % (2 * channels + 1) < 2 * channels)
                assert_close((double)dembedding[i], slope_at(&p.embedding[i]), 1e-4, 1e-4);
        float before = dx[p.row + 1];
        memcpy(dy, p.dy, count * sizeof *dy);
        group_norm_backward(p.shape, dx, p.row, 1, &gradient, dy, slopes, p.row, statistics, p.x, p.row, &weights, N,
                            scratch);
        assert_close((double)dx[p.row + 1], 2.0 * (double)before, 1e-6, 0);
        free(scratch);
    }
}

static void what_stands_between_the_pixels_is_left_alone(void **state)
{
    (void)state;
    begin(&shapes[0], 0);
    static float y[MOST + N * 49 * ROOM];
    for (size_t i = 0; i < sizeof y / sizeof *y; i++)
        y[i] = 77.0f;
    float *scratch = malloc(group_norm_scratch_size(p.shape, N) * sizeof *scratch);
    group_norm_weights weights = weights_of();
    group_norm_forward(p.shape, y, p.row, NULL, p.x, p.row, &weights, N, scratch);
    for (size_t i = 0; i < N * p.shape->pixels; i++)
        for (size_t c = p.shape->channels; c < p.row; c++)
            assert_true(y[i * p.row + c] == 77.0f);
    free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_the_definition),
        cmocka_unit_test(gradients_are_those_of_the_definition),
        cmocka_unit_test(what_stands_between_the_pixels_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

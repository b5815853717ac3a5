/* Self-attention against its definition in double, and its gradient against finite differences of that. */
#include "make.h"

#include "base/threads.h"
#include "math/attention.h"

enum { N = 2, MOST = N * 300 * 24 };

static const attention shapes[] = {{9, 8, 2}, {1, 4, 4}, {49, 6, 1}, {300, 8, 2}};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static float qkv[3 * MOST], y[MOST], dy[MOST], dqkv[3 * MOST];

/* y of one query's head in double. */
static void true_row(const attention *shape, size_t image, size_t pixel, size_t head, double *out)
{
    size_t width = shape->channels / shape->heads, row = 3 * shape->channels;
    const float *of_image = qkv + image * shape->pixels * row, *q = of_image + pixel * row + head * width;
    double sum = 0.0;
    for (size_t c = 0; c < width; c++)
        out[c] = 0.0;
    for (size_t j = 0; j < shape->pixels; j++) {
        const float *k = of_image + j * row + shape->channels + head * width, *v = k + shape->channels;
        double score = 0.0;
        for (size_t c = 0; c < width; c++)
            score += (double)q[c] * (double)k[c];
        double p = exp(score / sqrt((double)width));
        sum += p;
        for (size_t c = 0; c < width; c++)
            out[c] += p * (double)v[c];
    }
    for (size_t c = 0; c < width; c++)
        out[c] /= sum;
}

static float *scratch_of(const attention *shape)
{
    return malloc(attention_scratch_size(shape, threads_count()) * sizeof(float));
}

static void values_are_those_of_the_definition(void **state)
{
    (void)state;
    for (size_t s = 0; s < SHAPES; s++) {
        const attention *shape = &shapes[s];
        size_t width = shape->channels / shape->heads;
        float *scratch = scratch_of(shape);
        make_numbers(qkv, N * shape->pixels * 3 * shape->channels, 1);
        attention_forward(shape, y, qkv, N, scratch);
        for (size_t i = 0; i < N * shape->pixels; i++)
            for (size_t head = 0; head < shape->heads; head++) {
                double truth[24];
                true_row(shape, i / shape->pixels, i % shape->pixels, head, truth);
                for (size_t c = 0; c < width; c++)
                    assert_close((double)y[i * shape->channels + head * width + c], truth[c], 1e-5, 1e-5);
            }
        free(scratch);
    }
}

/* The sum of dy y over the head and image that a value of qkv is in. */
static double objective(const attention *shape, size_t image, size_t head)
{
    size_t width = shape->channels / shape->heads;
    double sum = 0.0, row[24];
    for (size_t pixel = 0; pixel < shape->pixels; pixel++) {
        true_row(shape, image, pixel, head, row);
        for (size_t c = 0; c < width; c++)
            sum += row[c] * (double)dy[(image * shape->pixels + pixel) * shape->channels + head * width + c];
    }
    return sum;
}

static double slope_at(const attention *shape, size_t at)
{
    size_t row = 3 * shape->channels, image = at / row / shape->pixels;
    size_t head = at % shape->channels / (shape->channels / shape->heads);
    const float before = qkv[at], h = 0x1p-6f;
    double of[5];
    for (int k = -2; k <= 2; k++) {
        qkv[at] = before + (float)k * h;
        of[k + 2] = k == 0 ? 0.0 : objective(shape, image, head);
    }
    qkv[at] = before;
    return (8.0 * (of[3] - of[1]) - (of[4] - of[0])) / (12.0 * (double)h);
}

static void gradients_are_those_of_the_definition(void **state)
{
    (void)state;
    for (size_t s = 0; s < SHAPES; s++) {
        const attention *shape = &shapes[s];
        size_t count = N * shape->pixels * 3 * shape->channels;
        float *scratch = scratch_of(shape);
        make_numbers(qkv, count, 1);
        make_numbers(dy, count / 3, 2);
        attention_backward(shape, dqkv, dy, qkv, N, scratch);
        for (size_t i = 0; i < count; i += 1 + count / 60)
            assert_close((double)dqkv[i], slope_at(shape, i), 1e-4, 1e-4);
        free(scratch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_the_definition),
        cmocka_unit_test(gradients_are_those_of_the_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

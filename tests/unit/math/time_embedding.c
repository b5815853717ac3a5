#include "test.h"

#include "math/time_embedding.h"

#include <stdlib.h>

static void check_time(const time_embedding *embedding, float *row, double t)
{
    size_t half = embedding->half;
    time_embedding_row(embedding, row, t);
    for (size_t j = 0; j < half; j++) {
        double angle = t * pow(10000.0, -(double)j / (double)half);
        assert_close((double)row[j], sin(angle), 0, 3e-7);
        assert_close((double)row[half + j], cos(angle), 0, 3e-7);
    }
}

/* Two sines multiplied and added in float32: three roundings of numbers below 1. */
static void a_row_is_sines_and_cosines(void **state)
{
    (void)state;
    static const size_t features[] = {2, 6, 32, 258};
    static const int32_t edges[] = {0, 1, 511, 512, 513, 1023, 1024, 99839, 99840, 99999, 100000};
    for (size_t f = 0; f < 4; f++) {
        time_embedding embedding;
        float *row = malloc(features[f] * sizeof *row);
        assert_non_null(row);
        assert_ok(time_embedding_create(&embedding, features[f]));
        assert_int_equal(embedding.half, features[f] / 2);
        for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
            check_time(&embedding, row, edges[i]);
        for (int32_t t = 0; t <= TIME_EMBEDDING_STEPS; t += 97)
            check_time(&embedding, row, t);
        for (double t = 0.001; t <= 2000.0; t += 0.777)
            check_time(&embedding, row, t);
        static const double others[] = {0.999999, 99999.5, -0.25, -1000.0, 1e6 + 0.5};
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
            check_time(&embedding, row, others[i]);
        time_embedding_release(&embedding);
        free(row);
    }
}

/* The first frequency is 1: steps are a radian apart, and no two of them give the same row. */
static void neighbouring_steps_differ(void **state)
{
    (void)state;
    time_embedding embedding;
    assert_ok(time_embedding_create(&embedding, 4));
    float row[4], previous[4];
    time_embedding_row(&embedding, previous, 0);
    for (int32_t t = 1; t <= 2000; t++) {
        time_embedding_row(&embedding, row, t);
        double distance = 0.0;
        for (size_t j = 0; j < 4; j++)
            distance += pow((double)row[j] - (double)previous[j], 2);
        assert_close(sqrt(distance), sqrt(4.0 * pow(sin(0.5), 2) + 4.0 * pow(sin(0.005), 2)), 0, 2e-6);
        memcpy(previous, row, sizeof row);
    }
    time_embedding_release(&embedding);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_sines_and_cosines),
        cmocka_unit_test(neighbouring_steps_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

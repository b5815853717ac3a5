/* Sines and cosines against the C library's in double. */
#include "make.h"

#include "math/sine_cosine.h"

#include <float.h>

enum { BATCH = 1024 };

/* sin and cos(pi u) of a float u: whole turns off first, exactly. */
static void assert_right(float frequency, float x, float sine, float cosine)
{
    const double pi = 3.14159265358979323846, u = fmod((double)(frequency * x), 2.0);
    if (!(fabs((double)sine - sin(pi * u)) <= 1.5e-7 && fabs((double)cosine - cos(pi * u)) <= 1.5e-7))
        fail_msg("%g times %.9g: sine %.9g, cosine %.9g, truth %.9g, %.9g", (double)frequency, (double)x, (double)sine,
                 (double)cosine, sin(pi * u), cos(pi * u));
}

static void check(float frequency, const float *x, size_t count)
{
    float sine[BATCH], cosine[BATCH];
    sine_cosine(sine, cosine, x, frequency, count);
    for (size_t i = 0; i < count; i++)
        assert_right(frequency, x[i], sine[i], cosine[i]);
}

/* Every 2^12th float from one infinity to the other, the denormals among them. */
static void they_are_right_over_the_whole_range(void **state)
{
    (void)state;
    float x[BATCH];
    for (uint64_t first = 0; first < UINT64_C(1) << 32;) {
        size_t count = 0;
        for (; count < BATCH && first < UINT64_C(1) << 32; first += 4097) {
            uint32_t bits = (uint32_t)first;
            memcpy(&x[count], &bits, sizeof bits);
            count += (size_t)(isfinite(x[count]) != 0);
        }
        check(1.0f, x, count);
    }
}

/* What a network reads: up to 8 either way, at the frequencies of bytes; 2 k / 255 - 1 lies where it should. */
static void they_are_right_of_what_networks_read(void **state)
{
    (void)state;
    static const float frequencies[] = {1.0f, 128.0f, 256.0f, 127.5f, 255.0f, 65536.0f};
    float x[BATCH], sine[256], cosine[256];
    for (size_t f = 0; f < sizeof frequencies / sizeof frequencies[0]; f++)
        for (int from = -8; from < 8; from++) {
            for (size_t i = 0; i < BATCH; i++)
                x[i] = (float)from + (float)i * 0x1.3p-10f;
            check(frequencies[f], x, BATCH);
        }
    for (size_t k = 0; k < 256; k++)
        x[k] = (float)(2 * (int)k - 255) / 255.0f;
    sine_cosine(sine, cosine, x, 255.0f, 256);
    for (size_t k = 0; k < 256; k++) {
        assert_close((double)sine[k], 0.0, 0, 1e-4);
        assert_close((double)cosine[k], -1.0, 0, 1e-7);
    }
}

static void quarters_of_a_turn_are_exact(void **state)
{
    (void)state;
    static const float x[] = {0.0f,  0.5f,  1.0f,       1.5f,    2.0f,    -0.5f,
                              -1.0f, -1.5f, 8388606.5f, 0x1p30f, FLT_MAX, -FLT_MAX};
    static const float truth[][2] = {{0, 1},  {1, 0}, {0, -1}, {-1, 0}, {0, 1}, {-1, 0},
                                     {0, -1}, {1, 0}, {1, 0},  {0, 1},  {0, 1}, {0, 1}};
    enum { COUNT = sizeof x / sizeof x[0] };
    float sine[COUNT], cosine[COUNT];
    sine_cosine(sine, cosine, x, 1.0f, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        if (sine[i] != truth[i][0] || cosine[i] != truth[i][1])
            fail_msg("%.9g: sine %g, cosine %g, truth %g, %g", (double)x[i], (double)sine[i], (double)cosine[i],
                     (double)truth[i][0], (double)truth[i][1]);
}

static void what_is_not_finite_becomes_nan(void **state)
{
    (void)state;
    static const float bad[] = {NAN, INFINITY, -INFINITY, FLT_MAX};
    for (size_t k = 0; k < 4; k++) {
        float x[9], sine[9], cosine[9];
        for (size_t i = 0; i < 9; i++)
            x[i] = bad[k];
        sine_cosine(sine, cosine, x, 256.0f, 9); /* of which the largest float is beyond the range */
        for (size_t i = 0; i < 9; i++)
            assert_true(isnan(sine[i]) && isnan(cosine[i]));
    }
}

/* In the body of a vector loop and in its tail an element has the bits that it has alone. */
static void an_element_has_the_same_bits_alone(void **state)
{
    (void)state;
    enum { WIDEST = 37 };
    float x[WIDEST], sine[WIDEST], cosine[WIDEST];
    make_numbers(x, WIDEST, 1);
    for (size_t width = 1; width <= WIDEST; width++) {
        sine_cosine(sine, cosine, x, 127.5f, width);
        for (size_t i = 0; i < width; i++) {
            float s, c;
            sine_cosine(&s, &c, &x[i], 127.5f, 1);
            assert_true(s == sine[i] && c == cosine[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_right_over_the_whole_range), cmocka_unit_test(they_are_right_of_what_networks_read),
        cmocka_unit_test(quarters_of_a_turn_are_exact),        cmocka_unit_test(what_is_not_finite_becomes_nan),
        cmocka_unit_test(an_element_has_the_same_bits_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

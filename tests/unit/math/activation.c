#include "test.h"

#include "math/activation.h"

#include <fenv.h>
#include <float.h>

static const activation kinds[] = {ACTIVATION_SILU, ACTIVATION_RELU, ACTIVATION_TANH, ACTIVATION_SIGMOID,
                                   ACTIVATION_SOFTPLUS};
enum { KINDS = 5, BATCH = 1024 };

static double logistic(double x)
{
    return x >= 0.0 ? 1.0 / (1.0 + exp(-x)) : exp(x) / (1.0 + exp(x));
}

static double true_value(activation kind, double x)
{
    switch (kind) {
    case ACTIVATION_SILU:
        return x * logistic(x);
    case ACTIVATION_RELU:
        return x > 0.0 ? x : 0.0;
    case ACTIVATION_TANH:
        return tanh(x);
    case ACTIVATION_SOFTPLUS:
        return fmax(x, 0.0) + log1p(exp(-fabs(x)));
    case ACTIVATION_SIGMOID:
        break;
    }
    return logistic(x);
}

static double true_slope(activation kind, double x)
{
    double s = logistic(x);
    switch (kind) {
    case ACTIVATION_SILU:
        return s + x * s * logistic(-x);
    case ACTIVATION_RELU:
        return x > 0.0;
    case ACTIVATION_TANH:
        return pow(1.0 / cosh(x), 2);
    case ACTIVATION_SOFTPLUS:
        return s;
    case ACTIVATION_SIGMOID:
        break;
    }
    return s * logistic(-x);
}

/* silu, relu and sigmoid are right to their last bits, but for what is below e^-59; tanh and the slopes have 1 taken
 * from something, so that an absolute error of a rounding of 1 remains. */
static void check_at(activation kind, float x, float y, float slope)
{
    double absolute = kind == ACTIVATION_TANH ? 2e-7 : 60.0 * exp(-59.0);
    if (!isfinite(y) || !isfinite(slope))
        fail_msg("kind %d at %.9g: value %g, slope %g", (int)kind, (double)x, (double)y, (double)slope);
    assert_close((double)y, true_value(kind, (double)x), 6e-7, absolute);
    assert_close((double)slope, true_slope(kind, (double)x), 1e-6, 6e-7);
}

/* Every 2^12th float from one infinity to the other, the denormals among them. */
static void values_and_slopes_are_right_over_the_whole_range(void **state)
{
    (void)state;
    static const float bias[BATCH];
    float z[BATCH], y[BATCH], slope[BATCH];
    for (size_t k = 0; k < KINDS; k++)
        for (uint64_t first = 0; first < UINT64_C(1) << 32;) {
            size_t count = 0;
            for (; count < BATCH && first < UINT64_C(1) << 32; first += 4097) {
                uint32_t bits = (uint32_t)first;
                memcpy(&z[count], &bits, sizeof bits);
                count += (size_t)(isfinite(z[count]) != 0);
            }
            activation_forward(kinds[k], y, slope, z, bias, NULL, 1, count);
            for (size_t i = 0; i < count; i++)
                check_at(kinds[k], z[i], y[i], slope[i]);
        }
}

static void the_ends_of_the_range_are_limits(void **state)
{
    (void)state;
    static const float z[] = {0.0f, -0.0f, FLT_MAX, -FLT_MAX, FLT_MIN, -FLT_MIN, 88.8f, -88.8f, 1e-45f, 60.0f, -60.0f};
    static const float bias[11];
    for (size_t k = 0; k < KINDS; k++) {
        float y[11], slope[11];
        activation_forward(kinds[k], y, slope, z, bias, NULL, 1, 11);
        for (size_t i = 0; i < 11; i++)
            check_at(kinds[k], z[i], y[i], slope[i]);
    }
}

static void a_nan_stays_one(void **state)
{
    (void)state;
    float z[9], bias[9] = {0}, y[9];
    for (size_t k = 0; k < KINDS; k++) {
        for (size_t i = 0; i < 9; i++)
            z[i] = NAN;
        activation_forward(kinds[k], y, NULL, z, bias, NULL, 1, 9);
        for (size_t i = 0; i < 9; i++)
            if (!isnan(y[i]))
                fail_msg("kind %d makes %g of NaN", (int)kinds[k], (double)y[i]);
    }
}

/* A denormal takes a hundred times as long as another number. Up to 80, which is more than training meets, none appears
 * on the way: the processor would raise its flag. (Beyond, lanes whose result the compiler throws away may.) */
static void nothing_underflows(void **state)
{
    (void)state;
    static const float bias[BATCH];
    float z[BATCH], y[BATCH], slope[BATCH];
    size_t count = 0;
    for (double size = 1e-15; size < 80.0 && count + 2 <= BATCH; size *= 1.3) {
        z[count++] = (float)size;
        z[count++] = (float)-size;
    }
    for (size_t k = 0; k < KINDS; k++) {
        feclearexcept(FE_ALL_EXCEPT);
        activation_forward(kinds[k], y, slope, z, bias, NULL, 1, count);
        int flags = fetestexcept(FE_UNDERFLOW | FE_INVALID | FE_DIVBYZERO);
        if (flags != 0)
            fail_msg("kind %d raises 0x%x (underflow is 0x%x)", (int)kinds[k], (unsigned)flags, (unsigned)FE_UNDERFLOW);
    }
}

static void fill(float *values, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        values[i] = 4.0f * (float)(int32_t)seed * 0x1p-31f;
    }
}

/* Whatever the width, so in the body of a vector loop and in its tail, an element has the bits that it has alone; in
 * place, with and without a slope, and with a residual added afterwards. */
static void an_element_has_the_same_bits_alone_and_in_place(void **state)
{
    (void)state;
    enum { ROWS = 3, WIDEST = 37 };
    float z[ROWS * WIDEST], bias[WIDEST], residual[ROWS * WIDEST], y[ROWS * WIDEST], slope[ROWS * WIDEST];
    for (size_t k = 0; k < KINDS; k++)
        for (size_t width = 1; width <= WIDEST; width++) {
            fill(z, ROWS * width, 1);
            fill(bias, width, 2);
            fill(residual, ROWS * width, 3);
            memcpy(y, z, sizeof y);
            activation_forward(kinds[k], y, slope, y, bias, residual, ROWS, width);
            for (size_t i = 0; i < ROWS * width; i++) {
                float alone, own;
                activation_forward(kinds[k], &alone, &own, &z[i], &bias[i % width], NULL, 1, 1);
                assert_true(y[i] == alone + residual[i] && slope[i] == own);
            }
            activation_forward(kinds[k], y, NULL, z, bias, NULL, ROWS, width);
            for (size_t i = 0; i < ROWS * width; i++) {
                float alone;
                activation_forward(kinds[k], &alone, NULL, &z[i], &bias[i % width], NULL, 1, 1);
                assert_true(y[i] == alone);
            }
        }
}

static void backward_multiplies_by_the_slope_in_place(void **state)
{
    (void)state;
    float dy[19], slope[19], dz[19];
    fill(dy, 19, 4);
    fill(slope, 19, 5);
    memcpy(dz, slope, sizeof dz);
    activation_backward(dz, dy, dz, 19);
    for (size_t i = 0; i < 19; i++)
        assert_true(dz[i] == dy[i] * slope[i]);
}

static void a_bias_goes_to_every_row_and_its_gradient_is_their_sum(void **state)
{
    (void)state;
    enum { ROWS = 5, WIDTH = 11 };
    float y[ROWS * WIDTH], before[ROWS * WIDTH], bias[WIDTH], dbias[WIDTH];
    fill(y, ROWS * WIDTH, 6);
    fill(bias, WIDTH, 7);
    memcpy(before, y, sizeof y);
    bias_forward(y, bias, ROWS, WIDTH);
    for (size_t i = 0; i < ROWS * WIDTH; i++)
        assert_true(y[i] == before[i] + bias[i % WIDTH]);
    for (size_t j = 0; j < WIDTH; j++)
        dbias[j] = -99.0f;
    bias_backward(dbias, before, ROWS, WIDTH, 2, 9); /* columns 2..8 alone */
    for (size_t j = 0; j < WIDTH; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < ROWS; i++)
            sum += (double)before[i * WIDTH + j];
        assert_close((double)dbias[j], j >= 2 && j < 9 ? sum : -99.0, 1e-6, 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_slopes_are_right_over_the_whole_range),
        cmocka_unit_test(the_ends_of_the_range_are_limits),
        cmocka_unit_test(a_nan_stays_one),
        cmocka_unit_test(nothing_underflows),
        cmocka_unit_test(an_element_has_the_same_bits_alone_and_in_place),
        cmocka_unit_test(backward_multiplies_by_the_slope_in_place),
        cmocka_unit_test(a_bias_goes_to_every_row_and_its_gradient_is_their_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Non-linearities, their slopes and softmax against the C library in double. */
#include "make.h"

#include "math/activation.h"
#include "math/softmax.h"

enum { COUNT = 4001 };

static float z[COUNT], y[COUNT], slope[COUNT];
static const float zero[COUNT];

/* -100..100 */
static int fill(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        z[i] = (float)i * 0.05f - 100.0f;
    return 0;
}

/* Below -60 the exponential is held at exp(-60), 1e-26: nothing beside any other number. */
static void softplus_is_log_one_plus_exp(void **state)
{
    (void)state;
    activation_forward(ACTIVATION_SOFTPLUS, y, slope, z, zero, NULL, 1, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        double x = (double)z[i];
        assert_close((double)y[i], x > 0.0 ? x + log1p(exp(-x)) : log1p(exp(x)), 1e-6, 1e-26);
        assert_close((double)slope[i], 1.0 / (1.0 + exp(-x)), 1e-6, 1e-26);
    }
}

/* A denormal in a loop costs a hundred times the time. */
static void softplus_gives_no_denormals(void **state)
{
    (void)state;
    activation_forward(ACTIVATION_SOFTPLUS, y, slope, z, zero, NULL, 1, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_true(isnormal(y[i]) && isnormal(slope[i]));
}

static void softplus_hands_nan_on(void **state)
{
    (void)state;
    const float nan[2] = {NAN, -NAN};
    float value[2], slopes[2];
    activation_forward(ACTIVATION_SOFTPLUS, value, slopes, nan, zero, NULL, 1, 2);
    assert_true(isnan(value[0]) && isnan(value[1]));
}

static void softmax_adds_up_to_one_and_has_the_right_ratios(void **state)
{
    (void)state;
    const float x[2][4] = {{1.0f, -2.0f, 0.5f, 1.25f}, {1000.0f, 999.0f, 990.0f, 1000.5f}};
    float p[2][4];
    softmax_forward(p[0], x[0], 2, 4);
    for (size_t i = 0; i < 2; i++) {
        double sum = 0.0;
        for (size_t j = 0; j < 4; j++)
            sum += exp((double)x[i][j] - (double)x[i][0]);
        for (size_t j = 0; j < 4; j++)
            assert_close((double)p[i][j], exp((double)x[i][j] - (double)x[i][0]) / sum, 1e-6, 0);
    }
}

/* Its Jacobian is diag(y) - y y^T. */
static void softmax_goes_back_by_its_jacobian(void **state)
{
    (void)state;
    const float p[3] = {0.2f, 0.7f, 0.1f}, dy[3] = {1.0f, -2.0f, 0.5f};
    float dx[3];
    softmax_backward(dx, p, dy, 1, 3);
    for (size_t j = 0; j < 3; j++) {
        double truth = 0.0;
        for (size_t k = 0; k < 3; k++)
            truth += (double)dy[k] * (double)p[k] * ((j == k ? 1.0 : 0.0) - (double)p[j]);
        assert_close((double)dx[j], truth, 1e-6, 1e-7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(softplus_is_log_one_plus_exp),
        cmocka_unit_test(softplus_gives_no_denormals),
        cmocka_unit_test(softplus_hands_nan_on),
        cmocka_unit_test(softmax_adds_up_to_one_and_has_the_right_ratios),
        cmocka_unit_test(softmax_goes_back_by_its_jacobian),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}

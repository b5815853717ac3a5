/* The normal distribution and its inverse, against tabulated quantiles and against each other far into the tails. */
#include "test.h"

#include "math/normal_quantile.h"

static void quantiles_are_those_of_tables(void **state)
{
    (void)state;
    static const double known[][2] = {{0.5, 0.0},
                                      {0.975, 1.959963984540054},
                                      {0.995, 2.575829303548901},
                                      {0.25, -0.6744897501960817},
                                      {1e-10, -6.361340902404056},
                                      {0.001, -3.090232306167813}};
    for (size_t i = 0; i < 6; i++)
        assert_close(normal_quantile(known[i][0]), known[i][1], 4e-15, 1e-16);
    assert_true(isinf(normal_quantile(0.0)) && normal_quantile(0.0) < 0.0);
    assert_true(isinf(normal_quantile(1.0)) && normal_quantile(1.0) > 0.0);
    assert_close(normal_chance(INFINITY), 1.0, 0, 0);
    assert_close(normal_chance(-INFINITY), 0.0, 0, 0);
}

static void chance_and_quantile_undo_each_other(void **state)
{
    (void)state;
    for (double z = -37.0; z <= 0.0; z += 0.093) {
        assert_close(normal_quantile(normal_chance(z)), z, 1e-14, 1e-15);
        assert_close(normal_chance(-z), 1.0 - normal_chance(z), 1e-15, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_tables),
        cmocka_unit_test(chance_and_quantile_undo_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

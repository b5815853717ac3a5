/* Power averages: exponents and decays against the paper's formulas, and averages of other widths against the weights
 * that each step has in them. */
#include "test.h"

#include "train/power_average.h"

enum { STEPS = 2048 };

/* What step i counts in the average at `end`: i^(gamma + 1) - (i - 1)^(gamma + 1) of end^(gamma + 1). */
static double share(double exponent, double end, int i)
{
    return i <= end ? pow(i / end, exponent + 1.0) - pow((i - 1) / end, exponent + 1.0) : 0.0;
}

/* gamma of 0.05 and 0.10 to two digits as section 3.1 has them; the width is sqrt(gamma + 1) / ((gamma + 2) sqrt(gamma
 * + 3)) there. */
static void a_width_has_its_exponent(void **state)
{
    (void)state;
    assert_close(power_exponent(0.05), 16.97, 0, 0.005);
    assert_close(power_exponent(0.10), 6.94, 0, 0.005);
    for (double gamma = 0.0; gamma < 2000.0; gamma = 1.3 * gamma + 0.01)
        assert_close(power_exponent(sqrt(gamma + 1.0) / ((gamma + 2.0) * sqrt(gamma + 3.0))), gamma, 1e-10, 1e-7);
    assert_close(power_exponent(POWER_WIDEST), 0.0, 0, 1e-7);
}

static void decays_give_each_step_its_share(void **state)
{
    (void)state;
    double exponent = power_exponent(0.1), sum = 0.0, weight[STEPS + 1];
    for (int t = 1; t <= STEPS; t++) {
        const double decay = power_decay(exponent, t);
        for (int i = 1; i < t; i++)
            weight[i] *= decay;
        weight[t] = 1.0 - decay;
    }
    for (int i = 1; i <= STEPS; i++) {
        assert_close(weight[i], share(exponent, STEPS, i), 1e-9, 1e-15);
        sum += weight[i];
    }
    assert_close(sum, 1.0, 1e-12, 0);
    assert_close(1.0 - power_decay(exponent, INT64_C(1000000000000000)), (exponent + 1.0) * 1e-15, 0.1, 0);
}

/* Densities on 0..end, by the midpoint rule. */
static double integral(power_profile a, power_profile b)
{
    enum { CELLS = 200000 };
    double sum = 0.0, until = fmin(a.end, b.end);
    for (int i = 0; i < CELLS; i++) {
        const double t = (i + 0.5) * until / CELLS;
        sum += (a.exponent + 1.0) * pow(t / a.end, a.exponent) / a.end * (b.exponent + 1.0) *
               pow(t / b.end, b.exponent) / b.end;
    }
    return sum * until / CELLS;
}

static void products_are_integrals(void **state)
{
    (void)state;
    const power_profile of[] = {{16.97, 100.0}, {6.94, 100.0}, {16.97, 70.0}, {0.0, 30.0}, {6.94, 5000.0}};
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++)
            assert_close(power_product(of[i], of[j]), integral(of[i], of[j]), 1e-7, 0);
}

/* The profile that snapshots at some steps make of a width, step by step, and how far it is from the true one. Its
 * weights are an average's: they sum to 1. */
static void check_fit_at(const int *steps, int snapshots, double width, double most)
{
    power_profile of[128], wanted = {power_exponent(width), STEPS};
    double weights[128], error, squares = 0.0, whole = 0.0, sum = 0.0;
    const size_t count = (size_t)snapshots * POWER_AVERAGES;
    for (size_t i = 0; i < count; i++)
        of[i] = (power_profile){power_exponent(power_widths[i % POWER_AVERAGES]), (double)steps[i / POWER_AVERAGES]};
    assert_ok(power_fit(weights, &error, of, count, wanted));
    for (size_t i = 0; i < count; i++)
        sum += weights[i];
    assert_close(sum, 1.0, 1e-9, 0);
    for (int step = 1; step <= STEPS; step++) {
        double made = 0.0, truth = share(wanted.exponent, STEPS, step);
        for (size_t i = 0; i < count; i++)
            made += weights[i] * share(of[i].exponent, of[i].end, step);
        squares += (made - truth) * (made - truth);
        whole += truth * truth;
    }
    assert_close(sqrt(squares / whole), error, 1e-2, 1e-7);
    if (error > most)
        fail_msg("%d snapshots miss %g by %g, expected at most %g", snapshots, width, error, most);
}

static void check_fit(int snapshots, double width, double most)
{
    int steps[64];
    for (int i = 0; i < snapshots; i++)
        steps[i] = STEPS / snapshots * (i + 1);
    check_fit_at(steps, snapshots, width, most);
}

/* Where they are few and uneven, and the profile wanted is missed: the nearest sum of all had 1.02 and 0.97 for sums.
 */
static void uneven_snapshots_make_averages(void **state)
{
    (void)state;
    static const int steps[] = {17, 34, 153, 170, 511, 528, 1313, STEPS};
    check_fit_at(steps, 8, 0.07, 0.05);
    check_fit_at(steps, 8, 0.12, 0.065);
}

static void snapshots_make_any_width(void **state)
{
    (void)state;
    check_fit(1, 0.05, 1e-7);
    check_fit(32, 0.05, 1e-7);
    check_fit(32, 0.10, 1e-7);
    check_fit(32, 0.03, 0.02);
    check_fit(32, 0.07, 1e-3);
    check_fit(32, 0.15, 3e-3);
    check_fit(32, 0.20, 1e-2);
    check_fit(64, 0.08, 3e-4);
    check_fit(16, 0.08, 4e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_width_has_its_exponent),       cmocka_unit_test(decays_give_each_step_its_share),
        cmocka_unit_test(products_are_integrals),         cmocka_unit_test(snapshots_make_any_width),
        cmocka_unit_test(uneven_snapshots_make_averages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Masses of bins: against their definitions in long double, and their slopes against differences. */
#include "long_double.h"

#include "process/bins.h"

static const int32_t levels[] = {2, 3, 256, 65536};
enum { LEVELS = 4 };

/* The mass above z, to the last digit of a long double wherever it is. */
static long double above(int cdf, long double z)
{
    const long double pi = acosl(-1.0L);
    return cdf == BINS_NORMAL ? 0.5L * erfcl(z / sqrtl(2.0L))
                              : 1.0L / (1.0L + expl(2.0L * sqrtl(2.0L / pi) * (z + 0.044715L * z * z * z)));
}

/* log of the mass in x's bin, from the side where it is small. */
static double true_log_mass(bins of, double x, double mean, double variance)
{
    const long double half = 1.0L / (of.levels - 1), scale = 1.0L / sqrtl(variance);
    const int highest = x > 1.0 - (double)half, lowest = x < (double)half - 1.0;
    const long double low = scale * (x - mean - half), high = scale * (x - mean + half);
    long double mass;
    if (low > 0.0L)
        mass = above(of.cdf, low) - (highest ? 0.0L : above(of.cdf, high));
    else if (high < 0.0L)
        mass = above(of.cdf, -high) - (lowest ? 0.0L : above(of.cdf, -low));
    else
        mass = 1.0L - (highest ? 0.0L : above(of.cdf, high)) - (lowest ? 0.0L : above(of.cdf, -low));
    if (lowest && low > 0.0L)
        mass = 1.0L - above(of.cdf, high);
    if (highest && high < 0.0L)
        mass = 1.0L - above(of.cdf, -low);
    return (double)logl(of.cdf == BINS_TANH ? fmaxl(mass, 1e-12L) : mass);
}

/* Where the truth is a difference of two large masses, long double has lost its digits. */
static void a_mass_is_its_definition(void **state)
{
    (void)state;
    need_long_double();
    for (int cdf = BINS_NORMAL; cdf <= BINS_TANH; cdf++)
        for (size_t i = 0; i < LEVELS; i++)
            for (int32_t level = 0; level < levels[i]; level += 1 + levels[i] / 50)
                for (double variance = 1e-6; variance < 10; variance *= 7) {
                    const bins of = {levels[i], cdf};
                    const double x = 2.0 * level / (levels[i] - 1.0) - 1.0, mean = 0.9 * x + 0.01;
                    const double truth = true_log_mass(of, x, mean, variance);
                    const double ends = 2.0 * bins_half(of) / sqrt(variance);
                    assert_close(bins_log_mass(of, x, mean, variance, NULL), truth, 1e-12,
                                 cdf == BINS_TANH ? 0x1p-60 / exp(truth) : 1e-12 + 0x1p-58 / fmin(ends, 1.0));
                }
}

static void far_tails_have_finite_logarithms(void **state)
{
    (void)state;
    const bins of = {256, BINS_NORMAL};
    for (double far = 3.0; far < 140.0; far *= 1.1) { /* standard deviations */
        const double variance = 1e-2 / (far * far);
        assert_close(bins_log_mass(of, 0.1, 0.0, variance, NULL), true_log_mass(of, 0.1, 0.0, variance), 1e-11, 1e-11);
    }
    assert_true(bins_log_mass(of, 1.0, -1.0, 1e-12, NULL) < -1e11);
    assert_true(isfinite(bins_log_mass(of, 1.0, -1.0, 0.0, NULL)));
}

static void check_slope(bins of, double x, double mean, double variance)
{
    bins_slope slope;
    const double h = 1e-5 * sqrt(variance), k = 1e-5;
    const double here = bins_log_mass(of, x, mean, variance, &slope);
    const double by_mean =
        (bins_log_mass(of, x, mean + h, variance, NULL) - bins_log_mass(of, x, mean - h, variance, NULL)) / (2.0 * h);
    const double by_log =
        (bins_log_mass(of, x, mean, variance * exp(k), NULL) - bins_log_mass(of, x, mean, variance * exp(-k), NULL)) /
        (2.0 * k);
    const double noise = 1e-10 * (fabs(here) + 1.0);
    assert_close(slope.mean, by_mean, 1e-6, noise / h + 1e-6 / sqrt(variance));
    assert_close(slope.log_variance, by_log, 1e-6, noise / k);
}

static void slopes_are_the_derivatives(void **state)
{
    (void)state;
    for (int cdf = BINS_NORMAL; cdf <= BINS_TANH; cdf++)
        for (size_t i = 0; i < LEVELS; i++)
            for (int32_t level = 0; level < levels[i]; level += 1 + levels[i] / 5)
                for (double variance = 1e-4; variance < 10; variance *= 11) {
                    const double x = 2.0 * level / (levels[i] - 1.0) - 1.0;
                    check_slope((bins){levels[i], cdf}, x, 0.9 * x + 0.01, variance);
                    check_slope((bins){levels[i], cdf}, x, x - 0.3 * sqrt(variance), variance);
                }
}

static void masses_sum_to_one(void **state)
{
    (void)state;
    for (int cdf = BINS_NORMAL; cdf <= BINS_TANH; cdf++) {
        const bins of = {256, cdf};
        double sum = 0.0;
        for (int level = 0; level < 256; level++)
            sum += exp(bins_log_mass(of, level / 127.5 - 1.0, 0.2, 0.3, NULL));
        assert_close(sum, 1.0, 1e-13, 0);
        assert_true(isnan(bins_log_mass(of, 0.0, NAN, 1.0, NULL)));
        for (int level = 0; level < 256; level++) { /* without variance all is in the mean's bin */
            const double x = level / 127.5 - 1.0,
                         other = bins_log_mass(of, x, x + (level < 128 ? 0.5 : -0.5), 0.0, NULL);
            assert_true(bins_log_mass(of, x, x + 1e-3, 0.0, NULL) == 0.0);
            assert_true(cdf == BINS_TANH ? fabs(other - log(1e-12)) < 1e-12 : other < -1e100);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mass_is_its_definition),
        cmocka_unit_test(far_tails_have_finite_logarithms),
        cmocka_unit_test(slopes_are_the_derivatives),
        cmocka_unit_test(masses_sum_to_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

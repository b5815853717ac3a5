/* Divergence, entropy and likelihood of one bit beside long double arithmetic. */
#include "long_double.h"

#include "process/binomial.h"

static long double definition(long double p, long double q)
{
    return p * logl(p / q) + (1 - p) * logl((1 - p) / (1 - q));
}

/* The definition with the difference of the rates taken out exactly; the sum still cancels to second order, which the
 * tolerance below allows for. */
static long double of_neighbours(double p, double q)
{
    long double difference = (long double)q - p;
    return -p * log1pl(difference / p) - (1 - (long double)p) * log1pl(-difference / (1 - (long double)p));
}

static void kl_keeps_its_digits_for_nearly_equal_rates(void **state)
{
    (void)state;
    need_long_double();
    for (double p = 1e-6; p < 1; p = p < 0.1 ? p * 7 : p + 0.13)
        for (double step = 1e-3; step > 1e-9; step /= 3) {
            double q = p * (1 + step), truth = (double)of_neighbours(p, q);
            double own_error = 0x1p-62 * p * step / truth; /* of the two terms, each about p * step, in truth */
            assert_close(bernoulli_kl(p, q), truth, 1e-14 + own_error, 0);
        }
}

/* To leading order the divergence of neighbours is (q - p)^2 / (2 p (1 - p)). */
static void kl_of_neighbours_is_quadratic(void **state)
{
    (void)state;
    for (double p = 0.1; p < 0.95; p += 0.1) {
        double q = p + 0x1p-40;
        assert_close(bernoulli_kl(p, q), (q - p) * (q - p) / (2 * p * (1 - p)), 1e-10, 0);
        assert_true(bernoulli_kl(p, p) == 0);
    }
}

static void kl_of_far_rates_is_the_definition(void **state)
{
    (void)state;
    need_long_double();
    for (double p = 1e-12; p < 1; p = p < 0.1 ? p * 11 : p + 0.17)
        for (double q = 1e-12; q < 1; q = q < 0.1 ? q * 5 : q + 0.19)
            if (fabs(p - q) > 0.1 * p && fabs(p - q) > 1e-3)
                assert_close(bernoulli_kl(p, q), (double)definition(p, q), 1e-14, 0);
}

static void certain_bits_have_closed_divergences(void **state)
{
    (void)state;
    assert_close(bernoulli_kl(0, 0.25), -log(0.75), 1e-15, 0);
    assert_close(bernoulli_kl(1, 0.25), -log(0.25), 1e-15, 0);
    assert_true(bernoulli_kl(0, 0) == 0 && bernoulli_kl(1, 1) == 0);
    assert_true(bernoulli_kl(0.5, 0) == INFINITY && bernoulli_kl(0.5, 1) == INFINITY);
    assert_true(bernoulli_kl(0, 1) == INFINITY && bernoulli_kl(1, 0) == INFINITY);
}

static void entropy_and_likelihood_are_their_definitions(void **state)
{
    (void)state;
    for (double p = 1e-12; p < 1; p = p < 0.1 ? p * 3 : p + 0.07) {
        long double rest = 1 - (long double)p;
        assert_close(bernoulli_entropy(p), (double)(-p * logl(p) - rest * log1pl(-(long double)p)), 1e-14, 0);
        assert_close(bernoulli_log_probability(1, p), (double)logl(p), 1e-14, 0);
        assert_close(bernoulli_log_probability(0, p), (double)log1pl(-(long double)p), 1e-14, 0);
    }
    assert_true(bernoulli_entropy(0) == 0 && bernoulli_entropy(1) == 0);
    assert_close(bernoulli_entropy(0.5), log(2), 1e-15, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kl_keeps_its_digits_for_nearly_equal_rates),
        cmocka_unit_test(kl_of_neighbours_is_quadratic),
        cmocka_unit_test(kl_of_far_rates_is_the_definition),
        cmocka_unit_test(certain_bits_have_closed_divergences),
        cmocka_unit_test(entropy_and_likelihood_are_their_definitions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

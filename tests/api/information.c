/* The divergences, likelihoods and entropies of diffusion/process.h through the shared library. */
#include "test.h"

static diffusion_schedule *gaussian, *bits;

static int make_schedules(void **state)
{
    (void)state;
    return diffusion_schedule_create(&gaussian, "betas values=0.1,0.2") |
           diffusion_schedule_create(&bits, "betas values=0.1,0.2 kernel=binomial rate=0.3,0.6");
}

static int free_schedules(void **state)
{
    (void)state;
    diffusion_schedule_free(gaussian);
    diffusion_schedule_free(bits);
    return 0;
}

static double bit_entropy(double p)
{
    return -p * log(p) - (1 - p) * log(1 - p);
}

static double normal_entropy(double variance)
{
    return 0.5 * log(2 * acos(-1) * exp(1) * variance);
}

static void divergences_are_sums_over_components(void **state)
{
    (void)state;
    const double mean1[2] = {0, 1}, variance1[2] = {1, 2}, mean2[2] = {1, -1}, variance2[2] = {4, 0.5};
    const double rate1[2] = {0.5, 0.1}, rate2[2] = {0.25, 0.9};
    double nats;
    assert_ok(diffusion_gaussian_kl(mean1, variance1, mean2, variance2, 2, &nats));
    assert_close(nats, 0.5 * (log(4.0) - 1 + 0.5) + 0.5 * (log(0.25) - 1 + (2 + 4) / 0.5), 1e-14, 0);
    assert_ok(diffusion_bernoulli_kl(rate1, rate2, 2, &nats));
    assert_close(nats, 0.5 * log(2.0) + 0.5 * log(0.5 / 0.75) + 0.8 * log(9.0), 1e-14, 0);
    assert_ok(diffusion_gaussian_kl(mean1, variance1, mean2, variance2, 0, &nats));
    assert_true(nats == 0);
    const double never = 0;
    assert_ok(diffusion_bernoulli_kl(rate1, &never, 1, &nats));
    assert_true(nats == INFINITY);
}

/* Three levels at -1, 0, 1 with edges at -1/2 and 1/2; F is the published tanh approximation. */
static double distribution(double z)
{
    return 0.5 * (1 + tanh(sqrt(2 / acos(-1)) * (z + 0.044715 * z * z * z)));
}

static void discretized_likelihoods_are_masses_of_bins(void **state)
{
    (void)state;
    const double x[3] = {-1, 0, 1}, mean[3] = {0.2, 0.2, 0.2}, variance[3] = {0.25, 0.25, 0.25};
    double nats[3];
    assert_ok(diffusion_discretized_log_likelihood("tanh", x, mean, variance, 3, 3, nats));
    assert_close(nats[0], log(distribution(-1.4)), 1e-13, 0);
    assert_close(nats[1], log(distribution(0.6) - distribution(-1.4)), 1e-13, 0);
    assert_close(nats[2], log(1 - distribution(0.6)), 1e-13, 0);
    const double far = 1, at = -1, narrow = 1e-4;
    assert_ok(diffusion_discretized_log_likelihood("tanh", &far, &at, &narrow, 1, 256, nats));
    assert_close(nats[0], log(1e-12), 1e-15, 0);
}

static void a_bin_beyond_all_logarithms_has_none(void **state)
{
    (void)state;
    const double x[3] = {1, 0, -1}, mean[3] = {-1e308, 1e154, 1e300}, variance[3] = {1, 1e-300, 1e-10};
    double nats[3] = {7, 7, 7};
    assert_ok(diffusion_discretized_log_likelihood("normal", x, mean, variance, 3, 256, nats));
    for (size_t i = 0; i < 3; i++)
        assert_true(nats[i] == -INFINITY);
    assert_ok(diffusion_discretized_log_likelihood("normal", x, (double[]){2, 1e100, -1e9}, variance, 3, 256, nats));
    for (size_t i = 0; i < 3; i++)
        assert_true(nats[i] <= 0 && (isfinite(nats[i]) || i == 1));
}

static void gaussian_entropies_need_no_values(void **state)
{
    (void)state;
    double nats;
    assert_ok(diffusion_entropy(gaussian, "step", 2, NULL, NULL, 3, &nats));
    assert_close(nats, 3 * normal_entropy(0.2), 1e-14, 0);
    assert_ok(diffusion_entropy(gaussian, "marginal", 2, NULL, NULL, 3, &nats));
    assert_close(nats, 3 * normal_entropy(0.28), 1e-14, 0);
    assert_ok(diffusion_entropy(gaussian, "posterior", 2, NULL, NULL, 3, &nats));
    assert_close(nats, 3 * normal_entropy(0.2 * 0.1 / 0.28), 1e-14, 0);
    assert_ok(diffusion_entropy(gaussian, "posterior", 1, NULL, NULL, 3, &nats));
    assert_true(nats == -INFINITY);
}

static void binomial_entropies_are_those_of_their_rates(void **state)
{
    (void)state;
    const double first[2] = {1, 0}, second[2] = {0, 0};
    double nats;
    assert_ok(diffusion_entropy(bits, "step", 2, first, NULL, 2, &nats));
    assert_close(nats, bit_entropy(0.86) + bit_entropy(0.12), 1e-13, 0);
    assert_ok(diffusion_entropy(bits, "marginal", 2, first, NULL, 2, &nats));
    assert_close(nats, bit_entropy(0.3 + 0.72 * 0.7) + bit_entropy(0.28 * 0.6), 1e-13, 0);
    /* Bayes: x_1 has rates 0.93 and 0.06; x_2 = 0 comes of 1 with 0.14 and 0.08, of 0 with 0.94 and 0.88. */
    double a = 0.14 * 0.93 / (0.14 * 0.93 + 0.94 * 0.07), b = 0.08 * 0.06 / (0.08 * 0.06 + 0.88 * 0.94);
    assert_ok(diffusion_entropy(bits, "posterior", 2, first, second, 2, &nats));
    assert_close(nats, bit_entropy(a) + bit_entropy(b), 1e-13, 0);
}

static void bounds_are_the_papers_equations(void **state)
{
    (void)state;
    double lower, upper;
    assert_ok(diffusion_entropy_bounds(gaussian, 2, &lower, &upper));
    assert_close(upper, normal_entropy(0.2), 1e-14, 0);
    assert_close(lower, normal_entropy(0.2) + normal_entropy(0.1) - normal_entropy(0.28), 1e-14, 0);
    assert_ok(diffusion_entropy_bounds(gaussian, 1, &lower, &upper));
    assert_true(lower == -INFINITY);
    assert_ok(diffusion_entropy_bounds(bits, 1, &lower, &upper));
    double first = 0.3 * bit_entropy(0.93) + 0.7 * bit_entropy(0.03);
    double second = 0.6 * bit_entropy(0.96) + 0.4 * bit_entropy(0.06);
    assert_true(lower == 0); /* x_0 given x_0 */
    assert_close(upper, 0.5 * (first + second), 1e-13, 0);
}

static void values_out_of_range_are_refused(void **state)
{
    (void)state;
    const double x[2] = {0, 1}, zero[2] = {1, 0}, nan[2] = {NAN, 1}, large[2] = {1, 1.5}, below[2] = {-0.1, 1};
    const double one[2] = {1, 1};
    double nats = 7;
    assert_refused(diffusion_gaussian_kl(x, zero, x, one, 2, &nats), DIFFUSION_E_ARGUMENT,
                   "gaussian_kl: variance1[1]=0, expected a finite number above 0");
    assert_refused(diffusion_gaussian_kl(x, one, x, nan, 2, &nats), DIFFUSION_E_NONFINITE, "variance2[0]=nan");
    assert_refused(diffusion_bernoulli_kl(large, one, 2, &nats), DIFFUSION_E_ARGUMENT, "rate1[1]=1.5, expected 0..1");
    assert_refused(diffusion_bernoulli_kl(one, below, 2, &nats), DIFFUSION_E_ARGUMENT, "rate2[0]=-0.1, expected 0..1");
    assert_refused(diffusion_discretized_log_likelihood("tanh", large, x, one, 2, 256, &nats), DIFFUSION_E_ARGUMENT,
                   "x[1]=1.5, expected -1..1");
    assert_refused(diffusion_discretized_log_likelihood("tanh", nan, x, one, 2, 256, &nats), DIFFUSION_E_NONFINITE,
                   "x[0]=nan");
    assert_refused(diffusion_discretized_log_likelihood("tanh", x, x, zero, 2, 256, &nats), DIFFUSION_E_ARGUMENT,
                   "variance[1]");
    assert_refused(diffusion_discretized_log_likelihood("tanh", x, x, one, 2, 1, &nats), DIFFUSION_E_ARGUMENT,
                   "levels=1, expected 2..65536");
    assert_true(nats == 7);
}

static void entropies_refuse_wrong_names_steps_and_sizes(void **state)
{
    (void)state;
    const double x[3] = {0, 1, 0};
    double nats = 7, other = 7;
    assert_refused(diffusion_entropy(gaussian, "prior", 1, x, x, 2, &nats), DIFFUSION_E_NAME,
                   "entropy: unknown entropy 'prior', expected step, marginal or posterior");
    assert_refused(diffusion_entropy(gaussian, "step", 3, x, x, 2, &nats), DIFFUSION_E_STEP, "entropy: t=3");
    assert_refused(diffusion_entropy(bits, "step", 1, x, x, 3, &nats), DIFFUSION_E_SHAPE, "entropy: 3 values");
    assert_refused(diffusion_entropy(bits, "step", 1, NULL, x, 2, &nats), DIFFUSION_E_ARGUMENT, "first is NULL");
    assert_refused(diffusion_entropy(bits, "posterior", 1, x, NULL, 2, &nats), DIFFUSION_E_ARGUMENT, "second is NULL");
    assert_refused(diffusion_entropy_bounds(gaussian, 3, &nats, &other), DIFFUSION_E_STEP, "entropy_bounds: t=3");
    assert_true(nats == 7 && other == 7);
}

#define REFUSES_NULL(call, name) assert_refused(call, DIFFUSION_E_ARGUMENT, name " is NULL")

static void null_is_refused(void **state)
{
    (void)state;
    double d[1] = {0.5}, nats;
    REFUSES_NULL(diffusion_gaussian_kl(NULL, d, d, d, 1, &nats), "gaussian_kl: mean1");
    REFUSES_NULL(diffusion_gaussian_kl(d, NULL, d, d, 1, &nats), "gaussian_kl: variance1");
    REFUSES_NULL(diffusion_gaussian_kl(d, d, NULL, d, 1, &nats), "gaussian_kl: mean2");
    REFUSES_NULL(diffusion_gaussian_kl(d, d, d, NULL, 1, &nats), "gaussian_kl: variance2");
    REFUSES_NULL(diffusion_gaussian_kl(d, d, d, d, 1, NULL), "gaussian_kl: nats");
    REFUSES_NULL(diffusion_bernoulli_kl(NULL, d, 1, &nats), "bernoulli_kl: rate1");
    REFUSES_NULL(diffusion_bernoulli_kl(d, NULL, 1, &nats), "bernoulli_kl: rate2");
    REFUSES_NULL(diffusion_bernoulli_kl(d, d, 1, NULL), "bernoulli_kl: nats");
    REFUSES_NULL(diffusion_discretized_log_likelihood("tanh", NULL, d, d, 1, 256, &nats), "likelihood: x");
    REFUSES_NULL(diffusion_discretized_log_likelihood("tanh", d, NULL, d, 1, 256, &nats), "likelihood: mean");
    REFUSES_NULL(diffusion_discretized_log_likelihood("tanh", d, d, NULL, 1, 256, &nats), "likelihood: variance");
    REFUSES_NULL(diffusion_discretized_log_likelihood("tanh", d, d, d, 1, 256, NULL), "likelihood: nats");
    REFUSES_NULL(diffusion_entropy(NULL, "step", 1, d, d, 1, &nats), "entropy: schedule");
    REFUSES_NULL(diffusion_entropy(gaussian, NULL, 1, d, d, 1, &nats), "entropy: which");
    REFUSES_NULL(diffusion_entropy(gaussian, "step", 1, d, d, 1, NULL), "entropy: nats");
    REFUSES_NULL(diffusion_entropy_bounds(NULL, 1, d, d), "entropy_bounds: schedule");
    REFUSES_NULL(diffusion_entropy_bounds(gaussian, 1, NULL, d), "entropy_bounds: lower");
    REFUSES_NULL(diffusion_entropy_bounds(gaussian, 1, d, NULL), "entropy_bounds: upper");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(divergences_are_sums_over_components),
        cmocka_unit_test(discretized_likelihoods_are_masses_of_bins),
        cmocka_unit_test(a_bin_beyond_all_logarithms_has_none),
        cmocka_unit_test(gaussian_entropies_need_no_values),
        cmocka_unit_test(binomial_entropies_are_those_of_their_rates),
        cmocka_unit_test(bounds_are_the_papers_equations),
        cmocka_unit_test(values_out_of_range_are_refused),
        cmocka_unit_test(entropies_refuse_wrong_names_steps_and_sizes),
        cmocka_unit_test(null_is_refused),
    };
    return cmocka_run_group_tests(tests, make_schedules, free_schedules);
}

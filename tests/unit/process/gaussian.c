/* The Gaussian closed forms beside long double arithmetic, Bayes' rule and quadrature. */
#include "schedule.h"

#include "base/rng.h"
#include "process/forward.h"
#include "process/gaussian.h"

#define PI_LONG 3.14159265358979323846264338327950288L

static long double true_kl(double mean1, double variance1, double mean2, double variance2)
{
    long double difference = (long double)variance1 - variance2, shift = (long double)mean1 - mean2;
    long double x = difference / variance2, spread = x - logl((long double)variance1 / variance2);
    if (fabsl(x) < 0.01L) {
        spread = 0;                   /* the series x^2/2 - x^3/3 + ... */
        for (int k = 12; k >= 2; k--) /* the next term is below 2e-23 of the first */
            spread = (k % 2 == 0 ? 1.0L : -1.0L) / k + spread * x;
        spread *= x * x;
    }
    return 0.5L * (spread + shift * shift / variance2);
}

static void kl_keeps_its_digits_for_any_ratio_of_variances(void **state)
{
    (void)state;
    need_long_double();
    for (double size = 1e-15; size < 1e12; size *= 1.7)
        for (double scale = 1e-12; scale < 1e7; scale *= 1e6) {
            double larger = scale * (1.0 + size), smaller = scale / (1.0 + size);
            assert_close(gaussian_kl(0, larger, 0, scale), (double)true_kl(0, larger, 0, scale), 1e-14, 0);
            assert_close(gaussian_kl(0, smaller, 0, scale), (double)true_kl(0, smaller, 0, scale), 1e-14, 0);
            double shift = sqrt(scale) * size;
            assert_close(gaussian_kl(shift, larger, 0, scale), (double)true_kl(shift, larger, 0, scale), 1e-14, 0);
        }
}

static void kl_of_equals_is_zero_and_extremes_are_finite(void **state)
{
    (void)state;
    assert_true(gaussian_kl(0.3, 1e-9, 0.3, 1e-9) == 0.0);
    assert_close(gaussian_kl(0, 1e-300, 0, 1e300), 0.5 * (600 * log(10.0) - 1), 1e-14, 0);
    assert_close(gaussian_kl(1e-160, 1e-300, 0, 1e-300), 0.5e-20, 1e-14, 0);
}

/* q(x_t | x_{t-1}) q(x_{t-1} | x_0) / q(x_t | x_0) is the posterior's density, wherever it is asked. */
static void the_posterior_is_that_of_bayes_rule(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("cosine steps=20");
    double x[3];
    for (int32_t t = 2; t <= 20; t++) {
        rng_normal(x, 3, (rng_stream){.seed = 1, .purpose = RNG_NOISE, .step = (uint64_t)t, .sample = 0});
        level_posterior posterior = posterior_at(schedule, t);
        double before = alpha_bar_at(schedule, t - 1), now = alpha_bar_at(schedule, t), beta = schedule->beta[t];
        double bayes = gaussian_log_density(x[2], sqrt(1 - beta) * x[1], beta) +
                       gaussian_log_density(x[1], sqrt(before) * x[0], 1 - before) -
                       gaussian_log_density(x[2], sqrt(now) * x[0], 1 - now);
        double closed = gaussian_log_density(x[1], posterior.x0 * x[0] + posterior.xt * x[2], posterior.variance);
        assert_close(closed, bayes, 1e-11, 1e-11);
    }
    schedule_release(schedule);
}

static void the_posterior_of_the_first_step_is_x0_itself(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("cosine steps=20"), *single = schedule_of("betas values=0.25");
    level_posterior posterior = posterior_at(schedule, 1);
    assert_true(posterior.x0 == 1.0 && posterior.xt == 0.0 && posterior.variance == 0.0);
    assert_true(posterior_log_variance_at(schedule, 1) == posterior_log_variance_at(schedule, 2));
    assert_close(posterior_log_variance_at(single, 1), log(0.25), 1e-15, 0);
    schedule_release(schedule);
    schedule_release(single);
}

/* The trapezoid rule converges faster than any power for a Gaussian: at a spacing of sigma / 8 it is exact. */
static void the_density_integrates_to_one_and_its_mean_log_is_the_entropy(void **state)
{
    (void)state;
    for (double variance = 1e-6; variance < 1e3; variance *= 31) {
        double sigma = sqrt(variance), mass = 0, entropy = 0;
        for (double z = -12; z <= 12; z += 0.125) {
            double log_density = gaussian_log_density(0.7 + z * sigma, 0.7, variance);
            mass += exp(log_density) * sigma * 0.125;
            entropy -= log_density * exp(log_density) * sigma * 0.125;
        }
        assert_close(mass, 1.0, 1e-12, 0);
        assert_close(gaussian_entropy(variance), entropy, 1e-12, 1e-12);
    }
    assert_true(isinf(gaussian_entropy(0)) && gaussian_entropy(0) < 0);
    assert_true(gaussian_log_density(0.7, 0.7, 0) == INFINITY && gaussian_log_density(0.7, 0.6, 0) == -INFINITY);
    assert_true(gaussian_kl(0.7, 1, 0.7, 0) == INFINITY && gaussian_kl(0.7, 1, 0.6, 0) == INFINITY);
    assert_true(gaussian_kl(0.7, 0, 0.7, 0) == 0.0 && gaussian_kl(0.7, 0, 0.6, 0) == INFINITY);
}

/* Data N(0, v) stays Gaussian, V_t = alpha_bar_t v + 1 - alpha_bar_t, so H(X_{t-1} | X_t) is known: its variance is
 * V_{t-1} beta_t / V_t. The bounds are equations 24 and 36, term by term as the paper has them. */
static void the_entropy_bounds_hold_and_are_the_papers(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("linear steps=40 beta_end=0.3");
    for (int32_t t = 2; t <= 40; t++) {
        double lower, upper, before = alpha_bar_at(schedule, t - 1), now = alpha_bar_at(schedule, t);
        gaussian_kernel.entropy_bounds(&schedule->kernel, &schedule->levels[t - 1], &schedule->levels[t], &lower,
                                       &upper);
        double step = gaussian_entropy(schedule->beta[t]);
        assert_close(upper, step, 1e-14, 0);
        assert_close(lower, step + gaussian_entropy(1 - before) - gaussian_entropy(1 - now), 1e-12, 1e-12);
        for (double v = 1; v > 1e-9; v /= 3) {
            double truth = gaussian_entropy((before * v + 1 - before) * schedule->beta[t] / (now * v + 1 - now));
            if (!(lower <= truth + 1e-12 && truth <= upper + 1e-12))
                fail_msg("t=%d v=%g: %.17g <= %.17g <= %.17g does not hold", t, v, lower, truth, upper);
            if (v == 1)
                assert_close(upper, truth, 1e-12, 1e-12);
        }
        double of_a_point = gaussian_entropy((1 - before) * schedule->beta[t] / (1 - now)); /* v = 0 */
        assert_close(lower, of_a_point, 1e-12, 1e-12);
    }
    schedule_release(schedule);
}

static void entropies_of_conditionals_are_those_of_their_variances(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("betas values=0.1,0.2,0.4");
    const double noise2 = 1 - 0.9 * 0.8, noise3 = 1 - 0.9 * 0.8 * 0.6;
    assert_close(forward_entropy(schedule, FORWARD_STEP, 3, NULL, NULL, 5), 5 * gaussian_entropy(0.4), 1e-14, 0);
    assert_close(forward_entropy(schedule, FORWARD_MARGINAL, 3, NULL, NULL, 5), 5 * gaussian_entropy(noise3), 1e-14, 0);
    assert_close(forward_entropy(schedule, FORWARD_POSTERIOR, 3, NULL, NULL, 5),
                 5 * gaussian_entropy(0.4 * noise2 / noise3), 1e-14, 0);
    assert_true(forward_entropy(schedule, FORWARD_POSTERIOR, 1, NULL, NULL, 5) == -INFINITY);
    assert_true(forward_entropy(schedule, FORWARD_POSTERIOR, 1, NULL, NULL, 0) == 0);
    schedule_release(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kl_keeps_its_digits_for_any_ratio_of_variances),
        cmocka_unit_test(kl_of_equals_is_zero_and_extremes_are_finite),
        cmocka_unit_test(the_posterior_is_that_of_bayes_rule),
        cmocka_unit_test(the_posterior_of_the_first_step_is_x0_itself),
        cmocka_unit_test(the_density_integrates_to_one_and_its_mean_log_is_the_entropy),
        cmocka_unit_test(the_entropy_bounds_hold_and_are_the_papers),
        cmocka_unit_test(entropies_of_conditionals_are_those_of_their_variances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

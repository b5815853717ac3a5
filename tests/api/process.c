/* diffusion/process.h through the shared library: the formulas, what may alias what, and every refusal. */
#include "test.h"

enum { N = 3, DIM = 2, COUNT = N * DIM, STEPS = 4 };

static diffusion_schedule *gaussian, *bits, *per_bit;

static const float x0[COUNT] = {0.5F, -1.0F, 2.0F, 0.0F, 1.0F, -0.25F};
static const float noise[COUNT] = {1.0F, -0.5F, 0.25F, 2.0F, -1.0F, 0.125F};
static const double beta[STEPS + 1] = {0, 0.1, 0.2, 0.3, 0.4};

static int make_schedules(void **state)
{
    (void)state;
    return diffusion_schedule_create(&gaussian, "betas values=0.1,0.2,0.3,0.4") |
           diffusion_schedule_create(&bits, "betas values=0.1,0.2,0.3,0.4 kernel=binomial rate=0.3") |
           diffusion_schedule_create(&per_bit, "betas values=0.1,0.2 kernel=binomial rate=0.3,0.6");
}

static int free_schedules(void **state)
{
    (void)state;
    diffusion_schedule_free(gaussian);
    diffusion_schedule_free(bits);
    diffusion_schedule_free(per_bit);
    return 0;
}

static double true_alpha_bar(int32_t t)
{
    double product = 1;
    for (int32_t i = 1; i <= t; i++)
        product *= 1 - beta[i];
    return product;
}

/* One rounding to float32, and the formula's own in double. */
static void assert_float(float got, double truth)
{
    assert_close((double)got, truth, 0x1p-24, 1e-15);
}

static void each_sample_is_drawn_at_its_own_step(void **state)
{
    (void)state;
    const int32_t t[N] = {4, 1, 2};
    float xt[COUNT];
    assert_ok(diffusion_forward_sample(gaussian, t, x0, noise, N, DIM, xt));
    for (int i = 0; i < COUNT; i++) {
        double alpha_bar = true_alpha_bar(t[i / DIM]);
        assert_float(xt[i], sqrt(alpha_bar) * (double)x0[i] + sqrt(1 - alpha_bar) * (double)noise[i]);
    }
}

static void binomial_draws_compare_the_noise_with_the_rate(void **state)
{
    (void)state;
    const int32_t t[2] = {2, 1};
    const float data[4] = {0, 1, 1, 0};
    float xt[4], step[4];
    const double rates[4] = {0.3 * 0.28, 0.6 + 0.72 * 0.4, 0.3 + 0.9 * 0.7,
                             0.6 * 0.1}; /* rate + alpha_bar (x0 - rate) */
    for (int above = 0; above <= 1; above++) {
        float uniform[4];
        for (int i = 0; i < 4; i++)
            uniform[i] = (float)(rates[i] + (above ? 1e-6 : -1e-6));
        assert_ok(diffusion_forward_sample(per_bit, t, data, uniform, 2, 2, xt));
        for (int i = 0; i < 4; i++)
            assert_true(xt[i] == (above ? 0.0F : 1.0F));
    }
    const float near_rate[4] = {0.059F, 0.919F, 0.861F, 0.121F}; /* x (1 - 0.2) + 0.2 rate: .06 .92 .86 .12 */
    assert_ok(diffusion_forward_step(per_bit, 2, data, near_rate, 2, 2, step));
    assert_true(step[0] == 1 && step[1] == 1 && step[2] == 0 && step[3] == 0);
}

static void a_trajectory_is_its_steps_one_after_another(void **state)
{
    (void)state;
    float path[STEPS * COUNT], draws[STEPS * COUNT], x[COUNT];
    for (int i = 0; i < STEPS * COUNT; i++)
        draws[i] = (float)sin(i + 1.0);
    assert_ok(diffusion_forward_trajectory(gaussian, x0, draws, N, DIM, path));
    memcpy(x, x0, sizeof x);
    for (int32_t t = 1; t <= STEPS; t++) {
        const float *now = draws + (t - 1) * COUNT;
        for (int i = 0; i < COUNT; i++)
            assert_float(path[(t - 1) * COUNT + i], sqrt(1 - beta[t]) * (double)x[i] + sqrt(beta[t]) * (double)now[i]);
        assert_ok(diffusion_forward_step(gaussian, t, x, now, N, DIM, x)); /* previous and xt are one array */
        assert_memory_equal(x, path + (t - 1) * COUNT, sizeof x);
    }
    assert_ok(diffusion_forward_trajectory(gaussian, x0, draws, N, DIM, draws));
    assert_memory_equal(draws, path, sizeof path);
}

static void results_may_overwrite_what_they_are_made_of(void **state)
{
    (void)state;
    const int32_t t[N] = {3, 2, 1};
    float truth[COUNT], over_noise[COUNT], over_x0[COUNT];
    memcpy(over_noise, noise, sizeof noise);
    memcpy(over_x0, x0, sizeof x0);
    assert_ok(diffusion_forward_sample(gaussian, t, x0, noise, N, DIM, truth));
    assert_ok(diffusion_forward_sample(gaussian, t, x0, over_noise, N, DIM, over_noise));
    assert_ok(diffusion_forward_sample(gaussian, t, over_x0, noise, N, DIM, over_x0));
    assert_memory_equal(over_noise, truth, sizeof truth);
    assert_memory_equal(over_x0, truth, sizeof truth);
    memcpy(over_noise, noise, sizeof noise);
    assert_ok(diffusion_forward_step(gaussian, 2, x0, noise, N, DIM, truth));
    assert_ok(diffusion_forward_step(gaussian, 2, x0, over_noise, N, DIM, over_noise));
    assert_memory_equal(over_noise, truth, sizeof truth);
}

static void marginals_have_the_closed_mean_and_variance(void **state)
{
    (void)state;
    double mean[3] = {0.5, -2, 0}, variance[3];
    assert_ok(diffusion_marginal(gaussian, 3, mean, 3, mean, variance)); /* mean and x0 are one array */
    for (int i = 0; i < 3; i++) {
        assert_close(mean[i], sqrt(true_alpha_bar(3)) * (i == 0 ? 0.5 : i == 1 ? -2 : 0), 1e-14, 0);
        assert_close(variance[i], 1 - true_alpha_bar(3), 1e-14, 0);
    }
    const double data[2] = {1, 0};
    assert_ok(diffusion_marginal(bits, 2, data, 2, mean, variance));
    for (int i = 0; i < 2; i++) {
        double rate = 0.3 + 0.72 * (data[i] - 0.3);
        assert_close(mean[i], rate, 1e-14, 0);
        assert_close(variance[i], rate * (1 - rate), 1e-14, 0);
    }
}

static void posteriors_have_the_closed_mean_and_variance(void **state)
{
    (void)state;
    const double data[2] = {0.5, -2}, now = 0.7;
    double mean[2] = {now, now}, variance[2];
    double before = true_alpha_bar(2), after = true_alpha_bar(3);
    assert_ok(diffusion_posterior(gaussian, 3, data, mean, 2, mean, variance)); /* mean and xt are one array */
    for (int i = 0; i < 2; i++) {
        double truth = (sqrt(before) * 0.3 * data[i] + sqrt(0.7) * (1 - before) * now) / (1 - after);
        assert_close(mean[i], truth, 1e-14, 0);
        assert_close(variance[i], 0.3 * (1 - before) / (1 - after), 1e-14, 0);
    }
    assert_ok(diffusion_posterior(gaussian, 1, data, data, 2, mean, variance));
    assert_true(mean[0] == 0.5 && mean[1] == -2 && variance[0] == 0 && variance[1] == 0);
}

static void binomial_posteriors_are_bayes_rule(void **state)
{
    (void)state;
    const double data[2] = {1, 0}, xt[2] = {1, 1};
    double mean[2], variance[2];
    assert_ok(diffusion_posterior(bits, 2, data, xt, 2, mean, variance));
    for (int i = 0; i < 2; i++) {
        double before = data[i] * 0.9 + 0.3 * 0.1, from_one = 0.8 + 0.3 * 0.2, from_zero = 0.3 * 0.2;
        double truth = from_one * before / (from_one * before + from_zero * (1 - before));
        assert_close(mean[i], truth, 1e-14, 0);
        assert_close(variance[i], truth * (1 - truth), 1e-13, 0);
    }
}

static void draws_at_a_wrong_step_or_size_are_refused_untouched(void **state)
{
    (void)state;
    const int32_t late[N] = {1, 4, 5}, early[N] = {1, 0, 2}, good[N] = {1, 2, 1};
    float xt[COUNT] = {7}, before[COUNT] = {7};
    assert_refused(diffusion_forward_sample(gaussian, late, x0, noise, N, DIM, xt), DIFFUSION_E_STEP,
                   "forward_sample: t=5, expected 1..4");
    assert_refused(diffusion_forward_sample(gaussian, early, x0, noise, N, DIM, xt), DIFFUSION_E_STEP, "t=0");
    assert_refused(diffusion_forward_sample(per_bit, good, x0, noise, 2, 3, xt), DIFFUSION_E_SHAPE,
                   "3 values to a sample, expected 2");
    assert_refused(diffusion_forward_step(gaussian, 5, x0, noise, N, DIM, xt), DIFFUSION_E_STEP, "forward_step: t=5");
    assert_refused(diffusion_forward_step(per_bit, 1, x0, noise, 2, 3, xt), DIFFUSION_E_SHAPE, "forward_step: 3");
    assert_refused(diffusion_forward_trajectory(per_bit, x0, noise, 1, 3, xt), DIFFUSION_E_SHAPE, "trajectory: 3");
    assert_memory_equal(xt, before, sizeof xt);
}

static void marginals_and_posteriors_refuse_a_wrong_step_or_size(void **state)
{
    (void)state;
    const double x[3] = {0, 1, 0};
    double mean[3] = {7}, variance[3] = {7};
    assert_refused(diffusion_marginal(gaussian, 0, x, 3, mean, variance), DIFFUSION_E_STEP, "marginal: t=0");
    assert_refused(diffusion_marginal(per_bit, 1, x, 3, mean, variance), DIFFUSION_E_SHAPE, "marginal: 3 values");
    assert_refused(diffusion_posterior(gaussian, 5, x, x, 3, mean, variance), DIFFUSION_E_STEP, "posterior: t=5");
    assert_refused(diffusion_posterior(per_bit, 1, x, x, 3, mean, variance), DIFFUSION_E_SHAPE, "posterior: 3 values");
    assert_true(mean[0] == 7 && variance[0] == 7);
}

static void what_is_no_bit_is_refused_untouched(void **state)
{
    (void)state;
    const int32_t t[1] = {2};
    const float bit[1] = {1}, half[1] = {0.5f}, five[1] = {5}, draw[STEPS] = {0.5f, 0.5f, 0.5f, 0.5f};
    const double one = 1, middle = 0.5, large = 5;
    const diffusion_status argument = DIFFUSION_E_ARGUMENT;
    float xt[STEPS] = {7};
    double mean = 7, variance = 7;
    assert_refused(diffusion_forward_sample(bits, t, five, draw, 1, 1, xt), argument,
                   "forward_sample: x0[0]=5, expected 0 or 1");
    assert_refused(diffusion_forward_step(bits, 2, half, draw, 1, 1, xt), argument,
                   "forward_step: previous[0]=0.5, expected 0 or 1");
    assert_refused(diffusion_forward_trajectory(bits, half, draw, 1, 1, xt), argument, "forward_trajectory: x0[0]=0.5");
    assert_refused(diffusion_marginal(bits, 2, &large, 1, &mean, &variance), argument, "x0[0]=5, expected 0..1");
    assert_refused(diffusion_posterior(bits, 2, &large, &one, 1, &mean, &variance), argument, "x0[0]=5, expected 0..1");
    assert_refused(diffusion_posterior(bits, 2, &one, &middle, 1, &mean, &variance), argument,
                   "xt[0]=0.5, expected 0 or 1");
    assert_refused(diffusion_entropy(bits, "marginal", 2, &large, NULL, 1, &mean), argument,
                   "first[0]=5, expected 0..1");
    assert_refused(diffusion_entropy(bits, "posterior", 2, &one, &middle, 1, &mean), argument, "second[0]=0.5");
    assert_true(xt[0] == 7 && mean == 7 && variance == 7);
    assert_ok(diffusion_posterior(bits, 2, &middle, &one, 1, &mean, &variance)); /* x_0 may be a probability */
    assert_ok(diffusion_marginal(bits, 2, &middle, 1, &mean, &variance));
    assert_ok(diffusion_forward_step(bits, 2, bit, draw, 1, 1, xt));
    assert_ok(diffusion_forward_step(gaussian, 2, five, draw, 1, 1, xt));
}

#define REFUSES_NULL(call, name) assert_refused(call, DIFFUSION_E_ARGUMENT, name " is NULL")

static void null_is_refused(void **state)
{
    (void)state;
    const int32_t t[1] = {1};
    float f[DIM] = {0};
    double d[2] = {0};
    REFUSES_NULL(diffusion_forward_sample(NULL, t, f, f, 1, 2, f), "forward_sample: schedule");
    REFUSES_NULL(diffusion_forward_sample(gaussian, NULL, f, f, 1, 2, f), "forward_sample: t");
    REFUSES_NULL(diffusion_forward_sample(gaussian, t, NULL, f, 1, 2, f), "forward_sample: x0");
    REFUSES_NULL(diffusion_forward_sample(gaussian, t, f, NULL, 1, 2, f), "forward_sample: noise");
    REFUSES_NULL(diffusion_forward_sample(gaussian, t, f, f, 1, 2, NULL), "forward_sample: xt");
    REFUSES_NULL(diffusion_forward_step(NULL, 1, f, f, 1, 2, f), "forward_step: schedule");
    REFUSES_NULL(diffusion_forward_step(gaussian, 1, NULL, f, 1, 2, f), "forward_step: previous");
    REFUSES_NULL(diffusion_forward_step(gaussian, 1, f, NULL, 1, 2, f), "forward_step: noise");
    REFUSES_NULL(diffusion_forward_step(gaussian, 1, f, f, 1, 2, NULL), "forward_step: xt");
    REFUSES_NULL(diffusion_forward_trajectory(NULL, f, f, 1, 2, f), "forward_trajectory: schedule");
    REFUSES_NULL(diffusion_forward_trajectory(gaussian, NULL, f, 1, 2, f), "forward_trajectory: x0");
    REFUSES_NULL(diffusion_forward_trajectory(gaussian, f, NULL, 1, 2, f), "forward_trajectory: noise");
    REFUSES_NULL(diffusion_forward_trajectory(gaussian, f, f, 1, 2, NULL), "forward_trajectory: x");
    REFUSES_NULL(diffusion_marginal(NULL, 1, d, 2, d, d), "marginal: schedule");
    REFUSES_NULL(diffusion_marginal(gaussian, 1, NULL, 2, d, d), "marginal: x0");
    REFUSES_NULL(diffusion_marginal(gaussian, 1, d, 2, NULL, d), "marginal: mean");
    REFUSES_NULL(diffusion_marginal(gaussian, 1, d, 2, d, NULL), "marginal: variance");
    REFUSES_NULL(diffusion_posterior(NULL, 1, d, d, 2, d, d), "posterior: schedule");
    REFUSES_NULL(diffusion_posterior(gaussian, 1, NULL, d, 2, d, d), "posterior: x0");
    REFUSES_NULL(diffusion_posterior(gaussian, 1, d, NULL, 2, d, d), "posterior: xt");
    REFUSES_NULL(diffusion_posterior(gaussian, 1, d, d, 2, NULL, d), "posterior: mean");
    REFUSES_NULL(diffusion_posterior(gaussian, 1, d, d, 2, d, NULL), "posterior: variance");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sample_is_drawn_at_its_own_step),
        cmocka_unit_test(binomial_draws_compare_the_noise_with_the_rate),
        cmocka_unit_test(a_trajectory_is_its_steps_one_after_another),
        cmocka_unit_test(results_may_overwrite_what_they_are_made_of),
        cmocka_unit_test(marginals_have_the_closed_mean_and_variance),
        cmocka_unit_test(posteriors_have_the_closed_mean_and_variance),
        cmocka_unit_test(binomial_posteriors_are_bayes_rule),
        cmocka_unit_test(draws_at_a_wrong_step_or_size_are_refused_untouched),
        cmocka_unit_test(marginals_and_posteriors_refuse_a_wrong_step_or_size),
        cmocka_unit_test(what_is_no_bit_is_refused_untouched),
        cmocka_unit_test(null_is_refused),
    };
    return cmocka_run_group_tests(tests, make_schedules, free_schedules);
}

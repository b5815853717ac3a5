/* diffusion/schedule.h through the shared library: values, specs, refusals. */
#include "test.h"

static diffusion_schedule *schedule_of(const char *spec)
{
    diffusion_schedule *schedule = NULL;
    assert_ok(diffusion_schedule_create(&schedule, spec));
    return schedule;
}

/* Two steps that can be worked out by hand: alpha = 0.75 and 0.5, alpha_bar = 0.75 and 0.375. */
static void quantities_are_what_their_names_say(void **state)
{
    (void)state;
    const double variance = 0.5 * 0.25 / 0.625;
    const struct {
        const char *name;
        double values[2];
    } truths[] = {
        {"beta", {0.25, 0.5}},
        {"alpha", {0.75, 0.5}},
        {"alpha_bar", {0.75, 0.375}},
        {"one_minus_alpha_bar", {0.25, 0.625}},
        {"log_alpha_bar", {log(0.75), log(0.375)}},
        {"snr", {3.0, 0.6}},
        {"log_snr", {log(3.0), log(0.6)}},
        {"posterior_variance", {0.0, variance}},
        {"posterior_log_variance", {log(variance), log(variance)}},
        {"posterior_mean_x0", {1.0, sqrt(0.75) * 0.5 / 0.625}},
        {"posterior_mean_xt", {0.0, sqrt(0.5) * 0.25 / 0.625}},
    };
    diffusion_schedule *schedule = schedule_of("betas values=0.25,0.5");
    assert_int_equal(diffusion_schedule_steps(schedule), 2);
    for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++) {
        double values[2];
        assert_ok(diffusion_schedule_values(schedule, truths[i].name, values));
        for (int t = 0; t < 2; t++)
            assert_close(values[t], truths[i].values[t], 1e-14, 0);
    }
    diffusion_schedule_free(schedule);
}

static void a_spec_makes_the_same_schedule_again(void **state)
{
    (void)state;
    double betas[3] = {0.1, 0.7, 1.0 / 3.0}, first[3], second[3];
    diffusion_schedule *a = NULL;
    assert_ok(diffusion_schedule_create_from_betas(&a, betas, 3, NULL));
    betas[0] = 0.9; /* they were copied */
    diffusion_schedule *b = schedule_of(diffusion_schedule_spec(a));
    assert_string_equal(diffusion_schedule_spec(b), diffusion_schedule_spec(a));
    assert_ok(diffusion_schedule_values(a, "log_alpha_bar", first));
    assert_ok(diffusion_schedule_values(b, "log_alpha_bar", second));
    assert_memory_equal(first, second, sizeof first);
    assert_close(first[0], log(0.9), 1e-15, 0);
    diffusion_schedule_free(a);
    diffusion_schedule_free(b);
}

static void null_is_allowed_where_it_says_so(void **state)
{
    (void)state;
    assert_int_equal(diffusion_schedule_steps(NULL), 0);
    assert_null(diffusion_schedule_spec(NULL));
    diffusion_schedule_free(NULL);
}

static void null_is_refused_elsewhere(void **state)
{
    (void)state;
    const double betas[1] = {0.5};
    double out[1] = {7};
    diffusion_schedule *schedule = schedule_of("betas values=0.5"), *none = NULL;
    assert_refused(diffusion_schedule_create(NULL, "linear"), DIFFUSION_E_ARGUMENT, "schedule_create: out is NULL");
    assert_refused(diffusion_schedule_create(&none, NULL), DIFFUSION_E_ARGUMENT, "schedule_create: spec is NULL");
    assert_refused(diffusion_schedule_create_from_betas(NULL, betas, 1, ""), DIFFUSION_E_ARGUMENT, "out is NULL");
    assert_refused(diffusion_schedule_create_from_betas(&none, NULL, 1, ""), DIFFUSION_E_ARGUMENT, "betas is NULL");
    assert_refused(diffusion_schedule_values(NULL, "beta", out), DIFFUSION_E_ARGUMENT, "schedule is NULL");
    assert_refused(diffusion_schedule_values(schedule, NULL, out), DIFFUSION_E_ARGUMENT, "quantity is NULL");
    assert_refused(diffusion_schedule_values(schedule, "beta", NULL), DIFFUSION_E_ARGUMENT, "out is NULL");
    assert_true(none == NULL && out[0] == 7);
    diffusion_schedule_free(schedule);
}

static void wrong_specs_and_betas_are_refused(void **state)
{
    (void)state;
    const double betas[2] = {0.5, 1.5};
    diffusion_schedule *out = NULL;
    assert_refused(diffusion_schedule_create(&out, "linaer"), DIFFUSION_E_SPEC, "did you mean 'linear'?");
    assert_refused(diffusion_schedule_create(&out, "cosine rate=0.5"), DIFFUSION_E_SPEC, "expected kernel=binomial");
    assert_refused(diffusion_schedule_create_from_betas(&out, betas, 2, ""), DIFFUSION_E_ARGUMENT, "beta_2=1.5");
    assert_refused(diffusion_schedule_create_from_betas(&out, betas, -1, ""), DIFFUSION_E_ARGUMENT, "steps=-1");
    assert_refused(diffusion_schedule_create_from_betas(&out, betas, 1, "steps=1"), DIFFUSION_E_SPEC, "key 'steps'");
    assert_null(out);
}

/* Nothing could tell the levels after it from one another. */
static void a_beta_of_1_is_the_last(void **state)
{
    (void)state;
    static const char *const kernels[] = {"", " kernel=binomial"};
    const double betas[3] = {0.5, 1, 0.25};
    for (size_t i = 0; i < 2; i++) {
        char spec[64];
        double alpha_bar[3];
        diffusion_schedule *out = NULL;
        snprintf(spec, sizeof spec, "betas values=0.5,1,0.25%s", kernels[i]);
        assert_refused(diffusion_schedule_create(&out, spec), DIFFUSION_E_SPEC, "beta_2=1");
        assert_refused(diffusion_schedule_create_from_betas(&out, betas, 3, kernels[i]), DIFFUSION_E_ARGUMENT,
                       "beta_2=1");
        assert_null(out);
        assert_ok(diffusion_schedule_create_from_betas(&out, betas, 2, kernels[i]));
        assert_ok(diffusion_schedule_values(out, "alpha_bar", alpha_bar));
        assert_true(alpha_bar[0] == 0.5 && alpha_bar[1] == 0.0);
        diffusion_schedule_free(out);
    }
}

static void wrong_quantities_are_refused(void **state)
{
    (void)state;
    double out[2] = {7, 7};
    diffusion_schedule *gaussian = schedule_of("linear steps=2"), *bits = schedule_of("linear steps=2 kernel=binomial");
    assert_refused(diffusion_schedule_values(gaussian, "alpha_ber", out), DIFFUSION_E_NAME,
                   "schedule_values: unknown quantity 'alpha_ber', did you mean 'alpha_bar'?");
    assert_refused(diffusion_schedule_values(gaussian, "temperature", out), DIFFUSION_E_NAME, "unknown quantity");
    static const char *const names[] = {"posterior_variance", "posterior_log_variance", "posterior_mean_x0",
                                        "posterior_mean_xt"};
    for (size_t i = 0; i < 4; i++)
        assert_refused(diffusion_schedule_values(bits, names[i], out), DIFFUSION_E_KERNEL,
                       "of the binomial kernel, expected the Gaussian kernel");
    assert_true(out[0] == 7 && out[1] == 7);
    assert_ok(diffusion_schedule_values(bits, "log_snr", out));
    diffusion_schedule_free(gaussian);
    diffusion_schedule_free(bits);
}

/* sigma^(1/rho) of 80 is beyond a double, and what lies between is not: of sigma_max^(1/rho) the share (t - 1) / 9. */
static void a_small_rho_has_finite_levels(void **state)
{
    (void)state;
    diffusion_schedule *schedule = schedule_of("edm steps=10 rho=0.005");
    for (int t = 2; t <= 10; t++) {
        double sigma, log_snr, time;
        assert_ok(diffusion_schedule_level(schedule, t, NULL, &sigma, &log_snr));
        assert_close(sigma, 80.0 * pow((t - 1) / 9.0, 0.005), 1e-12, 0);
        assert_ok(diffusion_schedule_time(schedule, log_snr, &time));
        assert_close(time, t, 1e-9, 0);
    }
    diffusion_schedule_free(schedule);
}

static void levels_that_do_not_fall_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"flow steps=100 power=200", "flow leaves nothing of x_0 at step 98"},
        {"ve steps=1000 sigma_min=1 sigma_max=1.0000000000000002", "ve has the log SNR 0 at step 2 and 0"},
        {"log_snr steps=1000 maximum=3 minimum=2.999999999999999", "log_snr has the log SNR 3 at step 2 and 3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        diffusion_schedule *schedule = NULL;
        assert_refused(diffusion_schedule_create(&schedule, cases[i][0]), DIFFUSION_E_SPEC, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_rho_has_finite_levels),       cmocka_unit_test(levels_that_do_not_fall_are_refused),
        cmocka_unit_test(quantities_are_what_their_names_say), cmocka_unit_test(a_spec_makes_the_same_schedule_again),
        cmocka_unit_test(null_is_allowed_where_it_says_so),    cmocka_unit_test(null_is_refused_elsewhere),
        cmocka_unit_test(wrong_specs_and_betas_are_refused),   cmocka_unit_test(a_beta_of_1_is_the_last),
        cmocka_unit_test(wrong_quantities_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "schedule.h"

#include "base/memory.h"
#include "process/quantity.h"

static void assert_same_bits(const struct diffusion_schedule *a, const struct diffusion_schedule *b)
{
    const size_t steps = (size_t)a->steps + 1;
    assert_string_equal(a->spec, b->spec);
    assert_int_equal(a->steps, b->steps);
    assert_ptr_equal(a->curve, b->curve);
    assert_ptr_equal(a->kernel.methods, b->kernel.methods);
    assert_int_equal(a->kernel.rate_count, b->kernel.rate_count);
    assert_memory_equal(a->beta, b->beta, steps * sizeof *a->beta);
    assert_memory_equal(a->levels, b->levels, steps * sizeof *a->levels);
    if (a->kernel.rate_count > 0)
        assert_memory_equal(a->kernel.rates, b->kernel.rates, a->kernel.rate_count * sizeof(double));
}

static void a_schedule_made_from_its_spec_has_the_same_bits(void **state)
{
    (void)state;
    static const char *const specs[] = {
        "linear",
        "linear steps=37 beta_start=0.001 beta_end=0.3333333333333333",
        "scaled_linear zero_terminal_snr=yes",
        "cosine steps=50",
        "sigmoid steps=20 beta_end=0.1",
        "constant_rate steps=2000 kernel=binomial rate=0.2",
        "constant_rate steps=5 kernel=binomial",
        "betas values=0.1,0.30000000000000004,1e-3 zero_terminal_snr=yes",
        "betas values=1",
        "betas values=0.5,0.25,1 kernel=binomial rate=0,0.1,1",
        "log_snr",
        "log_snr steps=7 maximum=4.000000000000001 minimum=-0.3333333333333333",
        "log_snr steps=9 kernel=binomial rate=0.1,0.3",
        "log_snr steps=9 shares=0.30000000000000004,1e-3,7",
    };
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        struct diffusion_schedule *a = schedule_of(specs[i]), *b = schedule_of(a->spec);
        assert_same_bits(a, b);
        schedule_release(a);
        schedule_release(b);
    }
}

static void the_spec_spells_out_every_default(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"linear", "linear steps=1000 beta_start=0.0001 beta_end=0.02 kernel=gaussian zero_terminal_snr=no"},
        {"scaled_linear", "scaled_linear steps=1000 beta_start=0.00085 beta_end=0.012 kernel=gaussian "
                          "zero_terminal_snr=no"},
        {"sigmoid", "sigmoid steps=1000 beta_start=0.0001 beta_end=0.02 kernel=gaussian zero_terminal_snr=no"},
        {"cosine steps=9", "cosine steps=9 kernel=gaussian zero_terminal_snr=no"},
        {"log_snr steps=3 minimum=-4", "log_snr steps=3 maximum=13.3 minimum=-4 kernel=gaussian zero_terminal_snr=no"},
        {"constant_rate kernel=binomial", "constant_rate steps=1000 kernel=binomial rate=0.5 zero_terminal_snr=no"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct diffusion_schedule *schedule = schedule_of(pairs[i][0]);
        assert_string_equal(schedule->spec, pairs[i][1]);
        schedule_release(schedule);
    }
}

static void betas_from_outside_come_back_from_the_spec_unrounded(void **state)
{
    (void)state;
    double betas[100];
    for (int i = 0; i < 100; i++)
        betas[i] = exp(-12.0 * fabs(sin(i))) / 3.0;
    struct diffusion_schedule *a, *b;
    assert_ok(schedule_create_from_betas(&a, betas, 100, "kernel=binomial rate=0.1,0.7"));
    assert_memory_equal(a->beta + 1, betas, sizeof betas);
    b = schedule_of(a->spec);
    assert_same_bits(a, b);
    schedule_release(a);
    schedule_release(b);
}

static void t_0_is_the_data(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("cosine steps=10");
    const noise_level data = level_of_data();
    assert_true(schedule->beta[0] == 0.0);
    assert_memory_equal(&schedule->levels[0], &data, sizeof data);
    schedule_release(schedule);
}

static void a_wrong_spec_is_refused_in_one_sentence(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "schedule: the spec is empty"},
        {"cosin", "did you mean 'cosine'"},
        {"linear steps=0", "steps=0, expected a whole number 1..100000"},
        {"linear steps=100001", "steps=100001, expected"},
        {"linear beta_start=0", "beta_1=0, expected above 0 and at most 1"},
        {"linear beta_end=1.5", "beta_end=1.5, expected a number 0..1"},
        {"linear steps=3 beta_start=1", "beta_1=1, expected below 1 before the last step 3"},
        {"betas", "key 'values' is missing"},
        {"betas values=0.1,0", "beta_2=0, expected above 0"},
        {"betas values=0.1,1,0.1", "beta_2=1, expected below 1"},
        {"betas values=0.5,1,0.25 kernel=binomial", "beta_2=1, expected below 1"},
        {"log_snr maximum=-5", "minimum=-5, expected less than maximum=-5"},
        {"log_snr maximum=701", "maximum=701, expected a number -700..700"},
        {"log_snr zero_terminal_snr=yes", "zero_terminal_snr=yes with log_snr, expected a curve of betas"},
        {"betas values=0.1,x", "values=x, expected"},
        {"betas values=0.1 steps=1", "unknown key 'steps'"},
        {"linear rate=0.5", "rate is given with kernel=gaussian, expected kernel=binomial"},
        {"linear kernel=binomial rate=1.5", "rate=1.5, expected"},
        {"linear steps=1 zero_terminal_snr=yes", "steps=1, expected at least 2"},
        {"betas values=0.5 zero_terminal_snr=yes", "steps=1, expected at least 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct diffusion_schedule *untouched = NULL;
        assert_refused(schedule_create(&untouched, cases[i][0]), DIFFUSION_E_SPEC, cases[i][1]);
        assert_null(untouched);
    }
}

static void wrong_betas_from_outside_are_refused(void **state)
{
    (void)state;
    const double good[] = {0.1, 0.2}, zero[] = {0.1, 0.0}, large[] = {1.5, 0.2}, nan[] = {NAN, 0.2}, dead[] = {1, 0.5};
    struct diffusion_schedule *out = NULL;
    assert_refused(schedule_create_from_betas(&out, good, 0, ""), DIFFUSION_E_ARGUMENT, "steps=0, expected 1..100000");
    assert_refused(schedule_create_from_betas(&out, zero, 2, ""), DIFFUSION_E_ARGUMENT, "beta_2=0, expected above 0");
    assert_refused(schedule_create_from_betas(&out, large, 2, ""), DIFFUSION_E_ARGUMENT, "beta_1=1.5, expected");
    assert_refused(schedule_create_from_betas(&out, nan, 2, ""), DIFFUSION_E_ARGUMENT, "beta_1=nan, expected");
    assert_refused(schedule_create_from_betas(&out, dead, 2, ""), DIFFUSION_E_ARGUMENT, "beta_1=1, expected below 1");
    assert_refused(schedule_create_from_betas(&out, good, 2, "zero_terminal_snr=yes"), DIFFUSION_E_SPEC,
                   "unknown key 'zero_terminal_snr'");
    assert_refused(schedule_create_from_betas(&out, good, 2, "rate=0.5"), DIFFUSION_E_SPEC, "kernel=binomial");
    assert_null(out);
}

static void a_schedule_lives_until_its_last_reference(void **state)
{
    (void)state;
    const struct diffusion_schedule *schedule = schedule_of("linear steps=4");
    assert_ptr_equal(schedule_retain(schedule), schedule);
    schedule_release(schedule);
    assert_int_equal(schedule->steps, 4);
    assert_int_equal(schedule->references, 1);
    schedule_release(schedule);
    schedule_release(NULL);
}

static void checks_name_the_function_and_the_range(void **state)
{
    (void)state;
    struct diffusion_schedule *one = schedule_of("linear steps=7 kernel=binomial");
    struct diffusion_schedule *each = schedule_of("linear steps=7 kernel=binomial rate=0.1,0.2,0.3");
    assert_ok(schedule_check_step(one, "f", 1));
    assert_ok(schedule_check_step(one, "f", 7));
    assert_refused(schedule_check_step(one, "f", 0), DIFFUSION_E_STEP, "f: t=0, expected 1..7");
    assert_refused(schedule_check_step(one, "f", 8), DIFFUSION_E_STEP, "f: t=8, expected 1..7");
    assert_ok(schedule_check_dim(one, "f", 5));
    assert_ok(schedule_check_dim(each, "f", 3));
    assert_refused(schedule_check_dim(each, "f", 5), DIFFUSION_E_SHAPE, "f: 5 values to a sample, expected 3");
    assert_refused(schedule_check_additive(one, "f", "such a thing"), DIFFUSION_E_KERNEL,
                   "f: such a thing needs the Gaussian kernel");
    schedule_release(one);
    schedule_release(each);
}

static void the_help_lists_kinds_and_keys(void **state)
{
    (void)state;
    char *help = schedule_help();
    static const char *const words[] = {
        "linear\n",  "scaled_linear\n", "cosine\n", "sigmoid\n", "constant_rate\n",    "betas\n",
        "log_snr\n", "steps=",          "kernel=",  "rate=",     "zero_terminal_snr=", "values="};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(help, words[i]) == NULL)
            fail_msg("the help lacks '%s':\n%s", words[i], help);
    memory_release(help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_schedule_made_from_its_spec_has_the_same_bits),
        cmocka_unit_test(the_spec_spells_out_every_default),
        cmocka_unit_test(betas_from_outside_come_back_from_the_spec_unrounded),
        cmocka_unit_test(t_0_is_the_data),
        cmocka_unit_test(a_wrong_spec_is_refused_in_one_sentence),
        cmocka_unit_test(wrong_betas_from_outside_are_refused),
        cmocka_unit_test(a_schedule_lives_until_its_last_reference),
        cmocka_unit_test(checks_name_the_function_and_the_range),
        cmocka_unit_test(the_help_lists_kinds_and_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

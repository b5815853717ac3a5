/* The spec that a sampler gives: every key of its kind, and read back the same sampler, to the last bit. */
#include "make.h"

enum { DIM = 3, N = 4, COUNT = N * DIM, STEPS = 60 };

/* Each kind, with values that are no defaults. */
static const char *const specs[] = {
    "ancestral steps=9 last=model variance=fixed_small noise_limit=0.7 noise_limit_steps=3 spacing=linspace clip=0.9",
    "ancestral steps=5 last=forward particles=3 posterior=annealed variance=fixed_large",
    "ancestral steps=7 spacing=optimal variance=analytic",
    "ddim steps=7 eta=0.3 stride=even clipped_epsilon=yes threshold=0.9 threshold_max=1.7 spacing=leading "
    "steps_offset=2",
    "ddim eta=0.1 steps_list=59.5,31,7.25,0.1 guidance_scale=1.3 guidance_rescale=0.7 guidance_low=0.1 "
    "guidance_high=3",
    "dpmsolver++ steps=8 order=3 type=heun curvature=published lower_order_final=no spacing=karras rho=5 "
    "sigma_min=0.07 sigma_max=3.3",
    "dpmsolver steps=8 final=sigma_min euler_at_final=yes spacing=exponential drop_lowest=yes",
    "sde-dpmsolver++ steps=8 order=3 eta=0.7 times=real spacing=linspace",
    "sde-dpmsolver steps=8 method=singlestep lambda_min=-1.1",
    "unipc steps=8 order=3 type=bh1 go_by=noise corrector=yes disable_corrector=0,2.5,4",
    "deis steps=8 order=3 lower_order_final=no",
    "euler steps=8 s_churn=5 s_tmin=0.1 s_tmax=2 s_noise=1.003 model_before_churn=yes",
    "heun steps=8 path=flow alpha=0.8 spacing=beta",
    "kdpm2 steps=8 s_churn=3 spacing=polyexponential rho=2",
    "lms steps=8 order=3",
    "pndm steps=8 warm_up=prk combine=v",
    "ipndm steps=8",
    "sa_solver steps=8 predictor_order=3 corrector_order=4 tau=0.7 tau_start=50 tau_end=3 go_by=noise",
    "euler_ancestral steps=8 eta=0.9",
    "kdpm2_ancestral steps=8 eta=0.9",
    "dpmpp_2s steps=8 eta=0.9",
    "dpmpp_sde steps=8 eta=0.9 r=0.4",
    "dpm_fast evaluations=11 eta=0.5",
    "dpm_adaptive order=2 rtol=0.01 atol=0.003 h_init=0.1 pcoeff=0.1 icoeff=0.9 dcoeff=0.01 accept_safety=0.7 eta=0.3",
    "ddim_inverse steps=9 model_at=own stride=even",
    "heun_inverse steps=9 alpha=0.7 path=flow",
};
enum { SPECS = sizeof specs / sizeof *specs };

static diffusion_schedule *schedule;
static diffusion_model *model;
static char help[65536];

static int enter(void **state)
{
    double noise[STEPS];
    for (int t = 0; t < STEPS; t++)
        noise[t] = 0.3 + 0.01 * t;
    make_world_of(state, "linear steps=60 beta_end=0.2", "mlp shape=3 width=16 depth=2 classes=2 predict=epsilon");
    schedule = ((world *)*state)->schedule;
    model = ((world *)*state)->model;
    assert_ok(diffusion_model_set_moments(model, schedule, noise, NULL, 1.0));
    assert_ok(diffusion_help("sampler", help, sizeof help, NULL));
    return 0;
}

static diffusion_sampler *make(const char *spec)
{
    char text[512];
    assert_true(snprintf(text, sizeof text, "%s seed=18446744073709551615 first=7", spec) < (int)sizeof text);
    return make_sampler(model, schedule, text);
}

static void draw(diffusion_sampler *sampler, float *x0)
{
    const float start[DIM] = {0.5f, -0.25f, 1.0f};
    const int32_t labels[N] = {0, 1, 1, 0};
    diffusion_condition *condition = NULL;
    assert_ok(diffusion_condition_create(&condition, N));
    assert_ok(diffusion_condition_set_labels(condition, labels));
    if (strstr(diffusion_sampler_spec(sampler), "_inverse ") != NULL)
        assert_ok(diffusion_sampler_set_start(sampler, start, 1));
    assert_ok(diffusion_sampler_run(sampler, condition, N, x0));
    diffusion_condition_free(condition);
}

static void a_spec_read_back_makes_the_same_sampler(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPECS; i++) {
        float x0[COUNT], back[COUNT];
        diffusion_sampler *sampler = make(specs[i]);
        diffusion_sampler *again = make_sampler(model, schedule, diffusion_sampler_spec(sampler));
        assert_string_equal(diffusion_sampler_spec(again), diffusion_sampler_spec(sampler));
        draw(sampler, x0);
        draw(again, back);
        assert_same(back, x0, sizeof x0);
        diffusion_sampler_free(sampler);
        diffusion_sampler_free(again);
    }
}

/* ---- complete ---- */

static int has_pair(const char *spec, const char *pair, size_t length)
{
    for (const char *at = spec; (at = strchr(at, ' ')) != NULL; at++)
        if (strncmp(at + 1, pair, length) == 0 && (at[1 + length] == ' ' || at[1 + length] == '\0'))
            return 1;
    return 0;
}

static void what_was_given_stands_in_the_spec(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPECS; i++) {
        diffusion_sampler *sampler = make(specs[i]);
        const char *spec = diffusion_sampler_spec(sampler);
        assert_memory_equal(spec, specs[i], strcspn(specs[i], " ") + 1);
        for (const char *pair = specs[i]; (pair = strchr(pair, ' ')) != NULL;) {
            const size_t length = strcspn(++pair, " ");
            if (!has_pair(spec, pair, length))
                fail_msg("%s lacks %.*s", spec, (int)length, pair);
        }
        assert_true(has_pair(spec, "seed=18446744073709551615", 25) && has_pair(spec, "first=7", 7));
        diffusion_sampler_free(sampler);
    }
}

/* The keys below a line of the help stand in the spec; lists that nobody gave do not. */
static void check_keys(const char *line, const char *spec)
{
    while ((line = strchr(line, '\n')) != NULL && strncmp(++line, "    ", 4) == 0) {
        char key[64];
        const size_t length = strspn(line + 4, "abcdefghijklmnopqrstuvwxyz_0123456789");
        if (line[4 + length] != '=' || strncmp(line + 4 + length, "=comma-separated", 16) == 0)
            continue;
        snprintf(key, sizeof key, " %.*s=", (int)length, line + 4);
        if (strstr(spec, key) == NULL)
            fail_msg("%s lacks%s", spec, key);
    }
}

static const char *spec_of(const char *kind, size_t length)
{
    for (size_t i = 0; i < SPECS; i++)
        if (strncmp(specs[i], kind, length) == 0 && specs[i][length] == ' ')
            return specs[i];
    fail_msg("no spec here of the kind %.*s", (int)length, kind);
    return NULL;
}

static void every_kind_spells_out_all_its_keys(void **state)
{
    (void)state;
    const char *common = strstr(help, "Keys of every kind\n");
    size_t kinds = 0;
    assert_non_null(common);
    for (const char *line = help; line < common; line += strcspn(line, "\n") + 1) {
        if (*line == ' ' || *line == '\n')
            continue;
        diffusion_sampler *sampler = make(spec_of(line, strcspn(line, "\n")));
        check_keys(line, diffusion_sampler_spec(sampler));
        check_keys(common, diffusion_sampler_spec(sampler));
        diffusion_sampler_free(sampler);
        kinds++;
    }
    assert_true(kinds >= 23);
}

static void keys_that_a_kind_sets_are_said_as_it_sets_them(void **state)
{
    (void)state;
    diffusion_sampler *fast = make("dpm_fast evaluations=11"), *adaptive = make("dpm_adaptive");
    assert_non_null(strstr(diffusion_sampler_spec(fast), " steps=4 spacing=exponential "));
    assert_non_null(strstr(diffusion_sampler_spec(fast), " final=sigma_min "));
    assert_non_null(strstr(diffusion_sampler_spec(adaptive), " steps=1 spacing=trailing "));
    diffusion_sampler_free(fast);
    diffusion_sampler_free(adaptive);
}

/* Specs, each with what the sentence of its refusal holds. */
static void check_refused(const char *const (*refused)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        diffusion_sampler *sampler = NULL;
        assert_refused(diffusion_sampler_create(&sampler, model, schedule, refused[i][0]), DIFFUSION_E_SPEC,
                       refused[i][1]);
        assert_null(sampler);
    }
}

static void keys_that_a_kind_sets_cannot_say_otherwise(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"dpm_fast evaluations=11 steps=50", "sampler: steps=50, but dpm_fast chooses that by itself; leave it out"},
        {"dpm_fast spacing=karras", "sampler: spacing=karras, but dpm_fast chooses that by itself"},
        {"dpm_fast drop_lowest=no final=zero", "sampler: drop_lowest=no, but dpm_fast chooses that by itself"},
        {"dpm_adaptive steps=50", "sampler: steps=50, but dpm_adaptive chooses that by itself"},
        {"dpm_adaptive final=zero", "sampler: final=zero, but dpm_adaptive chooses that by itself"},
        {"dpm_fast steps_list=50,20,3", "sampler: steps_list=50,20,3, but dpm_fast chooses that by itself"},
        {"dpm_adaptive steps_list=9", "sampler: steps_list=9, but dpm_adaptive chooses that by itself"},
    };
    check_refused(cases, sizeof cases / sizeof *cases);
}

static void a_spec_says_every_key_in_the_order_of_the_help(void **state)
{
    (void)state;
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral steps=9 seed=3");
    assert_string_equal(diffusion_sampler_spec(sampler),
                        "ancestral last=mean seed=3 first=0 steps=9 spacing=trailing steps_offset=0 times=whole "
                        "drop_lowest=no sigma_max=0 sigma_min=0 rho=0 lambda_min=0 signal_min=0 final=zero clip=0 "
                        "threshold=0 threshold_max=1 variance=model noise_limit=0 noise_limit_steps=1 "
                        "guidance_scale=1 guidance_rescale=0 guidance_low=0 guidance_high=1e+300 posterior=constant "
                        "particles=1");
    diffusion_sampler_free(sampler);
}

static void a_list_of_times_stands_before_any_spacing(void **state)
{
    (void)state;
    static const char *const spacings[] = {"leading", "linspace", "karras", "exponential", "polyexponential", "beta"};
    float x0[COUNT], other[COUNT];
    diffusion_sampler *sampler = make("ddim steps_list=50,20,3");
    draw(sampler, x0);
    diffusion_sampler_free(sampler);
    for (size_t i = 0; i < sizeof spacings / sizeof *spacings; i++) {
        char spec[64];
        snprintf(spec, sizeof spec, "ddim steps_list=50,20,3 spacing=%s", spacings[i]);
        sampler = make(spec);
        draw(sampler, other);
        assert_same(other, x0, sizeof x0);
        diffusion_sampler_free(sampler);
    }
}

/* What lays steps out otherwise would be passed over without a word. */
static void what_has_no_part_in_the_levels_is_refused(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"ddim steps_list=50,3 steps_offset=5", "steps_offset=5 plays no part with spacing=trailing"},
        {"ddim steps_list=50,3 steps_offset=5 spacing=leading",
         "steps_list says which times are visited: expected no steps_offset"},
        {"ddim steps_list=50,3 drop_lowest=yes", "steps_list says which times are visited: expected no drop_lowest"},
        {"ddim steps_list=50,3 lambda_min=-1", "steps_list says which times are visited: expected no lambda_min"},
        {"ddim steps_list=50,3 spacing=karras sigma_max=3", "sigma_min and sigma_max are of spacing=karras"},
        {"ddim steps=5 spacing=karras stride=even", "which is not where levels by sigma lie, expected stride=next"},
        {"pndm steps_list=50,3 stride=even", "which is not where the times of steps_list lie, expected stride=next"},
        {"ddim steps=5 spacing=karras steps_offset=5", "steps_offset=5 plays no part with spacing=karras"},
        {"ddim rho=5", "rho=5 plays no part with spacing=trailing, expected spacing=karras|polyexponential"},
        {"ddim threshold_max=2", "threshold_max=2 plays no part with threshold=0"},
        {"ancestral noise_limit_steps=2", "noise_limit_steps=2 plays no part with noise_limit=0"},
        {"ddim guidance_rescale=0.7", "guidance_rescale=0.7 plays no part with guidance_scale=1"},
        {"heun s_noise=1.003", "s_noise=1.003 plays no part with s_churn=0"},
        {"euler beta_max=10", "beta_max=10 plays no part with path=sigma, expected path=vp"},
        {"ddim steps=5 spacing=karras lambda_min=-0.5 sigma_max=3", "sigma_max=3, expected two within lambda_min's"},
    };
    check_refused(bad, sizeof bad / sizeof *bad);
}

/* Ends that were swapped would leave out what was asked for without a word. */
static void a_range_that_holds_nothing_is_refused(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"ddim guidance_scale=3 guidance_low=5 guidance_high=1", "guidance_low=5, expected at most guidance_high=1"},
        {"euler s_churn=9 s_tmin=5 s_tmax=1", "s_tmin=5, expected at most s_tmax=1"},
        {"heun s_churn=9 s_tmin=5 s_tmax=1", "s_tmin=5"},
        {"kdpm2 s_churn=9 s_tmin=5 s_tmax=1", "s_tmin=5"},
        {"sa_solver tau_start=3 tau_end=7", "tau_end=7, expected at most tau_start=3"},
    };
    check_refused(bad, sizeof bad / sizeof *bad);
    diffusion_sampler_free(make("euler s_churn=9 s_tmin=1 s_tmax=1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spec_read_back_makes_the_same_sampler),
        cmocka_unit_test(what_was_given_stands_in_the_spec),
        cmocka_unit_test(every_kind_spells_out_all_its_keys),
        cmocka_unit_test(keys_that_a_kind_sets_are_said_as_it_sets_them),
        cmocka_unit_test(keys_that_a_kind_sets_cannot_say_otherwise),
        cmocka_unit_test(a_spec_says_every_key_in_the_order_of_the_help),
        cmocka_unit_test(a_list_of_times_stands_before_any_spacing),
        cmocka_unit_test(what_has_no_part_in_the_levels_is_refused),
        cmocka_unit_test(a_range_that_holds_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, enter, free_world);
}

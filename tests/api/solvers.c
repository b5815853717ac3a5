/* Every solver: the same bits for any number of threads and any split into batches, known values kept, short chains,
 * and what cannot be. Classifier-free guidance beside its formula. */
#include "make.h"

enum { DIM = 3, N = 5, COUNT = N * DIM };

static const char *const solvers[] = {
    "ancestral steps=9",
    "ddim steps=7 eta=0.5",
    "dpmsolver++ steps=8 order=3",
    "dpmsolver++ steps=9 order=2 spacing=karras",
    "dpmsolver steps=8 order=3 final=sigma_min",
    "dpmsolver++ steps=9 method=singlestep order=3",
    "sde-dpmsolver++ steps=8 order=3",
    "sde-dpmsolver steps=8 final=sigma_min",
    "unipc steps=8 order=3",
    "unipc steps=8 order=3 go_by=noise type=bh1 final=sigma_min",
    "deis steps=8 order=3",
    "euler steps=8 s_churn=5",
    "heun steps=8 s_churn=5",
    "heun steps=8 path=flow spacing=beta",
    "kdpm2 steps=8 spacing=exponential",
    "lms steps=8",
    "pndm steps=8",
    "pndm steps=8 warm_up=prk combine=v",
    "ipndm steps=8",
    "sa_solver steps=8 predictor_order=3 corrector_order=4",
    "sa_solver steps=8 go_by=noise tau=0.5",
    "euler_ancestral steps=8",
    "kdpm2_ancestral steps=8",
    "dpmpp_2s steps=8",
    "dpmpp_sde steps=8",
    "dpm_fast evaluations=11 eta=0.5",
    "dpm_adaptive eta=0.3",
    "dpm_adaptive order=2 rtol=0.01",
    "dpm_adaptive eta=0.7 h_init=3 rtol=0.01 atol=0.001", /* with tries that fail */
};
enum { SOLVERS = sizeof solvers / sizeof *solvers };

static diffusion_schedule *schedule;
static diffusion_model *model;

static int enter(void **state)
{
    make_world_of(state, "linear steps=60 beta_end=0.2", "mlp shape=3 width=16 depth=2 classes=2 predict=epsilon");
    schedule = ((world *)*state)->schedule;
    model = ((world *)*state)->model;
    return 0;
}

static void draw(const char *spec, const char *more, size_t n, float *x)
{
    char text[256];
    snprintf(text, sizeof text, "%s seed=7 %s", spec, more);
    diffusion_sampler *sampler = make_sampler(model, schedule, text);
    assert_ok(diffusion_sampler_run(sampler, NULL, n, x));
    diffusion_sampler_free(sampler);
}

static void batches_and_threads_change_no_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < SOLVERS; i++) {
        float whole[COUNT], parts[COUNT];
        draw(solvers[i], "", N, whole);
        draw(solvers[i], "", 2, parts);
        draw(solvers[i], "first=2", 3, parts + 2 * DIM);
        assert_same(parts, whole, sizeof whole);
        for (int threads = 1; threads <= 3; threads++) {
            assert_ok(diffusion_set_threads(threads));
            draw(solvers[i], "", N, parts);
            assert_same(parts, whole, sizeof whole);
        }
        assert_ok(diffusion_set_threads(0));
        for (size_t j = 0; j < COUNT; j++)
            assert_true(isfinite(whole[j]));
    }
}

static void none_are_drawn_of_no_samples(void **state)
{
    (void)state;
    float untouched = 7.0f;
    for (size_t i = 0; i < SOLVERS; i++)
        draw(solvers[i], "", 0, &untouched);
    assert_true(untouched == 7.0f);
}

static void known_values_come_out_as_they_went_in(void **state)
{
    (void)state;
    const float x0[DIM] = {0.25f, -1.5f, 3.0f};
    const uint8_t mask[DIM] = {1, 0, 1};
    for (size_t i = 0; i < SOLVERS; i++) {
        float x[COUNT];
        diffusion_sampler *sampler = make_sampler(model, schedule, solvers[i]);
        diffusion_status status = diffusion_sampler_set_known(sampler, x0, mask, 1);
        if (strncmp(solvers[i], "dpm_adaptive", 12) == 0) {
            assert_refused(status, DIFFUSION_E_STATE, "goes the whole way in one step");
        } else {
            assert_ok(status);
            assert_ok(diffusion_sampler_run(sampler, NULL, N, x));
            for (size_t j = 0; j < COUNT; j++)
                assert_true(!mask[j % DIM] || x[j] == x0[j % DIM]);
        }
        diffusion_sampler_free(sampler);
    }
}

static const char *kind_of(const char *spec)
{
    static char kind[32];
    snprintf(kind, sizeof kind, "%.*s", (int)strcspn(spec, " "), spec);
    return kind;
}

/* A chain of one step, of all steps, of a schedule of one. */
static void short_chains_end_in_numbers(void **state)
{
    (void)state;
    diffusion_schedule *one = make_schedule("linear steps=1 beta_start=0.3 beta_end=0.3");
    for (size_t i = 0; i < SOLVERS; i++)
        for (int c = 0; c < 2; c++) {
            char spec[64];
            float x[COUNT];
            const int own_steps = strncmp(solvers[i], "dpm_", 4) == 0; /* by evaluations or a tolerance */
            snprintf(spec, sizeof spec, "%s%s", kind_of(solvers[i]),
                     c == 0 || own_steps ? "" : " steps=1 spacing=trailing");
            diffusion_sampler *sampler = NULL;
            diffusion_status status = diffusion_sampler_create(&sampler, model, c == 0 ? one : schedule, spec);
            if (status == DIFFUSION_OK) {
                assert_ok(diffusion_sampler_run(sampler, NULL, N, x));
                for (size_t j = 0; j < COUNT; j++)
                    assert_true(isfinite(x[j]));
            } else {
                assert_refused(status, DIFFUSION_E_SPEC, "sampler: ");
            }
            diffusion_sampler_free(sampler);
        }
    diffusion_schedule_free(one);
}

/* The first step, from where there is no signal, is infinitely long in lambda. */
static void orders_agree_from_a_start_without_signal(void **state)
{
    (void)state;
    static const char *const specs[] = {"ddim",
                                        "dpmsolver++ order=1",
                                        "dpmsolver++ order=2",
                                        "dpmsolver++ order=3",
                                        "dpmsolver++ order=2 method=singlestep",
                                        "dpmsolver++ order=3 method=singlestep type=heun"};
    diffusion_schedule *zero = make_schedule("cosine steps=60 zero_terminal_snr=yes");
    diffusion_model *v = make_model("mlp shape=3 width=8 depth=1 predict=v", 1);
    float truth[COUNT], x[COUNT];
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        char spec[96];
        snprintf(spec, sizeof spec, "%s steps=60 spacing=linspace seed=7", specs[i]);
        diffusion_sampler *sampler = make_sampler(v, zero, spec);
        assert_ok(diffusion_sampler_run(sampler, NULL, N, i == 0 ? truth : x));
        for (size_t j = 0; j < COUNT && i > 0; j++)
            assert_close(x[j], truth[j], 0, i == 1 ? 1e-5 : 0.1);
        diffusion_sampler_free(sampler);
    }
    diffusion_model_free(v);
    diffusion_schedule_free(zero);
}

static void bits_and_a_start_without_signal_are_refused(void **state)
{
    (void)state;
    diffusion_schedule *bits = make_schedule("linear steps=60 kernel=binomial"),
                       *zero = make_schedule("cosine steps=60 zero_terminal_snr=yes");
    diffusion_model *of_bits = make_model("mlp shape=3 width=8 depth=1 predict=x0", 1),
                    *v = make_model("mlp shape=3 width=8 depth=1 predict=v", 1);
    static const char *const divide[] = {"dpmsolver",       "unipc",       "deis",      "heun",
                                         "kdpm2",           "lms",         "sa_solver", "dpmpp_2s",
                                         "euler_ancestral", "dpm_adaptive"};
    for (size_t i = 1; i < SOLVERS; i++) {
        diffusion_sampler *sampler = NULL;
        assert_refused(diffusion_sampler_create(&sampler, of_bits, bits, kind_of(solvers[i])), DIFFUSION_E_KERNEL,
                       "needs the Gaussian kernel");
        assert_null(sampler);
    }
    for (size_t i = 0; i < sizeof divide / sizeof *divide; i++) {
        char spec[96];
        float x[COUNT];
        diffusion_sampler *sampler = NULL;
        assert_refused(diffusion_sampler_create(&sampler, v, zero, divide[i]), DIFFUSION_E_SPEC,
                       "nothing of x_0 is left");
        snprintf(spec, sizeof spec, "%s signal_min=0.001", divide[i]);
        sampler = make_sampler(v, zero, spec);
        assert_ok(diffusion_sampler_run(sampler, NULL, N, x));
        diffusion_sampler_free(sampler);
    }
    diffusion_model_free(of_bits);
    diffusion_model_free(v);
    diffusion_schedule_free(bits);
    diffusion_schedule_free(zero);
}

/* What tells x_0 through the step that the network takes from its own level would be read through one from another. */
static void a_raised_signal_is_refused_where_the_output_hangs_on_a_step(void **state)
{
    (void)state;
    static const char sentence[] = "signal_min=0.01, but predict=perturbation is read by a step of the network's own";
    diffusion_schedule *zero = make_schedule("constant_rate steps=20"), *some = make_schedule("linear steps=20");
    diffusion_model *perturbation = make_model("mlp shape=3 width=8 predict=perturbation", 1);
    diffusion_model *mean = make_model("mlp shape=3 width=8 predict=mean", 1);
    diffusion_sampler *none = NULL;
    for (size_t i = 0; i < 3; i++) {
        static const char *const specs[] = {"heun steps=5 signal_min=0.01", "ancestral signal_min=0.01",
                                            "heun_inverse steps=5 signal_min=0.01"};
        assert_refused(diffusion_sampler_create(&none, perturbation, zero, specs[i]), DIFFUSION_E_SPEC, sentence);
        diffusion_sampler_free(make_sampler(perturbation, some, specs[i])); /* which has as much at its last step */
        diffusion_sampler_free(make_sampler(mean, zero, specs[i]));         /* whose networks hang on no step */
    }
    diffusion_sampler_free(make_sampler(perturbation, zero, "dpmsolver++ steps=5"));
    diffusion_model_free(perturbation);
    diffusion_model_free(mean);
    diffusion_schedule_free(zero);
    diffusion_schedule_free(some);
}

/* ---- guidance ---- */

typedef struct network {
    double scale; /* 0: its own output; else guided by it */
} network;

static double output_of(double x, int32_t label)
{
    return 0.4 * x + (label < 0 ? 0.0 : 0.3 * (label + 1) * cos(x));
}

static int32_t predict(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)time;
    const network *self = user;
    int32_t labels[2 * N];
    assert_true(n <= 2 * N);
    for (size_t i = 0; i < n; i++)
        labels[i] = -1;
    const int32_t *given = condition != NULL ? diffusion_condition_labels(condition) : NULL;
    if (given != NULL)
        memcpy(labels, given, n * sizeof *labels);
    for (size_t i = 0; i < n * DIM; i++) {
        const double with = output_of(x[i], labels[i / DIM]), without = output_of(x[i], -1);
        out[i] = self->scale != 0.0 ? without + self->scale * (with - without) : with;
    }
    return 0;
}

static void run_guided_on(const diffusion_schedule *on, const char *predicts, double own, const char *spec, float *x)
{
    network self = {own};
    char keys[64];
    const int32_t labels[N] = {0, 1, -1, 1, 0};
    snprintf(keys, sizeof keys, "shape=3 classes=2 predict=%s", predicts);
    diffusion_model *told = make_callback_double(keys, predict, &self);
    diffusion_condition *condition = NULL;
    assert_ok(diffusion_condition_create(&condition, N));
    assert_ok(diffusion_condition_set_labels(condition, labels));
    diffusion_sampler *sampler = make_sampler(told, on, spec);
    assert_ok(diffusion_sampler_run(sampler, condition, N, x));
    diffusion_sampler_free(sampler);
    diffusion_condition_free(condition);
    diffusion_model_free(told);
}

static void run_guided(double own, const char *spec, float *x)
{
    run_guided_on(schedule, "epsilon", own, spec, x);
}

/* At T, where nothing of x_0 is left and sigma / signal is infinite, as well, but for a limit. */
static void guidance_begins_with_the_first_step(void **state)
{
    (void)state;
    static const char *const schedules[] = {"flow steps=12", "linear steps=12 zero_terminal_snr=yes",
                                            "trigonometric steps=12"};
    for (size_t i = 0; i < sizeof schedules / sizeof schedules[0]; i++) {
        diffusion_schedule *zero = make_schedule(schedules[i]);
        float x[COUNT], truth[COUNT], plain[COUNT];
        run_guided_on(zero, "v", 2.5, "ddim steps=1 seed=3", truth);
        run_guided_on(zero, "v", 0.0, "ddim steps=1 seed=3 guidance_scale=2.5", x);
        assert_same(x, truth, sizeof x);
        run_guided_on(zero, "v", 0.0, "ddim steps=1 seed=3", plain);
        run_guided_on(zero, "v", 0.0, "ddim steps=1 seed=3 guidance_scale=2.5 guidance_high=1e9", x);
        assert_same(x, plain, sizeof x);
        diffusion_schedule_free(zero);
    }
}

static void guidance_is_its_formula(void **state)
{
    (void)state;
    float x[COUNT], truth[COUNT], plain[COUNT];
    run_guided(2.5, "dpmsolver++ steps=8 seed=3", truth);
    run_guided(0.0, "dpmsolver++ steps=8 seed=3 guidance_scale=2.5", x);
    assert_same(x, truth, sizeof x);
    run_guided(0.0, "dpmsolver++ steps=8 seed=3", plain);
    run_guided(0.0, "dpmsolver++ steps=8 seed=3 guidance_scale=2.5 guidance_low=1e6", x); /* acts nowhere */
    assert_same(x, plain, sizeof x);
    run_guided(0.0, "dpmsolver++ steps=8 seed=3 guidance_scale=2.5 guidance_rescale=1", x);
    assert_true(memcmp(x, truth, sizeof x) != 0 && memcmp(x, plain, sizeof x) != 0);
    diffusion_sampler *sampler = make_sampler(model, schedule, "ddim steps=4 guidance_scale=2");
    assert_refused(diffusion_sampler_run(sampler, NULL, N, x), DIFFUSION_E_ARGUMENT, "needs a condition");
    diffusion_condition *nothing = NULL;
    assert_ok(diffusion_condition_create(&nothing, N));
    assert_refused(diffusion_sampler_run(sampler, nothing, N, x), DIFFUSION_E_ARGUMENT, "neither labels nor vectors");
    diffusion_condition_free(nothing);
    diffusion_sampler_free(sampler);
    sampler = NULL;
    diffusion_model *without = make_model("mlp shape=3 width=8 depth=1", 1);
    assert_refused(diffusion_sampler_create(&sampler, without, schedule, "ddim guidance_scale=2"), DIFFUSION_E_SPEC,
                   "expected a model with classes or a condition");
    diffusion_model_free(without);
}

/* ---- evaluations ---- */

static int32_t count_rows(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                          double *out, void *user)
{
    (void)time, (void)condition;
    *(int64_t *)user += (int64_t)n;
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = 0.4 * x[i] + 0.3 * cos(3.0 * x[i]);
    return 0;
}

/* The evaluations of samples first.. of a chain; their sum is what the model was asked. */
static void evaluations_of(const char *spec, int first, size_t n, int64_t *evaluations)
{
    char text[256];
    float x[COUNT];
    int64_t rows = 0, sum = 0;
    diffusion_model *asked = make_callback_double("shape=3 predict=epsilon", count_rows, &rows);
    snprintf(text, sizeof text, "%s seed=7 first=%d", spec, first);
    diffusion_sampler *sampler = make_sampler(asked, schedule, text);
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x)); /* a chain before does not count */
    rows = 0;
    assert_ok(diffusion_sampler_run(sampler, NULL, n, x));
    assert_ok(diffusion_sampler_evaluations(sampler, evaluations, n));
    for (size_t i = 0; i < n; i++)
        sum += evaluations[i];
    assert_int_equal(sum, rows);
    assert_refused(diffusion_sampler_evaluations(sampler, evaluations, n + 1), DIFFUSION_E_SHAPE, "the chain is of");
    diffusion_sampler_free(sampler);
    diffusion_model_free(asked);
}

static void evaluations_are_what_the_model_was_asked(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        int64_t evaluations;
    } known[] = {{"ancestral", 60},
                 {"ddim steps=7", 7},
                 {"heun steps=8", 15},
                 {"dpmpp_sde steps=8", 15},
                 {"dpm_fast evaluations=11", 11}};
    for (size_t i = 0; i < SOLVERS; i++) {
        int64_t whole[N], alone;
        evaluations_of(solvers[i], 0, N, whole);
        for (int sample = 0; sample < N; sample++) {
            evaluations_of(solvers[i], sample, 1, &alone);
            assert_int_equal(alone, whole[sample]);
        }
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int64_t whole[N];
        evaluations_of(known[i].spec, 0, N, whole);
        assert_int_equal(whole[N - 1], known[i].evaluations);
    }
}

/* Each sample takes its own steps, and those that have arrived are not asked about: with their own labels. */
static void adaptive_samples_keep_their_own_counts_and_conditions(void **state)
{
    (void)state;
    static const char spec[] = "dpm_adaptive rtol=0.01 atol=0.0001 seed=7";
    const int32_t labels[N] = {0, 1, -1, 1, 0};
    int64_t whole[N];
    float x[COUNT], alone[DIM];
    int differ = 0;
    diffusion_condition *condition = make_labels(labels, N);
    diffusion_sampler *sampler = make_sampler(model, schedule, spec);
    assert_ok(diffusion_sampler_run(sampler, condition, N, x));
    assert_ok(diffusion_sampler_evaluations(sampler, whole, N));
    diffusion_sampler_free(sampler);
    diffusion_condition_free(condition);
    for (int i = 0; i < N; i++) {
        char text[96];
        int64_t own;
        snprintf(text, sizeof text, "%s first=%d", spec, i);
        condition = make_labels(labels + i, 1);
        sampler = make_sampler(model, schedule, text);
        assert_ok(diffusion_sampler_run(sampler, condition, 1, alone));
        assert_ok(diffusion_sampler_evaluations(sampler, &own, 1));
        assert_same(alone, x + i * DIM, sizeof alone);
        assert_int_equal(own, whole[i]);
        differ |= whole[i] != whole[0];
        diffusion_sampler_free(sampler);
        diffusion_condition_free(condition);
    }
    assert_true(differ); /* or the test says nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_and_threads_change_no_bit),
        cmocka_unit_test(none_are_drawn_of_no_samples),
        cmocka_unit_test(known_values_come_out_as_they_went_in),
        cmocka_unit_test(short_chains_end_in_numbers),
        cmocka_unit_test(orders_agree_from_a_start_without_signal),
        cmocka_unit_test(bits_and_a_start_without_signal_are_refused),
        cmocka_unit_test(a_raised_signal_is_refused_where_the_output_hangs_on_a_step),
        cmocka_unit_test(guidance_is_its_formula),
        cmocka_unit_test(guidance_begins_with_the_first_step),
        cmocka_unit_test(evaluations_are_what_the_model_was_asked),
        cmocka_unit_test(adaptive_samples_keep_their_own_counts_and_conditions),
    };
    return cmocka_run_group_tests(tests, enter, free_world);
}

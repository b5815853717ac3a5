/* A call that a callback stops returns the callback's value, and its sentence says so and not what failed before. */
#include "make.h"

static int32_t answer;   /* of whichever callback stops */
static int fails_a_call; /* whether it makes a call of the library that fails first */
static diffusion_schedule *schedule;
static diffusion_model *net;

static int32_t stop(void)
{
    return fails_a_call ? diffusion_schedule_create(&(diffusion_schedule *){NULL}, "nosuch") : answer;
}

static int32_t stop_progress(int64_t done, int64_t total, void *user)
{
    (void)done, (void)total, (void)user;
    return stop();
}

static int32_t stop_noise(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)values, (void)count, (void)sample, (void)step, (void)user;
    return stop();
}

static int32_t stop_guidance(const double *x, double t, size_t n, double *gradient, void *user)
{
    (void)x, (void)t, (void)n, (void)gradient, (void)user;
    return stop();
}

static int32_t stop_predict(const float *x, const double *time, const diffusion_condition *condition, size_t n,
                            float *out, void *user)
{
    (void)x, (void)time, (void)condition, (void)n, (void)out, (void)user;
    return stop();
}

static int32_t stop_predict_double(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                                   double *out, void *user)
{
    (void)x, (void)time, (void)condition, (void)n, (void)out, (void)user;
    return stop();
}

/* The sentence of an older failure stands when the call begins. */
static void check(diffusion_status status, const char *callback)
{
    char expected[160];
    if (fails_a_call) {
        snprintf(expected, sizeof expected, "%s: stopped by the callback (%d): schedule: ", callback, DIFFUSION_E_SPEC);
        assert_int_equal(status, DIFFUSION_E_SPEC);
        assert_ptr_equal(strstr(diffusion_last_error(), expected), diffusion_last_error());
    } else {
        snprintf(expected, sizeof expected, "%s: stopped by the callback (%d)", callback, (int)answer);
        assert_int_equal(status, answer);
        assert_string_equal(diffusion_last_error(), expected);
    }
    assert_int_equal(diffusion_model_load(&(diffusion_model *){NULL}, "nosuch"), DIFFUSION_E_IO);
}

static void stop_samplers(void)
{
    float x[4];
    diffusion_sampler *sampler = make_sampler(net, schedule, "ancestral");
    assert_ok(diffusion_sampler_set_progress(sampler, stop_progress, NULL));
    check(diffusion_sampler_run(sampler, NULL, 2, x), "progress");
    assert_ok(diffusion_sampler_set_guidance(sampler, stop_guidance, NULL));
    check(diffusion_sampler_run(sampler, NULL, 2, x), "guidance");
    assert_ok(diffusion_sampler_set_guidance(sampler, NULL, NULL));
    assert_ok(diffusion_sampler_set_noise(sampler, stop_noise, NULL));
    check(diffusion_sampler_run(sampler, NULL, 2, x), "noise");
    check(diffusion_sampler_begin(sampler, NULL, 2), "noise");
    diffusion_sampler_free(sampler);
}

static void stop_evaluators(void)
{
    const float x0[4] = {0.1f, 0.2f, 0.3f, 0.4f};
    static const char *const specs[] = {"elbo",   "elbo dequantize=0.1", "moments",
                                        "parzen", "parzen bandwidth=1",  "sliced_wasserstein",
                                        "mmd",    "two_sample",          "nearest"};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        int draws = i < 3;
        diffusion_evaluator *evaluator = make_evaluator(net, schedule, specs[i]);
        if (!draws)
            assert_ok(diffusion_evaluator_set_reference(evaluator, x0, 2, 2));
        assert_ok(diffusion_evaluator_set_progress(evaluator, stop_progress, NULL));
        check(diffusion_evaluator_run(evaluator, x0, NULL, 2), "progress");
        assert_ok(diffusion_evaluator_set_progress(evaluator, draws ? NULL : stop_progress, NULL));
        assert_ok(diffusion_evaluator_set_noise(evaluator, stop_noise, NULL));
        check(diffusion_evaluator_run(evaluator, x0, NULL, 2), draws ? "noise" : "progress");
        diffusion_evaluator_free(evaluator);
    }
}

static void stop_models(void)
{
    const float x[4] = {0};
    const double time[2] = {1, 1};
    const int32_t t[2] = {1, 1};
    float out[4];
    for (int wide = 0; wide < 2; wide++) {
        diffusion_model *model = wide ? make_callback_double("shape=2", stop_predict_double, NULL)
                                      : make_callback("shape=2", stop_predict, NULL);
        check(diffusion_model_forward(model, x, time, NULL, 2, out), "predict");
        check(diffusion_model_predict(model, schedule, x, t, NULL, 2, out, NULL), "predict");
        diffusion_sampler *sampler = make_sampler(model, schedule, "ddim");
        check(diffusion_sampler_run(sampler, NULL, 2, out), "predict");
        diffusion_sampler_free(sampler);
        diffusion_model_free(model);
    }
}

static void each_callback_that_stops_a_call_is_named_with_its_value(void **state)
{
    (void)state;
    static const int32_t answers[] = {7, -7, INT32_MAX, INT32_MIN, DIFFUSION_E_IO};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        answer = answers[i];
        stop_samplers();
        stop_evaluators();
        stop_models();
    }
}

static void a_call_that_failed_in_the_callback_is_told_too(void **state)
{
    (void)state;
    fails_a_call = 1;
    stop_samplers();
    stop_evaluators();
    stop_models();
    fails_a_call = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_callback_that_stops_a_call_is_named_with_its_value),
        cmocka_unit_test(a_call_that_failed_in_the_callback_is_told_too),
    };
    schedule = make_schedule("linear steps=3");
    net = make_model("mlp shape=2 width=4 depth=1", 1);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    diffusion_model_free(net);
    diffusion_schedule_free(schedule);
    return failed;
}

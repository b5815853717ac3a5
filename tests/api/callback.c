/* Networks of the caller's: what they are asked, what becomes of their output, and of the value that they return. */
#include "guard.h"

enum { N = 2500, DIM = 2 }; /* three calls of a callback */

/* What a callback was asked, and when it is to stop. */
typedef struct asked {
    size_t calls, rows, largest;
    int32_t stop_at, value;
    int has_labels;
    int32_t labels[N];
} asked;

static int32_t note(asked *self, const diffusion_condition *condition, size_t n)
{
    const int32_t *labels = diffusion_condition_labels(condition);
    assert_int_equal(diffusion_condition_count(condition), condition != NULL ? n : 0);
    self->has_labels = labels != NULL;
    if (labels != NULL)
        memcpy(self->labels + self->rows, labels, n * sizeof *labels);
    self->rows += n;
    self->largest = n > self->largest ? n : self->largest;
    return (int32_t)++self->calls == self->stop_at ? self->value : 0;
}

/* Each value is 3 x + t. */
static int32_t in_float(const float *x, const double *time, const diffusion_condition *condition, size_t n, float *out,
                        void *user)
{
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = 3.0f * x[i] + (float)time[i / DIM];
    return note(user, condition, n);
}

static int32_t in_double(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                         double *out, void *user)
{
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = 3.0 * x[i] + time[i / DIM];
    return note(user, condition, n);
}

static float x[N * DIM], out[N * DIM], variance[N * DIM];
static int32_t t[N], labels[N];
static double time_of[N];

static int fill(void **state)
{
    (void)state;
    make_numbers(x, N * DIM, 5);
    for (int i = 0; i < N; i++) {
        t[i] = 1 + i % 10;
        labels[i] = i % 4 - 1;
    }
    make_times(time_of, t, N);
    return 0;
}

static void guard_outputs(void)
{
    guard(out, N * DIM);
    guard(variance, N * DIM);
}

static void assert_outputs_untouched(void)
{
    assert_untouched(out, N * DIM);
    assert_untouched(variance, N * DIM);
}

static void check_callback(diffusion_model *model, asked *user)
{
    diffusion_condition *condition = make_labels(labels, N);
    *user = (asked){0};
    guard_outputs();
    assert_ok(diffusion_model_forward(model, x, time_of, condition, N, out));
    for (int i = 0; i < N * DIM; i++)
        assert_close((double)out[i], 3.0 * (double)x[i] + t[i / DIM], 1e-6, 1e-6);
    assert_int_equal(user->calls, 3);
    assert_int_equal(user->rows, N);
    assert_int_equal(user->largest, 1024);
    assert_same(user->labels, labels, sizeof labels);
    assert_ok(diffusion_model_forward(model, x, time_of, NULL, 0, out)); /* nothing asked, nothing done */
    assert_int_equal(user->calls, 3);
    assert_ok(diffusion_model_forward(model, x, time_of, NULL, 1, out));
    assert_false(user->has_labels);
    diffusion_condition_free(condition);
    diffusion_model_free(model);
}

static void a_callback_sees_all_and_its_output_comes_back(void **state)
{
    (void)state;
    asked user;
    check_callback(make_callback("shape=2 classes=3", in_float, &user), &user);
    check_callback(make_callback_double("shape=2 classes=3", in_double, &user), &user);
}

static void a_callbacks_value_stops_the_call_and_leaves_the_output(void **state)
{
    (void)state;
    static const int32_t values[] = {1, -1, 42, INT32_MIN};
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    asked user;
    diffusion_model *models[] = {make_callback("shape=2", in_float, &user),
                                 make_callback_double("shape=2", in_double, &user)};
    for (size_t i = 0; i < 8; i++) {
        guard_outputs();
        user = (asked){.stop_at = 2, .value = values[i % 4]};
        assert_int_equal(diffusion_model_forward(models[i / 4], x, time_of, NULL, N, out), values[i % 4]);
        assert_int_equal(user.calls, 2);
        user = (asked){.stop_at = 2, .value = values[i % 4]};
        assert_int_equal(diffusion_model_predict(models[i / 4], schedule, x, t, NULL, N, out, variance), values[i % 4]);
        assert_int_equal(user.calls, 2);
        assert_outputs_untouched();
    }
    assert_string_equal(diffusion_status_name(42), "callback");
    diffusion_model_free(models[0]);
    diffusion_model_free(models[1]);
    diffusion_schedule_free(schedule);
}

/* Makes the mean x (1 - Sigma) + o Sigma 1e-9: all but the last digits of a double cancel. */
static int32_t cancelling(const double *from, const double *time, const diffusion_condition *condition, size_t n,
                          double *to, void *user)
{
    (void)condition;
    const double *sigma = user;
    for (size_t i = 0; i < n * DIM; i++)
        to[i] = (1e-9 - from[i] * (1.0 - sigma[(int)time[i / DIM] - 1])) / sigma[(int)time[i / DIM] - 1];
    return 0;
}

static void a_network_in_double_is_not_rounded_to_float(void **state)
{
    (void)state;
    double large[10], posterior[10];
    diffusion_schedule *schedule = make_schedule("linear steps=10 beta_start=0.1 beta_end=0.5");
    diffusion_model *model =
        make_callback_double("shape=2 predict=perturbation variance=fixed_large", cancelling, large);
    assert_ok(diffusion_schedule_values(schedule, "beta", large));
    assert_ok(diffusion_schedule_values(schedule, "posterior_variance", posterior));
    large[0] = posterior[1];
    assert_ok(diffusion_model_predict(model, schedule, x, t, NULL, N, out, NULL));
    for (int i = 0; i < N * DIM; i++)
        assert_close((double)out[i], 1e-9, 1e-5, 0);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void a_callback_model_has_no_parameters_and_no_file(void **state)
{
    (void)state;
    asked user;
    diffusion_model *model = make_callback("shape=2 variance=learned", in_float, &user);
    float value = 5;
    assert_int_equal(diffusion_model_parameter_count(model), 0);
    assert_null(diffusion_model_parameter_name(model, 0));
    assert_string_equal(diffusion_model_spec(model),
                        "shape=2 classes=0 condition=0 predict=epsilon variance=learned time=step sigma_data=0.5");
    assert_refused(diffusion_model_parameter(model, "a", &value, 1), DIFFUSION_E_NAME,
                   "model_parameter: name='a', but a callback model has no parameters");
    assert_refused(diffusion_model_save(model, "never"), DIFFUSION_E_STATE, "callback model has no parameters to save");
    assert_int_not_equal(access("never", F_OK), 0);
    diffusion_model_free(model);
    diffusion_model *none = NULL;
    assert_refused(diffusion_model_create_callback(&none, "mlp shape=2", in_float, NULL), DIFFUSION_E_SPEC,
                   "'mlp' is not of the form key=value");
    assert_refused(diffusion_model_create_callback(&none, "shape=2 width=3", in_float, NULL), DIFFUSION_E_SPEC,
                   "unknown key 'width'");
    assert_refused(diffusion_model_create_callback(NULL, "shape=2", in_float, NULL), DIFFUSION_E_ARGUMENT,
                   "out is NULL");
    assert_refused(diffusion_model_create_callback(&none, NULL, in_float, NULL), DIFFUSION_E_ARGUMENT, "spec is NULL");
    assert_refused(diffusion_model_create_callback(&none, "shape=2", NULL, NULL), DIFFUSION_E_ARGUMENT,
                   "predict is NULL");
    assert_refused(diffusion_model_create_callback_double(NULL, "shape=2", in_double, NULL), DIFFUSION_E_ARGUMENT,
                   "out is NULL");
    assert_refused(diffusion_model_create_callback_double(&none, NULL, in_double, NULL), DIFFUSION_E_ARGUMENT,
                   "spec is NULL");
    assert_refused(diffusion_model_create_callback_double(&none, "shape=2", NULL, NULL), DIFFUSION_E_ARGUMENT,
                   "predict is NULL");
    assert_null(none);
}

static int32_t spoilt(const float *from, const double *time, const diffusion_condition *condition, size_t n, float *to,
                      void *user)
{
    (void)from, (void)time, (void)condition;
    const float *values = user;
    for (size_t i = 0; i < 2 * n; i++)
        to[i] = values[i / n]; /* one sample: its mean, then its variance */
    return 0;
}

static void check_spoilt(const char *schedule_spec, const char *spec, float output, float second, const char *sentence)
{
    float values[2] = {output, second};
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = make_callback(spec, spoilt, values);
    guard_outputs();
    assert_refused(diffusion_model_predict(model, schedule, x, t + 1, NULL, 1, out, variance), DIFFUSION_E_NONFINITE,
                   sentence);
    assert_outputs_untouched();
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void an_output_that_is_no_transition_is_refused(void **state)
{
    (void)state;
    const char *gaussian = "linear steps=10", *bits = "linear steps=10 kernel=binomial";
    check_spoilt(gaussian, "shape=1 variance=learned_range", NAN, 0,
                 "the model's mean at step 2 is nan, expected a finite");
    check_spoilt(gaussian, "shape=1 variance=learned_range", INFINITY, 0, "the model's mean at step 2 is -inf");
    check_spoilt(gaussian, "shape=1 variance=learned_range", 0, NAN,
                 "the model's variance at step 2 is nan, expected a finite");
    check_spoilt(gaussian, "shape=1 variance=learned_range", 0, 1e6f, "the model's variance at step 2 is inf");
    check_spoilt(gaussian, "shape=1 variance=learned", 0, NAN, "the model's variance at step 2 is nan");
    check_spoilt(bits, "shape=2 predict=mean", 0.5f, 1.5f,
                 "model_predict: the model's mean at step 2 is 1.5, expected 0..1");
    check_spoilt(bits, "shape=2 predict=mean", 0.5f, -0.5f, "the model's mean at step 2 is -0.5");
    check_spoilt(bits, "shape=2 predict=x0", 0.5f, NAN, "the model's mean at step 2 is nan");
}

static int32_t beyond_float(const double *from, const double *time, const diffusion_condition *condition, size_t n,
                            double *to, void *user)
{
    (void)from, (void)time, (void)condition;
    for (size_t i = 0; i < n; i++)
        to[i] = i == 1 ? *(const double *)user : 0.0;
    return 0;
}

static void a_mean_that_float_cannot_hold_is_refused(void **state)
{
    (void)state;
    double large = -1e39;
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *model = make_callback_double("shape=1 predict=mean", beyond_float, &large);
    guard_outputs();
    assert_refused(diffusion_model_predict(model, schedule, x, t, NULL, 2, out, variance), DIFFUSION_E_NONFINITE,
                   "the model's mean of value 0 of sample 1 is -1e+39, which is beyond float32");
    assert_outputs_untouched();
    large = -1e38;
    assert_ok(diffusion_model_predict(model, schedule, x, t, NULL, 2, out, variance));
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void samples_that_float_cannot_hold_are_refused(void **state)
{
    (void)state;
    double large = -1e39;
    float x0[2];
    diffusion_schedule *schedule = make_schedule("linear steps=10"), *wide = make_schedule("edm sigma_max=1e60");
    diffusion_model *model = make_callback_double("shape=1 predict=x0", beyond_float, &large);
    diffusion_sampler *sampler;
    assert_ok(diffusion_sampler_create(&sampler, model, schedule, "ddim"));
    assert_refused(diffusion_sampler_run(sampler, NULL, 2, x0), DIFFUSION_E_NONFINITE,
                   "makes -1e+39 of value 0 of sample 1, expected finite float32");
    diffusion_sampler_free(sampler);
    assert_ok(diffusion_sampler_create(&sampler, model, wide, "ddim"));
    assert_ok(diffusion_sampler_begin(sampler, NULL, 2));
    assert_refused(diffusion_sampler_state(sampler, x0, NULL), DIFFUSION_E_NONFINITE, "beyond float32");
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(wide);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_callback_sees_all_and_its_output_comes_back),
        cmocka_unit_test(a_callbacks_value_stops_the_call_and_leaves_the_output),
        cmocka_unit_test(a_network_in_double_is_not_rounded_to_float),
        cmocka_unit_test(a_callback_model_has_no_parameters_and_no_file),
        cmocka_unit_test(an_output_that_is_no_transition_is_refused),
        cmocka_unit_test(a_mean_that_float_cannot_hold_is_refused),
        cmocka_unit_test(samples_that_float_cannot_hold_are_refused),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}

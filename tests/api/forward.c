/* diffusion_model_forward() and diffusion_model_predict(): steps, labels, batches, and what is refused. */
#include "guard.h"

enum { N = 300, DIM = 2 };

static float x[N * DIM], out[N * DIM], variance[N * DIM];
static int32_t t[N];
static double time_of[N]; /* t as networks are told of it */

static int fill(void **state)
{
    (void)state;
    make_numbers(x, N * DIM, 5);
    for (int i = 0; i < N; i++)
        t[i] = 1 + i % 10;
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

/* forward of whole batches and of single rows: the same bits; predict alike. */
static void a_sample_has_the_same_bits_alone_and_in_a_batch(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *model = make_model("mlp shape=2 width=33 depth=2 time_features=6", 1);
    fill_weights(model, 9);
    float alone[DIM], mean[N * DIM];
    assert_ok(diffusion_model_forward(model, x, time_of, NULL, N, out));
    assert_ok(diffusion_model_predict(model, schedule, x, t, NULL, N, mean, NULL));
    for (int i = 0; i < N; i++) {
        assert_ok(diffusion_model_forward(model, x + i * DIM, time_of + i, NULL, 1, alone));
        assert_same(alone, out + i * DIM, sizeof alone);
        assert_ok(diffusion_model_predict(model, schedule, x + i * DIM, t + i, NULL, 1, alone, NULL));
        assert_same(alone, mean + i * DIM, sizeof alone);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void check_label(const diffusion_model *model, int32_t label, const char *sentence)
{
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    const int32_t given[3] = {-1, -1, label};
    diffusion_condition *condition = make_labels(given, 3);
    guard_outputs();
    assert_refused(diffusion_model_forward(model, x, time_of, condition, 3, out), DIFFUSION_E_LABEL, sentence);
    assert_refused(diffusion_model_predict(model, schedule, x, t, condition, 3, out, variance), DIFFUSION_E_LABEL,
                   sentence);
    assert_outputs_untouched();
    diffusion_condition_free(condition);
    diffusion_schedule_free(schedule);
}

static void wrong_steps_and_labels_are_refused_and_the_output_untouched(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *plain = make_model("mlp shape=2 width=3 depth=1 time_features=2", 1);
    diffusion_model *classed = make_model("mlp shape=2 width=3 depth=1 time_features=2 classes=3", 1);
    const double low[2] = {1, 0}, high[2] = {11, 1}, huge[1] = {100001};
    const int32_t late[2] = {11, 1};
    guard_outputs();
    assert_refused(diffusion_model_forward(plain, x, low, NULL, 2, out), DIFFUSION_E_STEP,
                   "model_forward: time[1]=0, expected 1..100000");
    assert_refused(diffusion_model_forward(plain, x, huge, NULL, 1, out), DIFFUSION_E_STEP, "time[0]=100001");
    assert_refused(diffusion_model_predict(plain, schedule, x, late, NULL, 2, out, variance), DIFFUSION_E_STEP,
                   "model_predict: t[0]=11, expected 1..10");
    assert_outputs_untouched();
    assert_ok(diffusion_model_forward(plain, x, high, NULL, 2, out)); /* the network knows no T */
    check_label(plain, 0, "labels[2]=0, but the model has no classes");
    check_label(classed, 3, "labels[2]=3, expected -1..2");
    check_label(classed, -2, "labels[2]=-2, expected -1..2");
    diffusion_model_free(plain);
    diffusion_model_free(classed);
    diffusion_schedule_free(schedule);
}

/* A label of -1 is no label: the bits of a call without labels. */
static void minus_one_is_no_label(void **state)
{
    (void)state;
    float without[DIM * 4], with[DIM * 4];
    const int32_t none[4] = {-1, -1, -1, -1}, some[4] = {-1, 0, 2, -1};
    diffusion_condition *condition = make_labels(none, 4);
    diffusion_model *model = make_model("mlp shape=2 width=3 depth=1 time_features=2 classes=3", 1);
    fill_weights(model, 1);
    assert_ok(diffusion_model_forward(model, x, time_of, NULL, 4, without));
    assert_ok(diffusion_model_forward(model, x, time_of, condition, 4, with));
    assert_same(with, without, sizeof with);
    assert_ok(diffusion_condition_set_labels(condition, some));
    assert_ok(diffusion_model_forward(model, x, time_of, condition, 4, with));
    assert_same(with, without, DIM * sizeof *with);
    assert_memory_not_equal(with + DIM, without + DIM, DIM * sizeof *with);
    assert_same(with + 3 * DIM, without + 3 * DIM, DIM * sizeof *with);
    diffusion_condition_free(condition);
    diffusion_model_free(model);
}

static void no_argument_may_be_null(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *model = make_model("mlp shape=2 width=3 depth=1 time_features=2", 1);
    assert_refused(diffusion_model_forward(NULL, x, time_of, NULL, 1, out), DIFFUSION_E_ARGUMENT,
                   "forward: model is NULL");
    assert_refused(diffusion_model_forward(model, NULL, time_of, NULL, 1, out), DIFFUSION_E_ARGUMENT,
                   "forward: x is NULL");
    assert_refused(diffusion_model_forward(model, x, NULL, NULL, 1, out), DIFFUSION_E_ARGUMENT,
                   "forward: time is NULL");
    assert_refused(diffusion_model_forward(model, x, time_of, NULL, 1, NULL), DIFFUSION_E_ARGUMENT,
                   "forward: out is NULL");
    assert_refused(diffusion_model_predict(NULL, schedule, x, t, NULL, 1, out, NULL), DIFFUSION_E_ARGUMENT,
                   "predict: model is NULL");
    assert_refused(diffusion_model_predict(model, NULL, x, t, NULL, 1, out, NULL), DIFFUSION_E_ARGUMENT,
                   "predict: schedule is NULL");
    assert_refused(diffusion_model_predict(model, schedule, NULL, t, NULL, 1, out, NULL), DIFFUSION_E_ARGUMENT,
                   "predict: x is NULL");
    assert_refused(diffusion_model_predict(model, schedule, x, NULL, NULL, 1, out, NULL), DIFFUSION_E_ARGUMENT,
                   "predict: t is NULL");
    assert_refused(diffusion_model_predict(model, schedule, x, t, NULL, 1, NULL, NULL), DIFFUSION_E_ARGUMENT,
                   "predict: mean is NULL");
    assert_ok(diffusion_model_predict(model, schedule, x, t, NULL, 1, out, NULL)); /* variance may be */
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_has_the_same_bits_alone_and_in_a_batch),
        cmocka_unit_test(wrong_steps_and_labels_are_refused_and_the_output_untouched),
        cmocka_unit_test(minus_one_is_no_label),
        cmocka_unit_test(no_argument_may_be_null),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}

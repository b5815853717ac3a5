/* Every argument of an evaluator that is refused, and the sentence that says why. */
#include "make.h"

enum { STEPS = 6, N = 3, DIM = 2 };

static const float data[N * DIM] = {0.5f, -1.0f, 1.0f, 1.0f, -0.25f, 0.0f};

typedef struct refusals {
    diffusion_schedule *schedule, *bits;
    diffusion_model *model, *bit_model;
} refusals;

static int make_refusals(void **state)
{
    static refusals self;
    self.schedule = make_schedule("linear steps=6");
    self.bits = make_schedule("linear steps=6 kernel=binomial");
    self.model = make_model("mlp shape=2 width=4 depth=1 time_features=2 classes=3", 1);
    self.bit_model = make_model("mlp shape=2 width=4 depth=1 time_features=2 predict=perturbation", 1);
    *state = &self;
    return 0;
}

static int free_refusals(void **state)
{
    refusals *self = *state;
    diffusion_model_free(self->model);
    diffusion_model_free(self->bit_model);
    diffusion_schedule_free(self->schedule);
    diffusion_schedule_free(self->bits);
    return 0;
}

static void a_wrong_spec_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"elbo draw=3", "evaluator: unknown key 'draw', did you mean 'draws'?"},
        {"elbo draws=0", "evaluator: draws=0, expected a whole number 1..1000000"},
        {"elbo edge=paper", "evaluator: edge=paper, expected forward|model|discretized"},
        {"elbo levels=1", "evaluator: levels=1, expected a whole number 2..65536"},
        {"elbo dequantize=-1", "evaluator: dequantize=-1, expected a number at least 0"},
        {"elbo seed=x", "evaluator: seed=x, expected a whole number"},
        {"elbo ancestral", "evaluator: 'ancestral' is not of the form key=value"},
        {"elbow", "evaluator: unknown kind 'elbow', did you mean 'elbo'?"},
        {"draws=3", "evaluator: "},
        {"", "evaluator: the spec is empty, expected a kind such as 'elbo'"},
    };
    const refusals *self = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        diffusion_evaluator *elbo = NULL;
        assert_refused(diffusion_evaluator_create(&elbo, self->model, self->schedule, cases[i][0]), DIFFUSION_E_SPEC,
                       cases[i][1]);
        assert_null(elbo);
    }
}

static void wrong_data_and_labels_are_refused(void **state)
{
    const refusals *self = *state;
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    static const int32_t high[N] = {0, 2, 3}, low[N] = {-2, 0, 0};
    diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, "elbo");
    diffusion_evaluator *bits = make_evaluator(self->bit_model, self->bits, "elbo");
    diffusion_condition *condition = make_labels(high, N);
    for (size_t i = 0; i < 3; i++) {
        float spoilt[N * DIM] = {0, 1, 1, 0, 1, bad[i]};
        assert_refused(diffusion_evaluator_run(elbo, spoilt, NULL, N), DIFFUSION_E_NONFINITE, "evaluator: x0[5]=");
        assert_refused(diffusion_evaluator_run(bits, spoilt, NULL, N), DIFFUSION_E_NONFINITE,
                       "expected a finite number");
    }
    assert_refused(diffusion_evaluator_run(bits, data, NULL, N), DIFFUSION_E_ARGUMENT,
                   "evaluator: x0[0]=0.5, expected 0 or 1 (binomial kernel)");
    assert_refused(diffusion_evaluator_run(elbo, data, condition, N), DIFFUSION_E_LABEL,
                   "evaluator: labels[2]=3, expected -1..2");
    assert_ok(diffusion_condition_set_labels(condition, low));
    assert_refused(diffusion_evaluator_run(elbo, data, condition, N), DIFFUSION_E_LABEL,
                   "evaluator: labels[0]=-2, expected -1..2");
    assert_refused(diffusion_evaluator_run(elbo, data, NULL, 0), DIFFUSION_E_ARGUMENT,
                   "evaluator_run: n=0, expected at least one sample");
    diffusion_condition_free(condition);
    diffusion_evaluator_free(elbo);
    diffusion_evaluator_free(bits);
}

static void discretised_data_must_lie_in_its_bins(void **state)
{
    const refusals *self = *state;
    static const float outside[DIM] = {0.0f, 1.5f};
    diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, "elbo edge=discretized");
    assert_refused(diffusion_evaluator_run(elbo, outside, NULL, 1), DIFFUSION_E_ARGUMENT,
                   "evaluator: x0[1]=1.5, expected -1..1 and half a bin more (edge=discretized)");
    diffusion_evaluator_free(elbo);
}

static void no_argument_may_be_null(void **state)
{
    const refusals *self = *state;
    const diffusion_status argument = DIFFUSION_E_ARGUMENT;
    diffusion_evaluator *elbo = NULL;
    double number = 5, numbers[STEPS] = {5};
    assert_refused(diffusion_evaluator_create(NULL, self->model, self->schedule, "elbo"), argument,
                   "evaluator_create: out is NULL");
    assert_refused(diffusion_evaluator_create(&elbo, NULL, self->schedule, "elbo"), argument,
                   "evaluator_create: model is NULL");
    assert_refused(diffusion_evaluator_create(&elbo, self->model, NULL, "elbo"), argument,
                   "evaluator_create: schedule is NULL");
    assert_refused(diffusion_evaluator_create(&elbo, self->model, self->schedule, NULL), argument,
                   "evaluator_create: spec is NULL");
    assert_null(elbo);
    elbo = make_evaluator(self->model, self->schedule, "elbo");
    assert_refused(diffusion_evaluator_run(NULL, data, NULL, N), argument, "evaluator_run: evaluator is NULL");
    assert_refused(diffusion_evaluator_run(elbo, NULL, NULL, N), argument, "evaluator_run: x0 is NULL");
    assert_refused(diffusion_evaluator_set_noise(NULL, NULL, NULL), argument, "set_noise: evaluator is NULL");
    assert_refused(diffusion_evaluator_set_progress(NULL, NULL, NULL), argument, "set_progress: evaluator is NULL");
    assert_refused(diffusion_evaluator_set_reference(NULL, data, 1, 1), argument, "set_reference: evaluator is NULL");
    assert_ok(diffusion_evaluator_run(elbo, data, NULL, N));
    assert_refused(diffusion_evaluator_value(NULL, "k_bits", &number), argument, "evaluator_value: evaluator is NULL");
    assert_refused(diffusion_evaluator_value(elbo, NULL, &number), argument, "evaluator_value: quantity is NULL");
    assert_refused(diffusion_evaluator_value(elbo, "k_bits", NULL), argument, "evaluator_value: out is NULL");
    assert_refused(diffusion_evaluator_terms(NULL, numbers, NULL), argument, "evaluator_terms: evaluator is NULL");
    assert_refused(diffusion_evaluator_terms(elbo, NULL, numbers), argument, "evaluator_terms: bits is NULL");
    assert_refused(diffusion_evaluator_samples(NULL, numbers, NULL, N), argument,
                   "evaluator_samples: evaluator is NULL");
    assert_refused(diffusion_evaluator_samples(elbo, NULL, NULL, N), argument, "evaluator_samples: bits is NULL");
    assert_refused(diffusion_evaluator_samples(elbo, numbers, NULL, N + 1), DIFFUSION_E_SHAPE,
                   "evaluator_samples: count=4, but 3 samples were measured");
    assert_refused(diffusion_evaluator_value(elbo, "k_bit", &number), DIFFUSION_E_NAME,
                   "evaluator_value: unknown quantity 'k_bit', did you mean 'k_bits'?");
    assert_refused(diffusion_evaluator_value(elbo, "entropy", &number), DIFFUSION_E_NAME,
                   "evaluator_value: unknown quantity 'entropy', expected one such as 'k_bits'");
    assert_true(number == 5 && numbers[0] == 5);
    assert_null(diffusion_evaluator_spec(NULL));
    diffusion_evaluator_free(elbo);
    diffusion_evaluator_free(NULL);
}

static int32_t stop(const float *x, const double *time, const diffusion_condition *condition, size_t n, float *out,
                    void *user)
{
    (void)x, (void)condition;
    memset(out, 0, n * DIM * sizeof *out);
    return time[0] == 4 ? *(const int32_t *)user : 0;
}

static int32_t spoil(const float *x, const double *time, const diffusion_condition *condition, size_t n, float *out,
                     void *user)
{
    (void)x, (void)condition, (void)user;
    for (size_t i = 0; i < 2 * n * DIM; i++)
        out[i] = time[0] == 4 && i / DIM % 2 == 1 ? 1e6f : 0.0f;
    return 0;
}

static void a_models_callback_or_output_may_stop_it(void **state)
{
    const refusals *self = *state;
    int32_t value = 1234;
    diffusion_model *model = make_callback("shape=2", stop, &value);
    diffusion_evaluator *elbo = make_evaluator(model, self->schedule, "elbo");
    assert_int_equal(diffusion_evaluator_run(elbo, data, NULL, N), 1234);
    diffusion_evaluator_free(elbo);
    diffusion_model_free(model);
    model = make_callback("shape=2 variance=learned_range", spoil, NULL);
    elbo = make_evaluator(model, self->schedule, "elbo");
    assert_refused(diffusion_evaluator_run(elbo, data, NULL, N), DIFFUSION_E_NONFINITE,
                   "evaluator: the model's variance at step 4 is inf, expected a finite number");
    diffusion_evaluator_free(elbo);
    diffusion_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_spec_is_refused),
        cmocka_unit_test(wrong_data_and_labels_are_refused),
        cmocka_unit_test(discretised_data_must_lie_in_its_bins),
        cmocka_unit_test(no_argument_may_be_null),
        cmocka_unit_test(a_models_callback_or_output_may_stop_it),
    };
    return cmocka_run_group_tests(tests, make_refusals, free_refusals);
}

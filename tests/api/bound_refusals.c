/* Every argument of a bound that is refused, and the sentence that says why. */
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
    self.model = make_model("mlp shape=2 width=4 depth=1 time=2 classes=3", 1);
    self.bit_model = make_model("mlp shape=2 width=4 depth=1 time=2 predict=mean", 1);
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
        {"draw=3", "bound: unknown key 'draw', did you mean 'draws'?"},
        {"draws=0", "bound: draws=0, expected a whole number 1..1000000"},
        {"edge=paper", "bound: edge=paper, expected forward|model|discretized"},
        {"levels=1", "bound: levels=1, expected a whole number 2..65536"},
        {"dequantize=-1", "bound: dequantize=-1, expected a number at least 0"},
        {"seed=x", "bound: seed=x, expected a whole number"},
        {"ancestral", "bound: 'ancestral' is not of the form key=value"},
    };
    const refusals *self = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        diffusion_bound *bound = NULL;
        assert_refused(diffusion_bound_evaluate(&bound, self->model, self->schedule, data, NULL, N, cases[i][0]),
                       DIFFUSION_E_SPEC, cases[i][1]);
        assert_null(bound);
    }
}

static void wrong_data_and_labels_are_refused(void **state)
{
    const refusals *self = *state;
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    static const int32_t labels[N] = {0, 2, 3}, low[N] = {-2, 0, 0};
    diffusion_bound *bound = NULL;
    for (size_t i = 0; i < 3; i++) {
        float spoilt[N * DIM] = {0, 1, 1, 0, 1, bad[i]};
        assert_refused(diffusion_bound_evaluate(&bound, self->model, self->schedule, spoilt, NULL, N, ""),
                       DIFFUSION_E_NONFINITE, "bound: x0[5]=");
        assert_refused(diffusion_bound_evaluate(&bound, self->bit_model, self->bits, spoilt, NULL, N, ""),
                       DIFFUSION_E_NONFINITE, "expected a finite number");
    }
    assert_refused(diffusion_bound_evaluate(&bound, self->bit_model, self->bits, data, NULL, N, ""),
                   DIFFUSION_E_ARGUMENT, "bound: x0[0]=0.5, expected 0 or 1 (binomial kernel)");
    assert_refused(diffusion_bound_evaluate(&bound, self->model, self->schedule, data, labels, N, ""),
                   DIFFUSION_E_LABEL, "bound: labels[2]=3, expected -1..2");
    assert_refused(diffusion_bound_evaluate(&bound, self->model, self->schedule, data, low, N, ""), DIFFUSION_E_LABEL,
                   "bound: labels[0]=-2, expected -1..2");
    assert_refused(diffusion_bound_evaluate(&bound, self->model, self->schedule, data, NULL, 0, ""),
                   DIFFUSION_E_ARGUMENT, "bound: n=0, expected at least one sample");
    assert_null(bound);
}

static void discretised_data_must_lie_in_its_bins(void **state)
{
    const refusals *self = *state;
    static const float outside[DIM] = {0.0f, 1.5f};
    diffusion_bound *bound = NULL;
    assert_refused(diffusion_bound_evaluate(&bound, self->model, self->schedule, outside, NULL, 1, "edge=discretized"),
                   DIFFUSION_E_ARGUMENT, "bound: x0[1]=1.5, expected -1..1 (edge=discretized)");
    assert_null(bound);
}

static void no_argument_may_be_null(void **state)
{
    const refusals *self = *state;
    diffusion_bound *bound = NULL;
    double number = 5, numbers[STEPS] = {5};
    const char *spec = "";
    assert_refused(diffusion_bound_evaluate(NULL, self->model, self->schedule, data, NULL, N, spec),
                   DIFFUSION_E_ARGUMENT, "bound_evaluate: out is NULL");
    assert_refused(diffusion_bound_evaluate(&bound, NULL, self->schedule, data, NULL, N, spec), DIFFUSION_E_ARGUMENT,
                   "bound_evaluate: model is NULL");
    assert_refused(diffusion_bound_evaluate(&bound, self->model, NULL, data, NULL, N, spec), DIFFUSION_E_ARGUMENT,
                   "bound_evaluate: schedule is NULL");
    assert_refused(diffusion_bound_evaluate(&bound, self->model, self->schedule, NULL, NULL, N, spec),
                   DIFFUSION_E_ARGUMENT, "bound_evaluate: x0 is NULL");
    assert_null(bound);
    assert_ok(diffusion_bound_evaluate(&bound, self->model, self->schedule, data, NULL, N, NULL)); /* a spec may be */
    assert_refused(diffusion_bound_value(NULL, "k_bits", &number), DIFFUSION_E_ARGUMENT, "bound_value: bound is NULL");
    assert_refused(diffusion_bound_value(bound, NULL, &number), DIFFUSION_E_ARGUMENT, "bound_value: quantity is NULL");
    assert_refused(diffusion_bound_value(bound, "k_bits", NULL), DIFFUSION_E_ARGUMENT, "bound_value: out is NULL");
    assert_refused(diffusion_bound_terms(NULL, numbers, NULL), DIFFUSION_E_ARGUMENT, "bound_terms: bound is NULL");
    assert_refused(diffusion_bound_terms(bound, NULL, numbers), DIFFUSION_E_ARGUMENT, "bound_terms: bits is NULL");
    assert_refused(diffusion_bound_samples(NULL, numbers, N), DIFFUSION_E_ARGUMENT, "bound_samples: bound is NULL");
    assert_refused(diffusion_bound_samples(bound, NULL, N), DIFFUSION_E_ARGUMENT, "bound_samples: bits is NULL");
    assert_refused(diffusion_bound_samples(bound, numbers, N + 1), DIFFUSION_E_SHAPE,
                   "bound_samples: count=4, but the bound has 3 samples");
    assert_refused(diffusion_bound_value(bound, "k_bit", &number), DIFFUSION_E_NAME,
                   "bound_value: unknown quantity 'k_bit', did you mean 'k_bits'?");
    assert_refused(diffusion_bound_value(bound, "entropy", &number), DIFFUSION_E_NAME,
                   "bound_value: unknown quantity 'entropy', expected one such as 'k_bits'");
    assert_true(number == 5 && numbers[0] == 5);
    diffusion_bound_free(bound);
    diffusion_bound_free(NULL);
}

static int32_t stop(const float *x, const int32_t *t, const int32_t *labels, size_t n, float *out, void *user)
{
    (void)x, (void)labels;
    memset(out, 0, n * DIM * sizeof *out);
    return t[0] == 4 ? *(const int32_t *)user : 0;
}

static int32_t spoil(const float *x, const int32_t *t, const int32_t *labels, size_t n, float *out, void *user)
{
    (void)x, (void)labels, (void)user;
    for (size_t i = 0; i < 2 * n * DIM; i++)
        out[i] = t[0] == 4 && i / DIM % 2 == 1 ? 1e6f : 0.0f;
    return 0;
}

static void a_models_callback_or_output_may_stop_it(void **state)
{
    const refusals *self = *state;
    int32_t value = 1234;
    diffusion_bound *bound = NULL;
    diffusion_model *model = make_callback("shape=2", stop, &value);
    assert_int_equal(diffusion_bound_evaluate(&bound, model, self->schedule, data, NULL, N, ""), 1234);
    diffusion_model_free(model);
    model = make_callback("shape=2 variance=range", spoil, NULL);
    assert_refused(diffusion_bound_evaluate(&bound, model, self->schedule, data, NULL, N, ""), DIFFUSION_E_NONFINITE,
                   "bound: the model's variance at step 4 is inf, expected a finite number");
    assert_null(bound);
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

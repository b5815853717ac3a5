/* Making a model, asking what it is, its parameters, and every argument that is refused. */
#include "make.h"

static void a_model_says_what_it_is(void **state)
{
    (void)state;
    diffusion_model *model =
        make_model("mlp shape=4,3,2 width=5 depth=2 time_features=6 classes=3 variance=learned_range", 1);
    int64_t shape[4] = {-7, -7, -7, -7};
    size_t rank = 0;
    assert_int_equal(diffusion_model_dim(model), 24);
    assert_int_equal(diffusion_model_outputs(model), 48);
    assert_int_equal(diffusion_model_classes(model), 3);
    assert_ok(diffusion_model_shape(model, shape, 2, &rank));
    assert_int_equal(rank, 3);
    assert_true(shape[0] == 4 && shape[1] == 3 && shape[2] == -7);
    assert_ok(diffusion_model_shape(model, shape, 4, &rank));
    assert_true(shape[2] == 2 && shape[3] == -7);
    assert_ok(diffusion_model_shape(model, NULL, 0, &rank));
    assert_string_equal(
        diffusion_model_spec(model),
        "mlp width=5 depth=2 time_features=6 activation=silu residual=no readout=shared steps=0 shape=4,3,2 "
        "classes=3 condition=0 predict=epsilon variance=learned_range time=step "
        "sigma_data=0.5");
    diffusion_model *again = make_model(diffusion_model_spec(model), 1);
    assert_string_equal(diffusion_model_spec(again), diffusion_model_spec(model));
    float *one = model_weights(model), *two = model_weights(again);
    assert_same(two, one, model_parameters(model) * sizeof(float));
    free(one);
    free(two);
    diffusion_model_free(again);
    diffusion_model_free(model);
}

static void nothing_is_asked_of_null(void **state)
{
    (void)state;
    size_t rank = 9;
    assert_int_equal(diffusion_model_dim(NULL), 0);
    assert_int_equal(diffusion_model_outputs(NULL), 0);
    assert_int_equal(diffusion_model_classes(NULL), 0);
    assert_int_equal(diffusion_model_parameter_count(NULL), 0);
    assert_null(diffusion_model_parameter_name(NULL, 0));
    assert_null(diffusion_model_spec(NULL));
    diffusion_model_free(NULL);
    diffusion_model *model = make_model("mlp shape=2 width=2 depth=1 time_features=2", 1);
    assert_refused(diffusion_model_shape(NULL, NULL, 0, &rank), DIFFUSION_E_ARGUMENT, "model_shape: model is NULL");
    assert_refused(diffusion_model_shape(model, NULL, 1, &rank), DIFFUSION_E_ARGUMENT, "model_shape: shape is NULL");
    assert_refused(diffusion_model_shape(model, NULL, 0, NULL), DIFFUSION_E_ARGUMENT, "model_shape: rank is NULL");
    assert_int_equal(rank, 9);
    diffusion_model_free(model);
}

static void a_wrong_spec_is_refused_in_one_sentence(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "model: the spec is empty, expected a kind such as 'mlp'"},
        {"mpl shape=2", "model: unknown kind 'mpl', did you mean 'mlp'?"},
        {"mlp", "model: key 'shape' is missing"},
        {"mlp shape=2 widht=3", "model: unknown key 'widht', did you mean 'width'?"},
        {"mlp shape=2 width=0", "model: width=0, expected a whole number 1..16384"},
        {"mlp shape=2 depth=65", "model: depth=65, expected a whole number 1..64"},
        {"mlp shape=2 activation=gelu", "model: activation=gelu, expected silu|relu|tanh|sigmoid|softplus"},
        {"mlp shape=2 predict=eps", "model: predict=eps, expected epsilon|x0|v|mean|perturbation"},
        {"mlp shape=2 variance=fixed",
         "model: variance=fixed, expected fixed_small|fixed_large|learned|learned_range|learned_raw"},
        {"mlp shape=2 time=8", "model: time=8, expected step|log_snr"},
        {"mlp shape=2 condition=-1", "model: condition=-1, expected a whole number 0.."},
        {"mlp shape=2 readout=steps steps=4 time=log_snr", "model: time=log_snr does not say which step's weights"},
        {"rbf shape=2 steps=4 time=log_snr", "model: time=log_snr does not say which step's weights"},
        {"mlp shape=2 classes=-1", "model: classes=-1, expected a whole number 0..65536"},
        {"mlp shape=0", "model: shape=0, expected 1 to 8 comma-separated sizes"},
        {"mlp shape=2,,1", "model: shape=2,,1, expected"},
        {"mlp shape=16777216,9", "model: the sizes of shape make more than"},
        {"mlp shape=2 shape=2", "model: key 'shape' is given twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        diffusion_model *model = NULL;
        assert_refused(diffusion_model_create(&model, cases[i][0], 1), DIFFUSION_E_SPEC, cases[i][1]);
        assert_null(model);
    }
    diffusion_model *model = NULL;
    assert_refused(diffusion_model_create(NULL, "mlp shape=2", 1), DIFFUSION_E_ARGUMENT, "model_create: out is NULL");
    assert_refused(diffusion_model_create(&model, NULL, 1), DIFFUSION_E_ARGUMENT, "model_create: spec is NULL");
    assert_null(model);
}

static void a_parameter_comes_back_as_it_was_set(void **state)
{
    (void)state;
    static const char *const names[] = {"hidden.0.weight", "hidden.0.bias", "hidden.1.weight",
                                        "hidden.1.bias",   "output.weight", "output.bias"};
    static const int64_t shapes[][2] = {{5, 9}, {5, 0}, {5, 5}, {5, 0}, {3, 5}, {3, 0}};
    diffusion_model *model = make_model("mlp shape=3 width=5 depth=2 time_features=4 classes=2", 1);
    assert_int_equal(diffusion_model_parameter_count(model), 6);
    assert_null(diffusion_model_parameter_name(model, 6));
    fill_weights(model, 3);
    for (size_t i = 0; i < 6; i++) {
        int64_t shape[2] = {0, 0};
        size_t rank = 0, count = parameter_size(model, i);
        float values[45], truth[45];
        assert_string_equal(diffusion_model_parameter_name(model, i), names[i]);
        assert_ok(diffusion_model_parameter_shape(model, names[i], shape, 2, &rank));
        assert_int_equal(rank, 2 - i % 2);
        assert_true(shape[0] == shapes[i][0] && shape[1] == shapes[i][1]);
        assert_ok(diffusion_model_parameter(model, names[i], values, count));
        make_numbers(truth, count, 3 + (uint32_t)i);
        for (size_t j = 0; j < count; j++)
            assert_true(values[j] == 0.5f * truth[j]);
    }
    diffusion_model_free(model);
}

static void a_wrong_parameter_is_refused_and_nothing_changes(void **state)
{
    (void)state;
    diffusion_model *model = make_model("mlp shape=2 width=3 depth=1 time_features=2", 1);
    float values[4] = {1, 2, 3, 4}, *before = model_weights(model);
    size_t rank = 7;
    assert_refused(diffusion_model_parameter(model, "bias", values, 3), DIFFUSION_E_NAME,
                   "model_parameter: name='bias', expected one of the model's, such as 'hidden.0.weight'");
    assert_refused(diffusion_model_set_parameter(model, "bias", values, 3), DIFFUSION_E_NAME, "name='bias'");
    assert_refused(diffusion_model_parameter_shape(model, "bias", NULL, 0, &rank), DIFFUSION_E_NAME, "name='bias'");
    assert_int_equal(rank, 7);
    assert_refused(diffusion_model_parameter(model, "hidden.0.bias", values, 4), DIFFUSION_E_SHAPE,
                   "model_parameter: count=4, but 'hidden.0.bias' has 3 values");
    assert_refused(diffusion_model_set_parameter(model, "hidden.0.bias", values, 2), DIFFUSION_E_SHAPE, "count=2");
    values[2] = INFINITY;
    assert_refused(diffusion_model_set_parameter(model, "hidden.0.bias", values, 3), DIFFUSION_E_NONFINITE,
                   "model_set_parameter: values[2]=inf, expected a finite number");
    assert_true(values[0] == 1 && values[3] == 4);
    assert_refused(diffusion_model_parameter(NULL, "a", values, 1), DIFFUSION_E_ARGUMENT, "model is NULL");
    assert_refused(diffusion_model_parameter(model, NULL, values, 1), DIFFUSION_E_ARGUMENT, "name is NULL");
    assert_refused(diffusion_model_parameter(model, "a", NULL, 1), DIFFUSION_E_ARGUMENT, "values is NULL");
    assert_refused(diffusion_model_set_parameter(NULL, "a", values, 1), DIFFUSION_E_ARGUMENT, "model is NULL");
    assert_refused(diffusion_model_set_parameter(model, NULL, values, 1), DIFFUSION_E_ARGUMENT, "name is NULL");
    assert_refused(diffusion_model_set_parameter(model, "a", NULL, 1), DIFFUSION_E_ARGUMENT, "values is NULL");
    assert_refused(diffusion_model_parameter_shape(NULL, "a", NULL, 0, &rank), DIFFUSION_E_ARGUMENT, "model is NULL");
    assert_refused(diffusion_model_parameter_shape(model, NULL, NULL, 0, &rank), DIFFUSION_E_ARGUMENT, "name is NULL");
    assert_refused(diffusion_model_parameter_shape(model, "a", NULL, 1, &rank), DIFFUSION_E_ARGUMENT, "shape is NULL");
    assert_refused(diffusion_model_parameter_shape(model, "a", NULL, 0, NULL), DIFFUSION_E_ARGUMENT, "rank is NULL");
    float *after = model_weights(model);
    assert_same(after, before, model_parameters(model) * sizeof(float));
    free(before);
    free(after);
    diffusion_model_free(model);
}

static void the_seed_alone_decides_the_first_weights(void **state)
{
    (void)state;
    const char *spec = "mlp shape=2 width=8 depth=2";
    diffusion_model *one = make_model(spec, 1), *same = make_model(spec, 1), *other = make_model(spec, 2);
    size_t bytes = model_parameters(one) * sizeof(float);
    float *a = model_weights(one), *b = model_weights(same), *c = model_weights(other);
    assert_same(b, a, bytes);
    assert_memory_not_equal(c, a, bytes);
    float *all[] = {a, b, c};
    for (size_t i = 0; i < 3; i++)
        free(all[i]);
    diffusion_model_free(one);
    diffusion_model_free(same);
    diffusion_model_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_says_what_it_is),
        cmocka_unit_test(nothing_is_asked_of_null),
        cmocka_unit_test(a_wrong_spec_is_refused_in_one_sentence),
        cmocka_unit_test(a_parameter_comes_back_as_it_was_set),
        cmocka_unit_test(a_wrong_parameter_is_refused_and_nothing_changes),
        cmocka_unit_test(the_seed_alone_decides_the_first_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

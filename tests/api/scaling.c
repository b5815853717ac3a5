/* The units of data: what a model's texts say of its scaling is done, and undone. */
#include "make.h"

enum { DIM = 3 };

static diffusion_model *model;

static int open_model(void **state)
{
    (void)state;
    model = make_model("mlp shape=3 width=4 depth=1", 1);
    return 0;
}

static int close_model(void **state)
{
    (void)state;
    diffusion_model_free(model);
    return 0;
}

/* NULL: no such text. */
static void describe(const char *shift, const char *scale, const char *width, const char *minimum, const char *maximum)
{
    assert_ok(diffusion_model_set_metadata(model, "data.shift", shift));
    assert_ok(diffusion_model_set_metadata(model, "data.scale", scale));
    assert_ok(diffusion_model_set_metadata(model, "data.dequantize", width));
    assert_ok(diffusion_model_set_metadata(model, "data.minimum", minimum));
    assert_ok(diffusion_model_set_metadata(model, "data.maximum", maximum));
}

static void without_texts_data_is_as_it_is(void **state)
{
    (void)state;
    const double values[2 * DIM] = {0, 1, 0.25, -3, 7, 1e30};
    double back[2 * DIM], of[DIM];
    float x[2 * DIM];
    describe(NULL, NULL, NULL, NULL, NULL);
    assert_ok(diffusion_model_from_data(model, values, 2, x));
    assert_ok(diffusion_model_to_data(model, x, 2, back));
    for (size_t i = 0; i < 2 * DIM; i++)
        assert_true(x[i] == (float)values[i] && back[i] == (double)x[i]);
    assert_ok(diffusion_model_scaling(model, "maximum", of));
    assert_true(of[0] == INFINITY && of[2] == INFINITY);
    assert_ok(diffusion_model_scaling(model, "scale", of));
    assert_true(of[0] == 1 && of[1] == 1 && of[2] == 1);
}

static void one_number_is_for_all_values_and_a_list_for_each(void **state)
{
    (void)state;
    const double values[2 * DIM] = {5, 10, 15, 3, 30, 300};
    double of[DIM];
    float x[2 * DIM];
    describe("3", "1,10,100", NULL, NULL, NULL);
    assert_ok(diffusion_model_from_data(model, values, 2, x));
    for (size_t i = 0; i < 2 * DIM; i++)
        assert_close(x[i], (values[i] - 3) / pow(10, (double)(i % DIM)), 1e-7, 1e-9);
    assert_ok(diffusion_model_scaling(model, "scale", of));
    assert_true(of[0] == 1 && of[1] == 10 && of[2] == 100);
    assert_ok(diffusion_model_scaling(model, "shift", of));
    assert_true(of[0] == 3 && of[1] == 3 && of[2] == 3);
}

/* float32 has seven digits: far from 0 they are not enough for the data, but for its distance from the shift. */
static void far_from_zero_nothing_is_lost(void **state)
{
    (void)state;
    const double values[DIM] = {1700000000.25, 1699999999.5, 1700000001};
    double back[DIM];
    float x[DIM];
    describe("1700000000", "0.5", NULL, NULL, NULL);
    assert_ok(diffusion_model_from_data(model, values, 1, x));
    assert_true(x[0] == 0.5f && x[1] == -1.0f && x[2] == 2.0f);
    assert_ok(diffusion_model_to_data(model, x, 1, back));
    assert_true(back[0] == values[0] && back[1] == values[1] && back[2] == values[2]);
}

/* Whatever the scale: the lower end of an interval may be rounded below itself. */
static void whole_numbers_come_back(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (int round = 0; round < 200; round++) {
        const double scale = 0.5 + 40.0 * fabs((double)make_number(&seed)), shift = 300.0 * (double)make_number(&seed);
        char texts[3][40];
        snprintf(texts[0], 40, "%.17g", shift);
        snprintf(texts[1], 40, "%.17g", scale);
        snprintf(texts[2], 40, "%.17g", 1 / scale);
        describe(texts[0], texts[1], texts[2], "-200", "255");
        for (int value = -200; value + 2 <= 255; value += 3) {
            const double three[DIM] = {value, value + 1, value + 2};
            double back[DIM];
            float x[DIM];
            assert_ok(diffusion_model_from_data(model, three, 1, x));
            assert_ok(diffusion_model_to_data(model, x, 1, back));
            for (size_t j = 0; j < DIM; j++)
                assert_true(back[j] == three[j]);
        }
    }
}

/* Of columns, one is dequantised: its samples are whole numbers within the range, those of the others as they come. */
static void samples_of_whole_numbers_are_whole_and_in_range(void **state)
{
    (void)state;
    const float x[3 * DIM] = {0.99f, 0.99f, 0, -5, -5, 0, 50, 50, 0};
    double values[3 * DIM];
    describe("10", "2", "0.5,0,0", "9,0,0", "17,1,1");
    assert_ok(diffusion_model_to_data(model, x, 3, values));
    assert_true(values[0] == 11 && values[3] == 9 && values[6] == 17);
    assert_close(values[1], 11.98, 1e-6, 0);
    assert_true(values[4] == 0 && values[7] == 110);
}

static void assert_damaged(const char *sentence)
{
    const double values[DIM] = {1, 2, 3};
    double back[DIM] = {9};
    float x[DIM] = {9};
    assert_refused(diffusion_model_from_data(model, values, 1, x), DIFFUSION_E_CONTENT, sentence);
    assert_true(x[0] == 9);
    assert_refused(diffusion_model_to_data(model, x, 1, back), DIFFUSION_E_CONTENT, sentence);
    assert_refused(diffusion_model_scaling(model, "shift", back), DIFFUSION_E_CONTENT, sentence);
    assert_true(back[0] == 9);
}

static void damaged_texts_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "1,2", "1,2,3,4", "1,,3", "1,2,x", "nan", "1,2,3,", " 1", "inf", "1;2;3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        describe(bad[i], "1", NULL, NULL, NULL);
        assert_damaged("data.shift is '");
    }
    describe(NULL, "0", NULL, NULL, NULL);
    assert_damaged("data.scale is '0', expected a number above 0");
    describe(NULL, "1,2,-1", NULL, NULL, NULL);
    assert_damaged("data.scale is '1,2,-1'");
    describe(NULL, NULL, "-0.1", NULL, NULL);
    assert_damaged("data.dequantize is '-0.1', expected a number, 0 or above");
    describe(NULL, NULL, NULL, "2", "1");
    assert_damaged("data.minimum is 2 and data.maximum is 1");
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    const double values[2 * DIM] = {1, 2, 3, 4, NAN, 6}, large[DIM] = {0, 1e300, 0};
    const float x[DIM] = {1, INFINITY, 0};
    double back[2 * DIM] = {9};
    float out[2 * DIM] = {9};
    const diffusion_status argument = DIFFUSION_E_ARGUMENT;
    describe("1", "2", NULL, NULL, NULL);
    assert_refused(diffusion_model_from_data(NULL, values, 1, out), argument, "model_from_data: model is NULL");
    assert_refused(diffusion_model_from_data(model, NULL, 1, out), argument, "values is NULL");
    assert_refused(diffusion_model_from_data(model, values, 1, NULL), argument, "x is NULL");
    assert_refused(diffusion_model_to_data(NULL, x, 1, back), argument, "model_to_data: model is NULL");
    assert_refused(diffusion_model_to_data(model, NULL, 1, back), argument, "x is NULL");
    assert_refused(diffusion_model_to_data(model, x, 1, NULL), argument, "values is NULL");
    assert_refused(diffusion_model_scaling(NULL, "shift", back), argument, "model_scaling: model is NULL");
    assert_refused(diffusion_model_scaling(model, NULL, back), argument, "quantity is NULL");
    assert_refused(diffusion_model_scaling(model, "shift", NULL), argument, "values is NULL");
    assert_refused(diffusion_model_scaling(model, "mean", back), DIFFUSION_E_NAME, "'mean', expected shift, scale");
    assert_refused(diffusion_model_from_data(model, values, 2, out), DIFFUSION_E_NONFINITE, "values[4]=nan");
    assert_refused(diffusion_model_from_data(model, large, 1, out), DIFFUSION_E_NONFINITE,
                   "value 1 of sample 0 is 1e+300, which is beyond float32");
    assert_refused(diffusion_model_to_data(model, x, 1, back), DIFFUSION_E_NONFINITE, "x[1]=inf");
    assert_refused(diffusion_model_from_data(model, values, SIZE_MAX / 2, out), DIFFUSION_E_MEMORY, "addressed");
    assert_refused(diffusion_model_to_data(model, x, SIZE_MAX / 2, back), DIFFUSION_E_MEMORY, "addressed");
    assert_ok(diffusion_model_from_data(model, values, 0, out));
    assert_ok(diffusion_model_to_data(model, x, 0, back));
    assert_true(out[0] == 9 && back[0] == 9);
}

static void a_value_beyond_double_is_refused(void **state)
{
    (void)state;
    const float x[DIM] = {0, 1, -1e30f};
    double back[DIM] = {9, 9, 9};
    describe(NULL, "1,1,1e300", NULL, NULL, NULL);
    assert_refused(diffusion_model_to_data(model, x, 1, back), DIFFUSION_E_NONFINITE,
                   "x 2 of sample 0 is -1e+30, which is beyond double in the data's units");
    assert_true(back[0] == 9 && back[1] == 9 && back[2] == 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_texts_data_is_as_it_is),
        cmocka_unit_test(one_number_is_for_all_values_and_a_list_for_each),
        cmocka_unit_test(far_from_zero_nothing_is_lost),
        cmocka_unit_test(whole_numbers_come_back),
        cmocka_unit_test(samples_of_whole_numbers_are_whole_and_in_range),
        cmocka_unit_test(damaged_texts_are_refused),
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(a_value_beyond_double_is_refused),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}

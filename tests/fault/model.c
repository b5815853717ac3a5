#define _POSIX_C_SOURCE 200809L
#include "fault.h"
#include "make.h"
#include "mend.h"

#define SPEC "mlp shape=2 width=5 depth=2 time_features=4 classes=3"
#define UNET "unet shape=4,4,1 channels=4,8 blocks=1 groups=2"
#define KEPT "kept.safetensors"

enum { N = 1100, DIM = 2 }; /* two chunks */

static float x[N * DIM], truth[N * DIM], true_mean[N * DIM], unet_truth[16];
static double time[N];
static int32_t t[N];

/* The first failure counts; after it a call may succeed, and then must have the right result. */
static void keep_first(diffusion_status *first, diffusion_status status)
{
    if (*first == DIFFUSION_OK)
        *first = status;
}

static diffusion_status make_and_free(const char *spec)
{
    diffusion_model *model = NULL;
    diffusion_status status = diffusion_model_create(&model, spec, 1);
    assert_true((model == NULL) == (status != DIFFUSION_OK));
    diffusion_model_free(model);
    return status;
}

static diffusion_status a_model_that_is_made(void)
{
    return make_and_free(SPEC " variance=learned");
}

static diffusion_status units_of_data(void)
{
    diffusion_model *model = NULL;
    const double values[2] = {5, 7};
    double back[2] = {0}, scale[2] = {0};
    float scaled[2] = {0};
    diffusion_status status = diffusion_model_create(&model, SPEC, 1);
    if (status == DIFFUSION_OK)
        status = diffusion_model_set_metadata(model, "data.scale", "2,4");
    if (status == DIFFUSION_OK)
        status = diffusion_model_from_data(model, values, 1, scaled);
    if (status == DIFFUSION_OK)
        status = diffusion_model_to_data(model, scaled, 1, back);
    if (status == DIFFUSION_OK)
        status = diffusion_model_scaling(model, "scale", scale);
    assert_true(status != DIFFUSION_OK || (back[0] == 5 && back[1] == 7 && scale[1] == 4));
    diffusion_model_free(model);
    return status;
}

static diffusion_status a_read_out_for_each_step(void)
{
    return make_and_free("mlp shape=2 width=5 depth=2 time_features=0 readout=steps steps=9");
}

static diffusion_status radial_basis_functions_that_are_made(void)
{
    return make_and_free("rbf shape=2 steps=9");
}

static diffusion_status a_unet_that_is_made(void)
{
    return make_and_free("unet shape=4,4,1 channels=4,8 blocks=1 attention=2 groups=2");
}

static diffusion_status a_multiscale_network_that_is_made(void)
{
    return make_and_free("multiscale shape=4,4,1 channels=3 width=4 dense=5 steps=9");
}

static int32_t triple(const double *from, const double *at, const diffusion_condition *condition, size_t n, double *to,
                      void *user)
{
    (void)at, (void)condition, (void)user;
    for (size_t i = 0; i < n * DIM; i++)
        to[i] = 3.0 * from[i];
    return 0;
}

static diffusion_status a_callback_that_is_made_and_asked(void)
{
    diffusion_model *model = NULL;
    diffusion_status status = diffusion_model_create_callback_double(&model, "shape=2", triple, NULL);
    assert_true((model == NULL) == (status != DIFFUSION_OK));
    float out[N * DIM] = {-7};
    if (status == DIFFUSION_OK && (status = diffusion_model_forward(model, x, time, NULL, N, out)) != DIFFUSION_OK) {
        assert_true(out[0] == -7);
        if (diffusion_model_forward(model, x, time, NULL, N, out) == DIFFUSION_OK)
            assert_true(out[0] == 3.0f * x[0]);
    }
    diffusion_model_free(model);
    return status;
}

/* The same in float32, with a condition of both chunks. */
static int32_t triple_float(const float *from, const double *at, const diffusion_condition *condition, size_t n,
                            float *to, void *user)
{
    (void)at, (void)user;
    assert_int_equal(diffusion_condition_count(condition), n);
    for (size_t i = 0; i < n * DIM; i++)
        to[i] = 3.0f * from[i];
    return 0;
}

static diffusion_status a_callback_with_a_condition(void)
{
    static float out[N * DIM], mean[N * DIM], variance[N * DIM];
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_condition *condition = NULL;
    out[0] = mean[0] = variance[0] = -7;
    diffusion_status status = diffusion_model_create_callback(&model, "shape=2 classes=2", triple_float, NULL), again;
    if (status == DIFFUSION_OK)
        status = diffusion_schedule_create(&schedule, "linear steps=10");
    if (status == DIFFUSION_OK)
        status = diffusion_condition_create(&condition, N);
    if (status == DIFFUSION_OK) {
        keep_first(&status, again = diffusion_model_forward(model, x, time, condition, N, out));
        assert_true(out[0] == (again == DIFFUSION_OK ? 3.0f * x[0] : -7.0f));
        keep_first(&status, again = diffusion_model_predict(model, schedule, x, t, condition, N, mean, variance));
        assert_true((mean[0] == -7 && variance[0] == -7) == (again != DIFFUSION_OK));
    }
    diffusion_condition_free(condition);
    diffusion_schedule_free(schedule);
    diffusion_model_free(model);
    return status;
}

static diffusion_status a_text_that_is_kept(void)
{
    diffusion_model *model = NULL;
    diffusion_status status = diffusion_model_create(&model, SPEC, 1);
    for (int i = 0; i < 20 && status == DIFFUSION_OK; i++) {
        char key[16];
        snprintf(key, sizeof key, "key %d", 100 - i);
        status = diffusion_model_set_metadata(model, key, "old");
        if (status != DIFFUSION_OK)
            assert_null(diffusion_model_metadata(model, key));
    }
    if (status == DIFFUSION_OK && (status = diffusion_model_set_metadata(model, "key 90", "new")) != DIFFUSION_OK)
        assert_string_equal(diffusion_model_metadata(model, "key 90"), "old");
    diffusion_model_free(model);
    return status;
}

/* Its weights are prepared at first use: what fails there may be asked again. */
static diffusion_status a_unet_that_is_asked(void)
{
    float out[16] = {-7};
    diffusion_model *model = NULL;
    diffusion_status status = diffusion_model_create(&model, UNET, 1);
    if (status == DIFFUSION_OK) {
        fill_weights(model, 2);
        diffusion_status again = status = diffusion_model_forward(model, x, time, NULL, 1, out);
        if (status != DIFFUSION_OK) {
            assert_true(out[0] == -7);
            again = diffusion_model_forward(model, x, time, NULL, 1, out);
        }
        if (again == DIFFUSION_OK)
            assert_same(out, unet_truth, sizeof out);
    }
    diffusion_model_free(model);
    return status;
}

static diffusion_status a_model_that_is_asked(void)
{
    float out[N * DIM] = {-7}, mean[N * DIM] = {-7};
    diffusion_schedule *schedule = NULL;
    diffusion_model *model = NULL;
    diffusion_status status = diffusion_schedule_create(&schedule, "linear steps=10"), again;
    assert_true((schedule == NULL) == (status != DIFFUSION_OK));
    if (status == DIFFUSION_OK)
        status = diffusion_model_create(&model, SPEC, 1);
    if (status == DIFFUSION_OK) {
        fill_weights(model, 2);
        keep_first(&status, again = diffusion_model_forward(model, x, time, NULL, N, out));
        if (again != DIFFUSION_OK) {
            assert_true(out[0] == -7);
            again = diffusion_model_forward(model, x, time, NULL, N, out);
        }
        if (again == DIFFUSION_OK)
            assert_same(out, truth, sizeof truth);
        keep_first(&status, again = diffusion_model_predict(model, schedule, x, t, NULL, N, mean, NULL));
        if (again != DIFFUSION_OK) {
            assert_true(mean[0] == -7);
            again = diffusion_model_predict(model, schedule, x, t, NULL, N, mean, NULL);
        }
        if (again == DIFFUSION_OK)
            assert_same(mean, true_mean, sizeof true_mean);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

/* Loaded, and saved over its own file, which stays whole whatever fails. */
static diffusion_status a_file_that_is_loaded_and_saved(void)
{
    size_t before, after;
    unsigned char *old = folder_read(KEPT, &before);
    diffusion_model *model = NULL;
    diffusion_status status = diffusion_model_load(&model, KEPT);
    assert_true((model == NULL) == (status != DIFFUSION_OK));
    if (status == DIFFUSION_OK)
        status = diffusion_model_save(model, KEPT);
    unsigned char *new = folder_read(KEPT, &after);
    assert_int_equal(after, before);
    assert_same(new, old, before);
    free(new);
    free(old);
    diffusion_model_free(model);
    return status;
}

static diffusion_status bytes_that_are_loaded_and_saved(void)
{
    size_t size, needed = 77;
    unsigned char *old = folder_read(KEPT, &size), *new = calloc(size, 1);
    assert_non_null(new);
    diffusion_model *model = NULL;
    diffusion_status status = diffusion_model_load_memory(&model, old, size);
    assert_true((model == NULL) == (status != DIFFUSION_OK));
    if (status == DIFFUSION_OK && (status = diffusion_model_save_memory(model, new, size, &needed)) != DIFFUSION_OK)
        assert_true(needed == 77 && new[0] == 0);
    if (status == DIFFUSION_OK) {
        assert_int_equal(needed, size);
        assert_same(new, old, size);
    }
    free(new);
    free(old);
    diffusion_model_free(model);
    return status;
}

static diffusion_status a_help_text(void)
{
    static const char *const topics[] = {"schedule", "model", "trainer", "sampler", "evaluator"};
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < 5 && status == DIFFUSION_OK; i++) {
        size_t needed = 77;
        char text[4] = "old";
        status = diffusion_help(topics[i], text, sizeof text, &needed);
        if (status != DIFFUSION_OK)
            assert_true(needed == 77 && strcmp(text, "old") == 0);
    }
    return status;
}

/* The sentence of a refusal is itself made of memory. */
static diffusion_status a_spec_that_is_refused(void)
{
    diffusion_model *model = NULL;
    diffusion_status status = diffusion_model_create(&model, "mlp shape=2 width=0", 1);
    assert_null(model);
    return status == DIFFUSION_E_SPEC ? DIFFUSION_OK : status;
}

static int enter(void **state)
{
    int status = fault_enter(state);
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *model = make_model(SPEC, 1), *unet = make_model(UNET, 1);
    make_numbers(x, N * DIM, 5);
    for (int i = 0; i < N; i++)
        time[i] = t[i] = 1 + i % 10;
    fill_weights(model, 2);
    fill_weights(unet, 2);
    assert_ok(diffusion_model_forward(unet, x, time, NULL, 1, unet_truth));
    assert_ok(diffusion_model_set_metadata(model, "scale", "0..16"));
    assert_ok(diffusion_model_forward(model, x, time, NULL, N, truth));
    assert_ok(diffusion_model_predict(model, schedule, x, t, NULL, N, true_mean, NULL));
    assert_ok(diffusion_model_save(model, KEPT));
    diffusion_model_free(unet);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

static int leave(void **state)
{
    remove(KEPT);
    return folder_leave(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(a_model_that_is_made),
        FAULT_SCENARIO(units_of_data),
        FAULT_SCENARIO(a_read_out_for_each_step),
        FAULT_SCENARIO(radial_basis_functions_that_are_made),
        FAULT_SCENARIO(a_multiscale_network_that_is_made),
        FAULT_SCENARIO(a_unet_that_is_made),
        FAULT_SCENARIO(a_unet_that_is_asked),
        FAULT_SCENARIO(a_callback_that_is_made_and_asked),
        FAULT_SCENARIO(a_callback_with_a_condition),
        FAULT_SCENARIO(a_text_that_is_kept),
        FAULT_SCENARIO(a_model_that_is_asked),
        FAULT_SCENARIO(a_file_that_is_loaded_and_saved),
        FAULT_SCENARIO(bytes_that_are_loaded_and_saved),
        FAULT_SCENARIO(a_help_text),
        FAULT_SCENARIO(a_spec_that_is_refused),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}

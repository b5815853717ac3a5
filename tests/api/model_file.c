/* Models in files: the same bits after a round trip, and every wrong file refused. */
#define _POSIX_C_SOURCE 200809L
#include "make.h"
#include "mend.h"

#include <sys/stat.h>

#define FILE_NAME "model.safetensors"
#define SPEC "mlp width=3 depth=1 time_features=2 shape=2 classes=2"

static void save_a_model(void)
{
    diffusion_model *model = make_model(SPEC, 1);
    fill_weights(model, 7);
    assert_ok(diffusion_model_set_metadata(model, "scale", "0..16"));
    assert_ok(diffusion_model_save(model, FILE_NAME));
    diffusion_model_free(model);
}

static void a_model_comes_back_bit_by_bit(void **state)
{
    (void)state;
    diffusion_model *model = make_model(SPEC " predict=v variance=learned_range residual=yes", 1), *loaded = NULL;
    fill_weights(model, 7);
    float odd[3] = {-0.0f, 1e-44f, 3.4e38f}, *truth, *got; /* a sign, a denormal, the largest */
    assert_ok(diffusion_model_set_parameter(model, "hidden.0.bias", odd, 3));
    assert_ok(diffusion_model_save(model, FILE_NAME));
    assert_ok(diffusion_model_load(&loaded, FILE_NAME));
    assert_string_equal(diffusion_model_spec(loaded), diffusion_model_spec(model));
    truth = model_weights(model);
    got = model_weights(loaded);
    assert_same(got, truth, model_parameters(model) * sizeof *got);
    assert_ok(diffusion_model_save(loaded, "again"));
    assert_same_files("again", FILE_NAME);
    free(truth);
    free(got);
    diffusion_model_free(model);
    diffusion_model_free(loaded);
    remove("again");
    remove(FILE_NAME);
}

static void a_checkpoint_loads_as_the_averaged_weights(void **state)
{
    (void)state;
    float x0[8];
    make_numbers(x0, 8, 1);
    diffusion_schedule *schedule = make_schedule("cosine steps=20");
    diffusion_model *model = make_model(SPEC, 1), *loaded = NULL;
    assert_ok(diffusion_model_set_metadata(model, "scale", "0..16"));
    diffusion_trainer *trainer = make_trainer(model, schedule, "rate=0.1 ema=0.9");
    for (int i = 0; i < 5; i++)
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, 4, NULL));
    assert_ok(diffusion_trainer_save(trainer, FILE_NAME));
    assert_ok(diffusion_model_load(&loaded, FILE_NAME));
    size_t bytes = model_parameters(model) * sizeof(float);
    float *got = model_weights(loaded), *average = model_weights(diffusion_trainer_model(trainer)),
          *last = model_weights(model);
    assert_same(got, average, bytes);
    assert_memory_not_equal(got, last, bytes);
    assert_string_equal(diffusion_model_metadata(loaded, "scale"), "0..16");
    assert_string_equal(diffusion_model_metadata(loaded, "schedule"), diffusion_schedule_spec(schedule));
    assert_null(diffusion_model_metadata(loaded, "trainer"));
    float *all[] = {got, average, last};
    for (size_t i = 0; i < 3; i++)
        free(all[i]);
    diffusion_trainer_free(trainer);
    diffusion_model_free(loaded);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    remove(FILE_NAME);
}

/* Spoils a sound file, which then must be refused. */
static void assert_spoilt(const char *from, const char *to, diffusion_status status, const char *sentence)
{
    diffusion_model *model = NULL;
    save_a_model();
    if (from != NULL)
        file_replace(FILE_NAME, from, to);
    else if (to != NULL)
        file_add_tensor(FILE_NAME, to);
    else
        file_cut(FILE_NAME, 1);
    assert_refused(diffusion_model_load(&model, FILE_NAME), status, sentence);
    assert_ptr_equal(strstr(diffusion_last_error(), FILE_NAME ": "), diffusion_last_error());
    assert_null(model);
    remove(FILE_NAME);
}

static void a_file_with_the_wrong_content_is_refused(void **state)
{
    (void)state;
    assert_spoilt(NULL, NULL, DIFFUSION_E_FORMAT, "the tensors take 116 bytes, but the file holds 115");
    assert_spoilt("[3,6]", "[6,3]", DIFFUSION_E_CONTENT,
                  "tensor 'hidden.0.weight' has the shape [6,3], expected [3,6]");
    assert_spoilt("width=3", "width=4", DIFFUSION_E_CONTENT, "has the shape [3,6], expected [4,6]");
    assert_spoilt("depth=1", "depth=2", DIFFUSION_E_CONTENT, "tensor 'hidden.1.weight' is missing");
    assert_spoilt("output.bias", "output.bios", DIFFUSION_E_CONTENT, "tensor 'output.bias' is missing");
    assert_spoilt(NULL, "extra", DIFFUSION_E_CONTENT, "tensor 'extra' is not one of the model's");
    assert_spoilt(NULL, "trainer.extra", DIFFUSION_E_CONTENT, "tensor 'trainer.extra' is not one of the model's");
    assert_spoilt("\"format\"", "\"formal\"", DIFFUSION_E_CONTENT, "not a model of this library");
    assert_spoilt("libdiffusion 1", "libdiffusion 2", DIFFUSION_E_CONTENT, "not a model of this library");
    assert_spoilt("\"model\":", "\"modal\":", DIFFUSION_E_CONTENT, "not a model of this library");
    assert_spoilt("mlp width", "mlq width", DIFFUSION_E_SPEC, "model: unknown kind 'mlq', did you mean 'mlp'?");
    assert_spoilt("classes=2", "classas=2", DIFFUSION_E_SPEC, "model: unknown key 'classas', did you mean 'classes'?");
}

static void weights_that_are_not_finite_are_refused(void **state)
{
    (void)state;
    static const float values[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++) {
        diffusion_model *model = NULL;
        save_a_model();
        file_end_with(FILE_NAME, values[i]);
        assert_refused(diffusion_model_load(&model, FILE_NAME), DIFFUSION_E_CONTENT, "tensor 'output.bias' holds ");
        assert_non_null(strstr(diffusion_last_error(), " at 1, expected finite numbers"));
        assert_null(model);
        remove(FILE_NAME);
    }
}

/* Whatever is missing from the end of a file, it is refused. */
static void every_shorter_file_is_refused(void **state)
{
    (void)state;
    size_t size;
    save_a_model();
    unsigned char *bytes = folder_read(FILE_NAME, &size);
    for (size_t kept = 0; kept < size; kept++) {
        diffusion_model *model = NULL;
        folder_write(FILE_NAME, bytes, kept);
        assert_int_equal(diffusion_model_load(&model, FILE_NAME), DIFFUSION_E_FORMAT);
        assert_null(model);
    }
    free(bytes);
    remove(FILE_NAME);
}

static void a_foreign_file_is_refused(void **state)
{
    (void)state;
    static const char text[] = "height,weight\n1.70,65\n", header[] = "{}      ";
    unsigned char other[8 + sizeof header - 1] = {sizeof header - 1};
    diffusion_model *model = NULL;
    memcpy(other + 8, header, sizeof header - 1);
    folder_write(FILE_NAME, text, sizeof text - 1);
    assert_refused(diffusion_model_load(&model, FILE_NAME), DIFFUSION_E_FORMAT,
                   "model.safetensors: a text; expected a safetensors file");
    folder_write(FILE_NAME, other, sizeof other);
    assert_refused(diffusion_model_load(&model, FILE_NAME), DIFFUSION_E_CONTENT, "not a model of this library");
    folder_write(FILE_NAME, "", 0);
    assert_refused(diffusion_model_load(&model, FILE_NAME), DIFFUSION_E_FORMAT, "0 bytes are too few");
    remove(FILE_NAME);
    assert_refused(diffusion_model_load(&model, FILE_NAME), DIFFUSION_E_IO,
                   "model.safetensors: cannot open: " BECAUSE("No such file or directory"));
    assert_refused(diffusion_model_load(&model, "."), DIFFUSION_E_IO,
                   ".: a folder without model_index.json or config.json, expected a .safetensors file or a diffusers");
    assert_refused(diffusion_model_load(NULL, FILE_NAME), DIFFUSION_E_ARGUMENT, "model_load: out is NULL");
    assert_refused(diffusion_model_load(&model, NULL), DIFFUSION_E_ARGUMENT, "model_load: path is NULL");
    assert_null(model);
}

static void what_cannot_be_saved_leaves_nothing_behind(void **state)
{
    (void)state;
    diffusion_model *model = make_model(SPEC, 1);
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_refused(diffusion_model_save(model, "folder"), DIFFUSION_E_IO,
                   "folder: not a regular file, so it cannot be replaced");
    assert_refused(diffusion_model_save(model, "no/such/file"), DIFFUSION_E_IO, "no/such/file: cannot create");
    assert_refused(diffusion_model_save(NULL, "file"), DIFFUSION_E_ARGUMENT, "model_save: model is NULL");
    assert_refused(diffusion_model_save(model, NULL), DIFFUSION_E_ARGUMENT, "model_save: path is NULL");
    assert_int_equal(folder_entries(), 1);
    assert_int_equal(rmdir("folder"), 0);
    diffusion_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_comes_back_bit_by_bit),
        cmocka_unit_test(a_checkpoint_loads_as_the_averaged_weights),
        cmocka_unit_test(a_file_with_the_wrong_content_is_refused),
        cmocka_unit_test(weights_that_are_not_finite_are_refused),
        cmocka_unit_test(every_shorter_file_is_refused),
        cmocka_unit_test(a_foreign_file_is_refused),
        cmocka_unit_test(what_cannot_be_saved_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

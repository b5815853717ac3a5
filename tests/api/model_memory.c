/* Models in memory: the bytes of the file, and every wrong piece of memory refused. */
#define _POSIX_C_SOURCE 200809L
#include "make.h"
#include "mend.h"

#define FILE_NAME "model.safetensors"
#define SPEC "mlp width=3 depth=1 time_features=2 shape=2 classes=2"

static diffusion_model *a_model(void)
{
    diffusion_model *model = make_model(SPEC, 1);
    fill_weights(model, 7);
    assert_ok(diffusion_model_set_metadata(model, "scale", "0..16 \xc3\xbc"));
    return model;
}

/* What the model's file holds, in a block of that size, which the caller frees. */
static unsigned char *bytes_of(const diffusion_model *model, size_t *size)
{
    size_t written = 0;
    assert_ok(diffusion_model_save_memory(model, NULL, 0, size));
    unsigned char *bytes = malloc(*size);
    assert_non_null(bytes);
    assert_ok(diffusion_model_save_memory(model, bytes, *size, &written));
    assert_int_equal(written, *size);
    return bytes;
}

static void memory_receives_the_bytes_of_the_file(void **state)
{
    (void)state;
    size_t size, file_size;
    diffusion_model *model = a_model();
    unsigned char *bytes = bytes_of(model, &size);
    assert_ok(diffusion_model_save(model, FILE_NAME));
    unsigned char *truth = folder_read(FILE_NAME, &file_size);
    assert_int_equal(size, file_size);
    assert_same(bytes, truth, size);
    free(truth);
    free(bytes);
    diffusion_model_free(model);
    remove(FILE_NAME);
}

/* From an odd address, and gone after the call. */
static void a_model_comes_back_bit_by_bit(void **state)
{
    (void)state;
    size_t size, again_size;
    diffusion_model *model = a_model(), *loaded = NULL;
    unsigned char *bytes = bytes_of(model, &size), *shifted = malloc(size + 1);
    assert_non_null(shifted);
    memcpy(shifted + 1, bytes, size);
    assert_ok(diffusion_model_load_memory(&loaded, shifted + 1, size));
    memset(shifted, 0xff, size + 1);
    free(shifted);
    assert_string_equal(diffusion_model_spec(loaded), diffusion_model_spec(model));
    assert_string_equal(diffusion_model_metadata(loaded, "scale"), "0..16 \xc3\xbc");
    float *truth = model_weights(model), *got = model_weights(loaded);
    assert_same(got, truth, model_parameters(model) * sizeof *got);
    unsigned char *again = bytes_of(loaded, &again_size);
    assert_int_equal(again_size, size);
    assert_same(again, bytes, size);
    void *memory[] = {truth, got, bytes, again};
    for (size_t i = 0; i < 4; i++)
        free(memory[i]);
    diffusion_model_free(loaded);
    diffusion_model_free(model);
}

static void a_checkpoint_loads_as_the_averaged_weights(void **state)
{
    (void)state;
    float x0[8];
    size_t size;
    make_numbers(x0, 8, 1);
    diffusion_schedule *schedule = make_schedule("cosine steps=20");
    diffusion_model *model = a_model(), *loaded = NULL;
    diffusion_trainer *trainer = make_trainer(model, schedule, "rate=0.1 ema=0.9");
    for (int i = 0; i < 5; i++)
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, 4, NULL));
    assert_ok(diffusion_trainer_save(trainer, FILE_NAME));
    unsigned char *bytes = folder_read(FILE_NAME, &size);
    assert_ok(diffusion_model_load_memory(&loaded, bytes, size));
    float *got = model_weights(loaded), *average = model_weights(diffusion_trainer_model(trainer));
    assert_same(got, average, model_parameters(model) * sizeof *got);
    assert_string_equal(diffusion_model_metadata(loaded, "schedule"), diffusion_schedule_spec(schedule));
    free(bytes);
    free(got);
    free(average);
    diffusion_trainer_free(trainer);
    diffusion_model_free(loaded);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    remove(FILE_NAME);
}

static void assert_no_model(const unsigned char *bytes, size_t size, diffusion_status status, const char *sentence)
{
    diffusion_model *model = NULL;
    assert_refused(diffusion_model_load_memory(&model, bytes, size), status, sentence);
    assert_ptr_equal(strstr(diffusion_last_error(), "memory: "), diffusion_last_error());
    assert_null(strchr(diffusion_last_error(), '\n'));
    assert_null(model);
}

/* In blocks of the exact length, so that a sanitizer sees a byte too many. */
static void every_other_length_is_refused(void **state)
{
    (void)state;
    size_t size;
    diffusion_model *model = a_model();
    unsigned char *bytes = bytes_of(model, &size);
    for (size_t length = 0; length <= size + 1; length++) {
        if (length == size)
            continue;
        unsigned char *piece = calloc(length > 0 ? length : 1, 1);
        assert_non_null(piece);
        memcpy(piece, bytes, length < size ? length : size);
        assert_no_model(piece, length, DIFFUSION_E_FORMAT, "");
        free(piece);
    }
    assert_no_model(NULL, 0, DIFFUSION_E_FORMAT, "memory: 0 bytes are too few for a safetensors file");
    free(bytes);
    diffusion_model_free(model);
}

/* The sentence of a spoilt file, with "memory" in its name's place. */
static void assert_spoilt(const char *from, const char *to)
{
    char sentence[1024];
    size_t size;
    diffusion_model *model = a_model(), *loaded = NULL;
    assert_ok(diffusion_model_save(model, FILE_NAME));
    diffusion_model_free(model);
    file_replace(FILE_NAME, from, to);
    diffusion_status status = diffusion_model_load(&loaded, FILE_NAME);
    assert_int_not_equal(status, DIFFUSION_OK);
    snprintf(sentence, sizeof sentence, "memory%s", diffusion_last_error() + strlen(FILE_NAME));
    unsigned char *bytes = folder_read(FILE_NAME, &size);
    assert_no_model(bytes, size, status, sentence);
    free(bytes);
    remove(FILE_NAME);
}

static void the_rules_are_those_of_a_file(void **state)
{
    (void)state;
    assert_spoilt("[3,6]", "[6,3]");
    assert_spoilt("width=3", "width=4");
    assert_spoilt("output.bias", "output.bios");
    assert_spoilt("\"format\"", "\"formal\"");
    assert_spoilt("mlp width", "mlq width");
    assert_spoilt("\"F32\"", "\"F33\"");
    assert_spoilt("{\"__metadata__\"", "[\"__metadata__\"");
}

static void too_small_a_capacity_is_refused_and_nothing_written(void **state)
{
    (void)state;
    size_t size, needed = 77;
    diffusion_model *model = a_model();
    unsigned char *bytes = bytes_of(model, &size), *room = malloc(size + 8), *before = malloc(size + 8);
    assert_true(room != NULL && before != NULL);
    memset(room, 0x5a, size + 8);
    memcpy(before, room, size + 8);
    for (size_t capacity = 1; capacity < size; capacity++) {
        char sentence[100];
        snprintf(sentence, sizeof sentence, "capacity=%zu, expected at least %zu", capacity, size);
        assert_refused(diffusion_model_save_memory(model, room, capacity, &needed), DIFFUSION_E_SHAPE, sentence);
    }
    assert_same(room, before, size + 8);
    assert_int_equal(needed, 77);
    assert_ok(diffusion_model_save_memory(model, room, size + 8, &needed)); /* and what is too much stays as it is */
    assert_int_equal(needed, size);
    assert_same(room, bytes, size);
    assert_same(room + size, before + size, 8);
    free(bytes);
    free(room);
    free(before);
    diffusion_model_free(model);
}

static int32_t no_prediction(const float *x, const double *time, const diffusion_condition *condition, size_t n,
                             float *out, void *user)
{
    (void)x, (void)time, (void)condition, (void)n, (void)out, (void)user;
    return 1;
}

static void what_cannot_be_said_is_refused(void **state)
{
    (void)state;
    unsigned char bytes[8] = {0};
    size_t needed = 77;
    diffusion_model *model = a_model(), *loaded = NULL, *callback = make_callback("shape=2", no_prediction, NULL);
    assert_refused(diffusion_model_save_memory(callback, NULL, 0, &needed), DIFFUSION_E_STATE,
                   "model_save_memory: a callback model has no parameters to save");
    assert_refused(diffusion_model_save_memory(NULL, bytes, 8, &needed), DIFFUSION_E_ARGUMENT,
                   "model_save_memory: model is NULL");
    assert_refused(diffusion_model_save_memory(model, NULL, 8, &needed), DIFFUSION_E_ARGUMENT,
                   "model_save_memory: bytes is NULL");
    assert_int_equal(needed, 77);
    assert_refused(diffusion_model_load_memory(NULL, bytes, 8), DIFFUSION_E_ARGUMENT, "model_load_memory: out is NULL");
    assert_refused(diffusion_model_load_memory(&loaded, NULL, 8), DIFFUSION_E_ARGUMENT,
                   "model_load_memory: bytes is NULL");
    assert_ok(diffusion_model_save_memory(model, NULL, 0, NULL));
    assert_null(loaded);
    diffusion_model_free(callback);
    diffusion_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_receives_the_bytes_of_the_file),
        cmocka_unit_test(a_model_comes_back_bit_by_bit),
        cmocka_unit_test(a_checkpoint_loads_as_the_averaged_weights),
        cmocka_unit_test(every_other_length_is_refused),
        cmocka_unit_test(the_rules_are_those_of_a_file),
        cmocka_unit_test(too_small_a_capacity_is_refused_and_nothing_written),
        cmocka_unit_test(what_cannot_be_said_is_refused),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

#define _POSIX_C_SOURCE 200809L
#include "make.h"
#include "mend.h"

#define FILE_NAME "model.safetensors"
#define SPEC "mlp shape=2 width=3 depth=1 time_features=2"

static void a_text_is_kept_replaced_and_removed(void **state)
{
    (void)state;
    diffusion_model *model = make_model(SPEC, 1);
    char value[] = "0..16";
    assert_null(diffusion_model_metadata(model, "scale"));
    assert_ok(diffusion_model_set_metadata(model, "scale", value));
    value[0] = 'x'; /* a copy was taken */
    assert_string_equal(diffusion_model_metadata(model, "scale"), "0..16");
    assert_ok(diffusion_model_set_metadata(model, "scale", "0..255"));
    assert_string_equal(diffusion_model_metadata(model, "scale"), "0..255");
    assert_ok(diffusion_model_set_metadata(model, "scale", diffusion_model_metadata(model, "scale")));
    assert_string_equal(diffusion_model_metadata(model, "scale"), "0..255");
    assert_ok(diffusion_model_set_metadata(model, "scale", NULL));
    assert_null(diffusion_model_metadata(model, "scale"));
    assert_ok(diffusion_model_set_metadata(model, "scale", NULL)); /* what is not there may be removed */
    assert_null(diffusion_model_metadata(NULL, "scale"));
    assert_null(diffusion_model_metadata(model, NULL));
    diffusion_model_free(model);
}

static void a_hundred_texts_are_kept_apart(void **state)
{
    (void)state;
    char key[16], value[16];
    diffusion_model *model = make_model(SPEC, 1);
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof key, "key %d", i * 37 % 100);
        snprintf(value, sizeof value, "value %d", i * 37 % 100);
        assert_ok(diffusion_model_set_metadata(model, key, value));
    }
    assert_ok(diffusion_model_set_metadata(model, "key 50", NULL));
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof key, "key %d", i);
        snprintf(value, sizeof value, "value %d", i);
        if (i == 50)
            assert_null(diffusion_model_metadata(model, key));
        else
            assert_string_equal(diffusion_model_metadata(model, key), value);
    }
    diffusion_model_free(model);
}

static void the_librarys_own_keys_are_refused(void **state)
{
    (void)state;
    static const char *const keys[] = {"", "format", "model", "schedule", "trainer", "trainer.step", "trainer's notes"};
    diffusion_model *model = make_model(SPEC, 1);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char sentence[64];
        snprintf(sentence, sizeof sentence, "model_set_metadata: key='%s', expected", keys[i]);
        assert_refused(diffusion_model_set_metadata(model, keys[i], "x"), DIFFUSION_E_ARGUMENT, sentence);
        assert_null(diffusion_model_metadata(model, keys[i]));
    }
    assert_refused(diffusion_model_set_metadata(NULL, "a", "x"), DIFFUSION_E_ARGUMENT, "model is NULL");
    assert_refused(diffusion_model_set_metadata(model, NULL, "x"), DIFFUSION_E_ARGUMENT, "key is NULL");
    diffusion_model_free(model);
}

/* Table 3-7 of the Unicode standard: what is well-formed, and what comes nearest to it. */
static void only_well_formed_utf8_is_taken(void **state)
{
    (void)state;
    static const char *const good[] = {
        "plain",        "\x7f",         "\xc2\x80",     "\xdf\xbf", "\xe0\xa0\x80",     "\xed\x9f\xbf",
        "\xee\x80\x80", "\xef\xbf\xbf", "\xe2\x82\xac", "",         "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {
        "\x80",     "\xc0\x80",  "\xc1\xbf",         "\xe0\x9f\xbf",     "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xe2\x82", "\xe2\x82 ", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80", "end with\xc2",
        "\xff",     "a\xfe",     "\xc2\xc2\x80"};
    diffusion_model *model = make_model(SPEC, 1);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_ok(diffusion_model_set_metadata(model, "text", good[i]));
        assert_string_equal(diffusion_model_metadata(model, "text"), good[i]);
    }
    assert_ok(diffusion_model_set_metadata(model, "text", "kept"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_refused(diffusion_model_set_metadata(model, "text", bad[i]), DIFFUSION_E_ARGUMENT,
                       "model_set_metadata: the value of 'text' is not UTF-8");
        assert_refused(diffusion_model_set_metadata(model, bad[i], "x"), DIFFUSION_E_ARGUMENT, "expected UTF-8");
        assert_string_equal(diffusion_model_metadata(model, "text"), "kept");
    }
    diffusion_model_free(model);
}

static void any_text_survives_a_file(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"quotes", "\"double\" and 'single'"}, {"back\\slash", "\\ \\u0041"},    {"lines", "one\ntwo\r\n\tthree"},
        {"control \x01\x1f", "\x02\x7f"},      {"\xc3\xbc", "\xf0\x9f\x98\x80"}, {"empty", ""},
    };
    diffusion_model *model = make_model(SPEC, 1), *loaded = NULL;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_ok(diffusion_model_set_metadata(model, pairs[i][0], pairs[i][1]));
    assert_ok(diffusion_model_save(model, FILE_NAME));
    assert_ok(diffusion_model_load(&loaded, FILE_NAME));
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_string_equal(diffusion_model_metadata(loaded, pairs[i][0]), pairs[i][1]);
    diffusion_model_free(loaded);
    diffusion_model_free(model);
    remove(FILE_NAME);
}

static void a_file_does_not_depend_on_the_order_of_the_calls(void **state)
{
    (void)state;
    diffusion_model *one = make_model(SPEC, 1), *two = make_model(SPEC, 1);
    assert_ok(diffusion_model_set_metadata(one, "b", "2"));
    assert_ok(diffusion_model_set_metadata(one, "a", "1"));
    assert_ok(diffusion_model_set_metadata(two, "c", "3"));
    assert_ok(diffusion_model_set_metadata(two, "a", "1"));
    assert_ok(diffusion_model_set_metadata(two, "b", "2"));
    assert_ok(diffusion_model_set_metadata(two, "c", NULL));
    assert_ok(diffusion_model_save(one, "one"));
    assert_ok(diffusion_model_save(two, "two"));
    assert_same_files("one", "two");
    diffusion_model_free(one);
    diffusion_model_free(two);
    remove("one");
    remove("two");
}

static void a_trainer_takes_the_texts_that_are_there_and_adds_the_schedule(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("cosine steps=7");
    diffusion_model *model = make_model(SPEC, 1);
    assert_ok(diffusion_model_set_metadata(model, "before", "yes"));
    diffusion_trainer *trainer = make_trainer(model, schedule, "ema=0.9");
    const diffusion_model *average = diffusion_trainer_model(trainer);
    assert_ptr_not_equal(average, model);
    assert_ok(diffusion_model_set_metadata(model, "after", "yes"));
    assert_string_equal(diffusion_model_metadata(average, "before"), "yes");
    assert_null(diffusion_model_metadata(average, "after"));
    assert_string_equal(diffusion_model_metadata(average, "schedule"), diffusion_schedule_spec(schedule));
    assert_string_equal(diffusion_model_metadata(model, "schedule"), diffusion_schedule_spec(schedule));
    diffusion_trainer_free(trainer);
    assert_string_equal(diffusion_model_metadata(model, "schedule"), diffusion_schedule_spec(schedule));
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_kept_replaced_and_removed),
        cmocka_unit_test(a_hundred_texts_are_kept_apart),
        cmocka_unit_test(the_librarys_own_keys_are_refused),
        cmocka_unit_test(only_well_formed_utf8_is_taken),
        cmocka_unit_test(any_text_survives_a_file),
        cmocka_unit_test(a_file_does_not_depend_on_the_order_of_the_calls),
        cmocka_unit_test(a_trainer_takes_the_texts_that_are_there_and_adds_the_schedule),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

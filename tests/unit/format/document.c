/* JSON documents: written as they were read, line by line, and read strictly. */
#define _POSIX_C_SOURCE 200809L
#include "folder.h"
#include "json.h"

#define NAME "document.json"

static void check_written(const char *text, const char *expected)
{
    size_t size;
    json_value *json = json_of(text), *again = NULL;
    file_writer *file = NULL;
    assert_ok(document_write(&file, NAME, json));
    assert_ok(file_commit(file));
    unsigned char *bytes = folder_read(NAME, &size);
    bytes[size] = '\0';
    assert_string_equal((char *)bytes, expected);
    assert_ok(document_read(&again, NAME));
    assert_true(json_equal(again, json));
    free(bytes);
    json_release(json);
    json_release(again);
    remove(NAME);
}

static void numbers_are_written_as_they_were_read(void **state)
{
    (void)state;
    check_written("{\"b\": 0.1, \"a\": 1.0, \"n\": 7}", "{\n  \"b\": 0.1,\n  \"a\": 1.0,\n  \"n\": 7\n}\n");
    check_written("{\"a\": [0.30000000000000004]}", "{\n  \"a\": [\n    0.30000000000000004\n  ]\n}\n");
    check_written("{\"a\": 1e-05}", "{\n  \"a\": 1e-05\n}\n");
    check_written("{\"a\": [-1.7976931348623157e308, 5e-324], \"b\": {}}",
                  "{\n  \"a\": [\n    -1.7976931348623157e308,\n    5e-324\n  ],\n  \"b\": {}\n}\n");
}

static void what_is_no_sound_object_is_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "the file is not valid JSON"},
        {"[1]", "the file is [1], expected an object"},
        {"null", "the file is null, expected an object"},
        {"{\"a\": 1, \"a\": 1}", "duplicate object key"},
        {"{\"a\": 1e999}", "real number overflow"},
        {"{\"a\": 99999999999999999999}", "too big integer"},
        {"{\"a\": nan}", "is not valid JSON"},
        {"{\"a\": 1,}", "is not valid JSON"},
        {"{\"a\": 1} x", "is not valid JSON"},
        {"{\"\\u0000\": 1}", "is not valid JSON"},
        {"{\"\xff\": 1}", "is not valid JSON"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_value *json = NULL;
        folder_write(NAME, cases[i][0], strlen(cases[i][0]));
        assert_refused(document_read(&json, NAME), DIFFUSION_E_FORMAT, cases[i][1]);
        assert_ptr_equal(strstr(diffusion_last_error(), NAME ": "), diffusion_last_error());
        assert_null(json);
        remove(NAME);
    }
}

static void a_value_is_shown_as_its_text_or_its_type(void **state)
{
    (void)state;
    char text[DOCUMENT_SHOWN];
    json_value *json = json_of("{\"a\": 0.1, \"b\": [1, \"x\"], \"c\": "
                               "\"a text that is longer than what a sentence of the library would show\"}");
    assert_string_equal(document_show(text, json_get(json, "a")), "0.1");
    assert_string_equal(document_show(text, json_get(json, "b")), "[1,\"x\"]");
    assert_string_equal(document_show(text, json_get(json, "c")), "a string");
    assert_string_equal(document_show(text, json_get(json, "d")), "missing");
    json_release(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_as_they_were_read),
        cmocka_unit_test(what_is_no_sound_object_is_refused),
        cmocka_unit_test(a_value_is_shown_as_its_text_or_its_type),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

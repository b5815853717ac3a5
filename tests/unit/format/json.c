/* The JSON parser: what it takes and refuses, what texts mean, and the memory it needs. */
#include "test.h"

#include "base/memory.h"
#include "blocks.h"
#include "format/json.h"

#include <stdio.h>

static block_counts blocks;

static diffusion_status parse(json_value **out, const char *text)
{
    return json_parse(out, "here", "the text", text, strlen(text));
}

static void sound_texts_are_taken_and_printed_as_they_were(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "[]",
        "0",
        "-0",
        "-1.5e+10",
        "1E-4",
        "0.1e1",
        "9223372036854775807",
        "-9223372036854775808",
        "true",
        "false",
        "null",
        "[-Infinity,Infinity,NaN]",
        "\"\"",
        "\"a\"",
        "[1,[2,[]],{}]",
        "{\"a\":1,\"b\":{\"a\":[null]},\"\":2}",
        "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
        "\"\xf4\x8f\xbf\xbf\xee\x80\x80\xed\x9f\xbf\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80\"",
        "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\"",
    };
    char printed[128];
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_value *json = NULL;
        assert_ok(parse(&json, texts[i]));
        assert_int_equal(json_print(printed, sizeof printed, json, 0), strlen(texts[i]));
        assert_string_equal(printed, texts[i]);
        json_release(json);
    }
}

static void escapes_mean_their_characters(void **state)
{
    (void)state;
    json_value *json = NULL;
    assert_ok(parse(&json, " { \"\\u0061\\/\" :\t\"\\u00e9\\u20AC\\ud83d\\uDE00\" }\r\n"));
    assert_string_equal(json_string(json_get(json, "a/")), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    json_release(json);
}

static void what_is_no_json_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"", "a value was expected, at byte 0 of 0"},
        {"nul", "a value was expected, at byte 0 of 3"},
        {"nulll", "end of file expected, at byte 4 of 5"},
        {"[1,]", "a value was expected, at byte 3"},
        {"[1 2]", "',' or ']' was expected"},
        {"[", "a value was expected"},
        {"{\"a\":1,}", "a string was expected"},
        {"{\"a\"}", "':' was expected"},
        {"{\"a\":1", "',' or '}' was expected"},
        {"{a:1}", "a string was expected"},
        {"01", "end of file expected"},
        {"+1", "a value was expected"},
        {".5", "a value was expected"},
        {"1.", "a digit was expected"},
        {"1e", "a digit was expected"},
        {"-", "a value was expected"},
        {"0x1", "end of file expected"},
        {"nan", "a value was expected"},
        {"+Infinity", "a value was expected"},
        {"-NaN", "a value was expected"},
        {"Infinity1", "end of file expected"},
        {"9223372036854775808", "too big integer"},
        {"-9223372036854775809", "too big integer"},
        {"1e309", "real number overflow"},
        {"0.1111111111111111111111111111111111111111111111111111111111111111", "more than 63 characters"},
        {"\"", "a text without its end"},
        {"\"\\", "invalid escape"},
        {"\"\\x\"", "invalid escape"},
        {"\"\\u12g4\"", "four hexadecimal digits"},
        {"\"\\u0000\"", "\\u0000 in a text"},
        {"\"\\ud800\"", "half of a surrogate pair"},
        {"\"\\udc00\"", "half of a surrogate pair"},
        {"\"\\ud800\\u0041\"", "half of a surrogate pair"},
        {"\"a\nb\"", "a control character in a text"},
        {"\"\x80\"", "not UTF-8"},
        {"\"\xc0\x80\"", "not UTF-8"},
        {"\"\xc3\"", "not UTF-8"},
        {"\"\xe0\x9f\xbf\"", "not UTF-8"},
        {"\"\xed\xa0\x80\"", "not UTF-8"},
        {"\"\xf0\x8f\xbf\xbf\"", "not UTF-8"},
        {"\"\xf4\x90\x80\x80\"", "not UTF-8"},
        {"\"\xf5\x80\x80\x80\"", "not UTF-8"},
        {"{\"a\":1,\"\\u0061\":2}", "duplicate object key"},
        {"[1] // c", "end of file expected"},
        {"\xef\xbb\xbf{}", "begins with a byte order mark"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_value *json = NULL;
        assert_refused(parse(&json, cases[i].text), DIFFUSION_E_FORMAT, cases[i].sentence);
        assert_null(json);
    }
    json_value *json = NULL;
    assert_refused(json_parse(&json, "here", "the text", "1\0", 2), DIFFUSION_E_FORMAT, "end of file expected");
}

/* An object of `count` members, whose last has the key of the first if `repeated`. */
static char *make_object(size_t count, int repeated)
{
    char *text = malloc(count * 16 + 3), *to = text;
    assert_non_null(text);
    for (size_t i = 0; i < count; i++)
        to += sprintf(to, "%c\"%zu\":%d", i == 0 ? '{' : ',', repeated && i + 1 == count ? 0 : i, 7);
    strcpy(to, "}");
    return text;
}

static void a_key_twice_is_found_among_few_and_many(void **state)
{
    (void)state;
    static const size_t counts[] = {2, 16, 17, 20000};
    for (size_t i = 0; i < 4; i++)
        for (int repeated = 0; repeated < 2; repeated++) {
            json_value *json = NULL;
            char *text = make_object(counts[i], repeated);
            if (repeated)
                assert_refused(parse(&json, text), DIFFUSION_E_FORMAT, "duplicate object key");
            else
                assert_ok(parse(&json, text));
            json_release(json);
            free(text);
        }
}

static void nesting_and_values_are_bounded(void **state)
{
    (void)state;
    enum { MANY = JSON_VALUES + 8 };
    char *text = malloc(2 * (size_t)MANY);
    json_value *json = NULL;
    assert_non_null(text);
    memset(text, '[', JSON_DEPTH);
    memset(text + JSON_DEPTH, ']', JSON_DEPTH);
    assert_ok(json_parse(&json, "here", "the text", text, 2 * JSON_DEPTH));
    json_release(json);
    memset(text, '[', MANY);
    assert_refused(json_parse(&json, "here", "the text", text, 100000), DIFFUSION_E_FORMAT, "nested more than 64 deep");
    blocks_count_from_here(&blocks, 0, 0);
    assert_refused(json_parse(&json, "here", "the text", text, MANY), DIFFUSION_E_FORMAT, "more than 4194304 values");
    assert_int_equal(blocks.largest, 0);
    free(text);
}

/* The shortest value takes two characters. */
static void memory_is_at_most_ten_times_the_text(void **state)
{
    (void)state;
    enum { SIZE = 4000001 };
    static char text[SIZE];
    json_value *json = NULL;
    for (size_t i = 0; i < SIZE; i++)
        text[i] = i == 0 ? '[' : i == SIZE - 1 ? ']' : i % 2 == 1 ? '1' : ',';
    blocks_count_from_here(&blocks, 0, 0);
    assert_ok(json_parse(&json, "here", "the text", text, SIZE));
    assert_true(blocks.largest < 10 * SIZE);
    assert_int_equal(json_count(json), SIZE / 2);
    json_release(json);
}

static void every_allocation_that_fails_is_told_as_no_memory(void **state)
{
    (void)state;
    char *text = make_object(100, 0);
    for (size_t n = 1; n <= 2; n++) {
        json_value *json = NULL;
        blocks_count_from_here(&blocks, n, n);
        assert_refused(parse(&json, text), DIFFUSION_E_MEMORY, "could not be allocated");
        assert_null(json);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_texts_are_taken_and_printed_as_they_were),
        cmocka_unit_test(escapes_mean_their_characters),
        cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
        cmocka_unit_test(a_key_twice_is_found_among_few_and_many),
        cmocka_unit_test(nesting_and_values_are_bounded),
        cmocka_unit_test(memory_is_at_most_ten_times_the_text),
        cmocka_unit_test(every_allocation_that_fails_is_told_as_no_memory),
    };
    blocks_use(&blocks);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

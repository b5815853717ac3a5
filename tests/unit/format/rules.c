/* Every rule of the format, broken once. */
#define _POSIX_C_SOURCE 200809L
#include "refused.h"

static void a_file_of_less_than_eight_bytes_is_refused(void **state)
{
    (void)state;
    for (size_t size = 0; size < 8; size++) {
        folder_write(HAND_MADE, "\0\0\0\0\0\0\0", size);
        assert_refuses("bytes are too few for a safetensors file, expected at least 8");
    }
}

static void a_header_longer_than_the_file_is_refused_before_it_is_allocated(void **state)
{
    (void)state;
    static const uint64_t claims[] = {3, 65, 100000000};
    for (size_t i = 0; i < 3; i++) {
        hand_make_raw(claims[i], "{}", 2, NULL, 0);
        blocks_count_from_here(&blocks, 0, 0);
        assert_refuses("in a file of 10: the file is cut short");
        assert_true(blocks.largest < 1024);
    }
}

static void a_header_of_more_than_a_hundred_million_bytes_is_refused_whatever_the_file_holds(void **state)
{
    (void)state;
    static const uint64_t claims[] = {100000001, UINT64_MAX, UINT64_MAX - 7, INT64_MAX, (uint64_t)1 << 63};
    for (size_t i = 0; i < 5; i++) {
        hand_make_raw(claims[i], "{}", 2, NULL, 0);
        assert_int_equal(truncate(HAND_MADE, 100000100), 0); /* sparse: the claim alone can be at fault */
        blocks_count_from_here(&blocks, 0, 0);
        assert_refuses("expected at most 100000000");
        assert_true(blocks.largest < 1024);
    }
}

static void a_header_that_is_no_json_object_is_refused(void **state)
{
    (void)state;
    static const broken files[] = {
        {"", 0, "the header is not valid JSON"},
        {"   ", 0, "the header is not valid JSON"},
        {"{", 0, "the header is not valid JSON"},
        {"{}}", 0, "the header is not valid JSON: end of file expected"},
        {"{} x", 0, "the header is not valid JSON"},
        {"{'a':1}", 0, "the header is not valid JSON"},
        {"{\"a\":01}", 0, "the header is not valid JSON"},
        {"{\"\xff\":1}", 0, "the header is not valid JSON: bytes that are not UTF-8"},
        {"{\"\xc0\x80\":1}", 0, "the header is not valid JSON: bytes that are not UTF-8"},
        {"{\"\xed\xa0\x80\":1}", 0, "the header is not valid JSON: bytes that are not UTF-8"},
        {"\xef\xbb\xbf{}", 0, "the header is not valid JSON"},
        {"{\"a\\u0000b\":1}", 0, "the header is not valid JSON"},
        {"{\"__metadata__\":{\"a\":\"b\\u0000\"}}", 0, "the header is not valid JSON"},
        {"{\"__metadata__\":{\"a\":\"\\ud800\"}}", 0, "the header is not valid JSON"},
        {"[]", 0, "the header is [], expected an object"},
        {"null", 0, "the header is null, expected an object"},
        {"\"text\"", 0, "the header is \"text\", expected an object"},
    };
    assert_all_refused(ALL(files));
    hand_make_raw(3, "{}\0", 3, NULL, 0); /* padded by NUL */
    assert_refuses("the header is not valid JSON");
}

static void nesting_without_end_is_refused(void **state)
{
    (void)state;
    char header[100000];
    memset(header, '[', sizeof header);
    hand_make_raw(sizeof header, header, sizeof header, NULL, 0);
    assert_refuses("nested more than 64 deep");
}

#define U8 "\"dtype\":\"U8\",\"shape\":[1],"

static void duplicate_keys_are_refused(void **state)
{
    (void)state;
    static const broken files[] = {
        {"{\"a\":{" U8 "\"data_offsets\":[0,1]},\"a\":{" U8 "\"data_offsets\":[1,2]}}", 2, "duplicate object key"},
        {"{\"a\":{" U8 "\"data_offsets\":[0,1],\"shape\":[1]}}", 1, "duplicate object key"},
        {"{\"__metadata__\":{\"a\":\"b\",\"a\":\"b\"}}", 0, "duplicate object key"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "duplicate object key"},
        {"{\"a\":{" U8 "\"data_offsets\":[0,1]},\"\\u0061\":{" U8 "\"data_offsets\":[1,2]}}", 2,
         "duplicate object key"},
    };
    assert_all_refused(ALL(files));
}

static void metadata_other_than_strings_is_refused(void **state)
{
    (void)state;
    static const broken files[] = {
        {"{\"__metadata__\":[]}", 0, "__metadata__ is [], expected an object of strings"},
        {"{\"__metadata__\":null}", 0, "__metadata__ is null, expected an object of strings"},
        {"{\"__metadata__\":{\"k\":1.5}}", 0, "__metadata__: 'k' is 1.5, expected a string"},
        {"{\"__metadata__\":{\"k\":null}}", 0, "__metadata__: 'k' is null, expected a string"},
        {"{\"__metadata__\":{\"k\":\"v\",\"l\":{}}}", 0, "__metadata__: 'l' is {}, expected a string"},
        {"{\"__metadata__\":{" U8 "\"data_offsets\":[0,1]}}", 1, "__metadata__: 'shape' is [1], expected a string"},
    };
    assert_all_refused(ALL(files));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_less_than_eight_bytes_is_refused),
        cmocka_unit_test(a_header_longer_than_the_file_is_refused_before_it_is_allocated),
        cmocka_unit_test(a_header_of_more_than_a_hundred_million_bytes_is_refused_whatever_the_file_holds),
        cmocka_unit_test(a_header_that_is_no_json_object_is_refused),
        cmocka_unit_test(nesting_without_end_is_refused),
        cmocka_unit_test(duplicate_keys_are_refused),
        cmocka_unit_test(metadata_other_than_strings_is_refused),
    };
    blocks_use(&blocks);
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

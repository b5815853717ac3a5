/* Every rule about a tensor's entry and about how the entries lie in the data, broken once. */
#define _POSIX_C_SOURCE 200809L
#include "refused.h"

#define ENTRY(fields) "{\"w\":{" fields "}}"
#define BYTES "\"data_offsets\":[0,4]"

static void an_entry_with_fields_missing_or_unknown_is_refused(void **state)
{
    (void)state;
    static const broken files[] = {
        {"{\"w\":3}", 4, "tensor 'w' is 3, expected an object"},
        {"{\"w\":[]}", 4, "tensor 'w' is [], expected an object"},
        {"{\"w\":{}}", 4, "tensor 'w': dtype is missing"},
        {ENTRY("\"dtype\":\"F32\"," BYTES), 4, "tensor 'w': shape is missing"},
        {ENTRY("\"dtype\":\"F32\",\"shape\":[1]"), 4, "tensor 'w': data_offsets is missing"},
        {ENTRY("\"dtype\":\"F32\",\"shape\":[1],\"order\":\"C\"," BYTES), 4, "tensor 'w': unknown field 'order'"},
        {ENTRY("\"dtype\":\"F32\",\"shape\":[1],\"Shape\":[1]," BYTES), 4, "tensor 'w': unknown field 'Shape'"},
    };
    assert_all_refused(ALL(files));
}

static void an_unknown_dtype_is_refused_by_its_name(void **state)
{
    (void)state;
    static const broken files[] = {
        {ENTRY("\"dtype\":\"F8_E4M3\",\"shape\":[4]," BYTES), 4, "dtype is \"F8_E4M3\", expected one of BOOL, U8"},
        {ENTRY("\"dtype\":\"f32\",\"shape\":[1]," BYTES), 4, "dtype is \"f32\", expected one of"},
        {ENTRY("\"dtype\":\"F32 \",\"shape\":[1]," BYTES), 4, "dtype is \"F32 \", expected one of"},
        {ENTRY("\"dtype\":\"\",\"shape\":[1]," BYTES), 4, "dtype is \"\", expected one of"},
        {ENTRY("\"dtype\":32,\"shape\":[1]," BYTES), 4, "dtype is 32, expected one of"},
        {ENTRY("\"dtype\":\"an exceedingly long text that no type was ever named\",\"shape\":[1]," BYTES), 4,
         "dtype is a string, expected one of"},
    };
    assert_all_refused(ALL(files));
}

#define SHAPE(shape) ENTRY("\"dtype\":\"F32\",\"shape\":" shape "," BYTES)

static void a_shape_that_is_no_list_of_whole_numbers_is_refused(void **state)
{
    (void)state;
    static const broken files[] = {
        {SHAPE("1"), 4, "shape is 1, expected an array of sizes"},
        {SHAPE("{}"), 4, "shape is {}, expected an array of sizes"},
        {SHAPE("[1,-1]"), 4, "shape[1] is -1, expected a whole number, 0 or more"},
        {SHAPE("[1.0]"), 4, "shape[0] is 1.0, expected a whole number, 0 or more"},
        {SHAPE("[\"1\"]"), 4, "shape[0] is \"1\", expected a whole number, 0 or more"},
        {SHAPE("[true]"), 4, "shape[0] is true, expected a whole number, 0 or more"},
        {SHAPE("[[1]]"), 4, "shape[0] is [1], expected a whole number, 0 or more"},
        {SHAPE("[9223372036854775808]"), 4, "the header is not valid JSON: too big integer"},
        {SHAPE("[1,1,1,1,1,1,1,1,1]"), 4, "shape has 9 sizes, expected at most 8"},
    };
    assert_all_refused(ALL(files));
}

#define OFFSETS(offsets) ENTRY("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" offsets)

static void data_offsets_that_are_no_range_are_refused(void **state)
{
    (void)state;
    static const broken files[] = {
        {OFFSETS("4"), 4, "data_offsets is 4, expected two whole numbers, 0 or more"},
        {OFFSETS("[4]"), 4, "data_offsets is [4], expected two"},
        {OFFSETS("[0,4,8]"), 4, "data_offsets is [0,4,8], expected two"},
        {OFFSETS("[-4,0]"), 4, "data_offsets is [-4,0], expected two"},
        {OFFSETS("[0,4.0]"), 4, "data_offsets is [0,4.0], expected two"},
        {OFFSETS("{\"a\":0,\"b\":4}"), 4, "data_offsets is {\"a\":0,\"b\":4}, expected two"},
        {OFFSETS("[4,0]"), 4, "data_offsets end at 0 before they begin at 4"},
    };
    assert_all_refused(ALL(files));
}

#define AT(name, begin, end) "\"" name "\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" #begin "," #end "]}"

static void holes_overlaps_and_bytes_left_over_are_refused(void **state)
{
    (void)state;
    static const broken files[] = {
        {"{" AT("a", 4, 8) "}", 8, "tensor 'a' begins at byte 4 of the data, expected 0: there is a hole"},
        {"{" AT("b", 8, 12) "," AT("a", 0, 4) "}", 12,
         "tensor 'b' begins at byte 8 of the data, expected 4: there is a hole"},
        {"{" AT("a", 0, 4) "," AT("b", 0, 4) "}", 4,
         "tensor 'b' begins at byte 0 of the data, expected 4: tensors overlap"},
        {"{" AT("a", 0, 4) "," AT("b", 2, 6) "}", 6,
         "tensor 'b' begins at byte 2 of the data, expected 4: tensors overlap"},
        {"{" AT("a", 0, 4) "}", 3, "the tensors take 4 bytes, but the file holds 3 after the header"},
        {"{" AT("a", 0, 4) "}", 5, "the tensors take 4 bytes, but the file holds 5 after the header"},
        {"{}", 1, "the tensors take 0 bytes, but the file holds 1 after the header"},
        {"{" AT("a", 0, 9223372036854775807) "}", 4,
         "the tensors take 9223372036854775807 bytes, but the file holds 4"},
    };
    assert_all_refused(ALL(files));
}

#define SIZED(type, shape, end) ENTRY("\"dtype\":\"" type "\",\"shape\":" shape ",\"data_offsets\":[0," #end "]")

static void a_shape_that_does_not_fit_its_bytes_is_refused(void **state)
{
    (void)state;
    static const broken files[] = {
        {SIZED("F32", "[2]", 4), 4, "tensor 'w': 2 elements of F32 take 8 bytes, but data_offsets hold 4"},
        {SIZED("F16", "[3]", 4), 4, "tensor 'w': 3 elements of F16 take 6 bytes, but data_offsets hold 4"},
        {SIZED("F64", "[]", 4), 4, "tensor 'w': 1 elements of F64 take 8 bytes, but data_offsets hold 4"},
        {SIZED("F32", "[0]", 4), 4, "tensor 'w': 0 elements of F32 take 0 bytes, but data_offsets hold 4"},
        {SIZED("U8", "[1]", 0), 0, "tensor 'w': 1 elements of U8 take 1 bytes, but data_offsets hold 0"},
        /* products that wrap round to the 4 bytes there are, or to 0 */
        {SIZED("F32", "[4611686018427387905]", 4), 4, "its shape has more bytes than can be addressed"},
        {SIZED("U8", "[4294967296,4294967296]", 0), 0, "its shape has more bytes than can be addressed"},
        {SIZED("U8", "[5,3689348814741910324]", 4), 4, "its shape has more bytes than can be addressed"},
        {SIZED("F64", "[2305843009213693952]", 0), 0, "its shape has more bytes than can be addressed"},
    };
    assert_all_refused(ALL(files));
}

static void a_name_may_have_512_bytes_and_no_more(void **state)
{
    (void)state;
    char name[514], header[700];
    memset(name, 'n', sizeof name);
    name[513] = '\0';
    snprintf(header, sizeof header, "{\"%s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", name);
    hand_make(header, NULL, 4);
    assert_refuses("a tensor's name has 513 bytes, expected at most 512");
    snprintf(header, sizeof header, "{\"%s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", name + 1);
    hand_make(header, NULL, 4);
    safetensors *file = hand_made_open();
    assert_non_null(safetensors_find(file, name + 1));
    safetensors_close(file);
}

/* `count` empty tensors, t0 .. */
static void make_many(size_t count)
{
    char *header = malloc(2 + 64 * count), *at = header;
    assert_non_null(header);
    for (size_t i = 0; i < count; i++)
        at += sprintf(at, "%c\"t%zu\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}", i > 0 ? ',' : '{', i);
    strcpy(at, "}");
    hand_make(header, NULL, 0);
    free(header);
}

static void a_file_may_hold_65536_tensors_and_no_more(void **state)
{
    (void)state;
    make_many(65537);
    assert_refuses("65537 tensors, expected at most 65536");
    make_many(65536);
    safetensors *file = hand_made_open();
    assert_int_equal(safetensors_count(file), 65536);
    char name[16];
    for (size_t i = 0; i < 65536; i++) {
        snprintf(name, sizeof name, "t%zu", i);
        assert_string_equal(safetensors_find(file, name)->name, name);
    }
    safetensors_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_with_fields_missing_or_unknown_is_refused),
        cmocka_unit_test(an_unknown_dtype_is_refused_by_its_name),
        cmocka_unit_test(a_shape_that_is_no_list_of_whole_numbers_is_refused),
        cmocka_unit_test(data_offsets_that_are_no_range_are_refused),
        cmocka_unit_test(holes_overlaps_and_bytes_left_over_are_refused),
        cmocka_unit_test(a_shape_that_does_not_fit_its_bytes_is_refused),
        cmocka_unit_test(a_name_may_have_512_bytes_and_no_more),
        cmocka_unit_test(a_file_may_hold_65536_tensors_and_no_more),
    };
    blocks_use(&blocks);
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

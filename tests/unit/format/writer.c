/* What the writer leaves on disk: the layout byte by byte, what it refuses, and what a failure leaves untouched. */
#define _POSIX_C_SOURCE 200809L
#include "blocks.h"
#include "folder.h"

#include "format/safetensors.h"

#include <sys/stat.h>

#define SAVED "saved.safetensors"

static block_counts blocks;

static void assert_file_is(const char *name, const void *bytes, size_t size)
{
    size_t got_size;
    unsigned char *got = folder_read(name, &got_size);
    if (got_size != size || memcmp(got, bytes, size) != 0)
        fail_msg("%zu bytes '%.200s', expected %zu bytes '%.200s'", got_size, (char *)got + 8, size,
                 (const char *)bytes + 8);
    free(got);
}

static void the_file_is_what_the_format_says_byte_for_byte(void **state)
{
    (void)state;
    const float values[] = {1, -2, 0.1f};
    const safetensors_tensor tensors[] = {
        {"w", 2, {2, 1}, values, NULL}, {"empty", 1, {0}, NULL, NULL}, {"a\"/\n", 0, {0}, values + 2, NULL}};
    const safetensors_pair metadata[] = {{"z", "\xc3\xa9"}, {"a", ""}};
    static const char truth[] = "\xd0\0\0\0\0\0\0\0"
                                "{\"__metadata__\":{\"z\":\"\xc3\xa9\",\"a\":\"\"},"
                                "\"w\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
                                "\"empty\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[8,8]},"
                                "\"a\\\"/\\n\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}    "
                                "\0\0\x80\x3f\0\0\0\xc0\xcd\xcc\xcc\x3d";
    assert_ok(safetensors_save(SAVED, tensors, 3, metadata, 2));
    assert_file_is(SAVED, truth, sizeof truth - 1);
    assert_int_equal((sizeof truth - 1 - 8 - 12) % 8, 0);
    remove(SAVED);
}

static void without_metadata_there_is_no_metadata_key(void **state)
{
    (void)state;
    assert_ok(safetensors_save(SAVED, NULL, 0, NULL, 0));
    assert_file_is(SAVED, "\x08\0\0\0\0\0\0\0{}      ", 16);
    remove(SAVED);
}

static void what_is_written_is_read_back_bit_for_bit(void **state)
{
    (void)state;
    enum { COUNT = 10007 }; /* several chunks and a rest */
    static uint32_t bits[COUNT], got[COUNT];
    static float values[COUNT];
    for (uint32_t i = 0; i < COUNT; i++)
        bits[i] = i * 2654435761u; /* all kinds of floats, NaN too */
    memcpy(values, bits, sizeof bits);
    const safetensors_tensor tensors[] = {{"scalar", 0, {0}, values, NULL},
                                          {"all", 8, {1, COUNT, 1, 1, 1, 1, 1, 1}, values, NULL}};
    safetensors *file = NULL;
    assert_ok(safetensors_save(SAVED, tensors, 2, NULL, 0));
    assert_ok(safetensors_open(&file, SAVED));
    const safetensors_entry *entry = safetensors_at(file, 1);
    assert_string_equal(entry->name, "all");
    assert_int_equal(entry->rank, 8);
    assert_int_equal(entry->type, SAFETENSORS_F32);
    assert_memory_equal(entry->shape, tensors[1].shape, sizeof entry->shape);
    float *floats = malloc(sizeof bits);
    assert_ok(safetensors_read_float(file, entry, floats, COUNT));
    memcpy(got, floats, sizeof bits);
    assert_memory_equal(got, bits, sizeof bits);
    free(floats);
    safetensors_close(file);
    remove(SAVED);
}

static void doubles_are_written_as_such(void **state)
{
    (void)state;
    enum { COUNT = 1500 }; /* a chunk and a rest */
    static double values[COUNT], got[COUNT];
    const float before = 3;
    for (int i = 0; i < COUNT; i++)
        values[i] = 1.0 / (i + 3.0);
    const safetensors_tensor tensors[] = {{"f", 1, {1}, &before, NULL},
                                          {.name = "d", .rank = 1, .shape = {COUNT}, .doubles = values}};
    safetensors *file = NULL;
    assert_ok(safetensors_save(SAVED, tensors, 2, NULL, 0));
    assert_ok(safetensors_open(&file, SAVED));
    const safetensors_entry *entry = safetensors_find(file, "d");
    assert_int_equal(entry->type, SAFETENSORS_F64);
    assert_int_equal(entry->end - entry->begin, sizeof values);
    assert_ok(safetensors_read_double(file, entry, got, COUNT));
    assert_memory_equal(got, values, sizeof values);
    safetensors_close(file);
    remove(SAVED);
}

static void assert_not_saved(const safetensors_tensor *tensors, size_t count, const safetensors_pair *pairs,
                             size_t pair_count, const char *sentence)
{
    assert_refused(safetensors_save(SAVED, tensors, count, pairs, pair_count), DIFFUSION_E_ARGUMENT, sentence);
    assert_ptr_equal(strstr(diffusion_last_error(), SAVED), diffusion_last_error());
    assert_int_equal(folder_entries(), 0);
    assert_int_equal(blocks.live, 0);
}

static void what_the_reader_would_refuse_is_not_written(void **state)
{
    (void)state;
    char name[514];
    memset(name, 'n', sizeof name);
    name[513] = '\0';
    const float one = 1;
    const safetensors_tensor long_name = {name, 0, {0}, &one, NULL}, reserved = {"__metadata__", 0, {0}, &one, NULL};
    const safetensors_tensor twice[] = {{"w", 1, {0}, NULL, NULL}, {"w", 1, {0}, NULL, NULL}};
    const safetensors_tensor rank = {"w", 9, {0}, NULL, NULL}, size = {"w", 2, {(uint64_t)1 << 62, 4}, &one, NULL};
    const safetensors_tensor huge = {"w", 2, {(uint64_t)1 << 63, 0}, NULL, NULL};
    const safetensors_tensor sum[] = {{"v", 1, {(uint64_t)1 << 60}, &one, NULL},
                                      {"w", 1, {(uint64_t)1 << 60}, &one, NULL}};
    const safetensors_tensor not_utf8 = {"w\xff", 0, {0}, &one, NULL}, no_values = {"w", 0, {0}, NULL, NULL};
    const safetensors_pair pairs[] = {{"k", "v"}, {"k", "v"}}, bad_key = {"\xc0\x80", "v"},
                           bad_value = {"k", "\xed\xa0\x80"};
    assert_not_saved(&long_name, 1, NULL, 0, "a tensor's name has 513 bytes, expected at most 512");
    assert_not_saved(&reserved, 1, NULL, 0, "no tensor can be named __metadata__");
    assert_not_saved(twice, 2, NULL, 0, "tensor name 'w' is given twice");
    assert_not_saved(&rank, 1, NULL, 0, "tensor 'w' has rank 9, expected at most 8");
    assert_not_saved(&size, 1, NULL, 0, "tensor 'w': its shape has more bytes than can be addressed");
    assert_not_saved(&huge, 1, NULL, 0, "tensor 'w': its shape has more bytes than can be addressed");
    if (SIZE_MAX > UINT32_MAX) /* no memory of 32 bits has such parts */
        assert_not_saved(sum, 2, NULL, 0, "tensor 'w' ends beyond the largest file");
    assert_not_saved(&not_utf8, 1, NULL, 0, "a tensor name is not valid UTF-8");
    assert_not_saved(&no_values, 1, NULL, 0, "tensor 'w': values is NULL");
    assert_not_saved(NULL, 0, pairs, 2, "metadata key 'k' is given twice");
    assert_not_saved(NULL, 0, &bad_key, 1, "a metadata key is not valid UTF-8");
    assert_not_saved(NULL, 0, &bad_value, 1, "the value of metadata 'k' is not valid UTF-8");
    assert_not_saved(NULL, 65537, NULL, 0, "65537 tensors, expected at most 65536");
}

static void a_header_beyond_the_format_is_not_written(void **state)
{
    (void)state;
    enum { SIZE = 100000000 };
    char *value = malloc(SIZE + 1);
    assert_non_null(value);
    memset(value, 'v', SIZE);
    value[SIZE] = '\0';
    const safetensors_pair pair = {"k", value};
    assert_not_saved(NULL, 0, &pair, 1, "bytes, expected at most 100000000");
    free(value);
}

static void a_folder_in_the_way_or_none_at_all_is_an_io_error(void **state)
{
    (void)state;
    assert_int_equal(mkdir(SAVED, 0777), 0);
    assert_refused(safetensors_save(SAVED, NULL, 0, NULL, 0), DIFFUSION_E_IO, SAVED ": not a regular file");
    assert_int_equal(folder_entries(), 1);
    assert_int_equal(rmdir(SAVED), 0);
    assert_refused(safetensors_save("absent/" SAVED, NULL, 0, NULL, 0), DIFFUSION_E_IO, "cannot create");
    assert_int_equal(folder_entries(), 0);
    assert_int_equal(blocks.live, 0);
}

static void a_new_file_takes_the_place_of_the_old(void **state)
{
    (void)state;
    const float one = 1, two = 2;
    const safetensors_tensor old = {"w", 0, {0}, &one, NULL}, new = {"w", 0, {0}, &two, NULL};
    assert_ok(safetensors_save(SAVED, &old, 1, NULL, 0));
    assert_ok(safetensors_save(SAVED, &new, 1, NULL, 0));
    size_t size;
    unsigned char *bytes = folder_read(SAVED, &size);
    assert_memory_equal(bytes + size - 4, "\0\0\0\x40", 4); /* 2.0f */
    free(bytes);
    remove(SAVED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_is_what_the_format_says_byte_for_byte),
        cmocka_unit_test(without_metadata_there_is_no_metadata_key),
        cmocka_unit_test(what_is_written_is_read_back_bit_for_bit),
        cmocka_unit_test(doubles_are_written_as_such),
        cmocka_unit_test(what_the_reader_would_refuse_is_not_written),
        cmocka_unit_test(a_header_beyond_the_format_is_not_written),
        cmocka_unit_test(a_folder_in_the_way_or_none_at_all_is_an_io_error),
        cmocka_unit_test(a_new_file_takes_the_place_of_the_old),
    };
    blocks_use(&blocks);
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

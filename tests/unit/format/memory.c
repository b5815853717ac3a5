/* Files in memory: the same bytes as on disk, and no byte read or written beyond them. */
#define _POSIX_C_SOURCE 200809L
#include "hand_made.h"

#include "format/source.h"

#include <stdlib.h>

#define SAVED "saved.safetensors"

static const float values[] = {1, -2, 0.1f};
static const safetensors_tensor tensors[] = {
    {"w", 2, {2, 1}, values, NULL}, {"empty", 1, {0}, NULL, NULL}, {"a\"/\n", 0, {0}, values + 2, NULL}};
static const safetensors_pair metadata[] = {{"z", "\xc3\xa9"}, {"a", ""}};

static void memory_holds_what_the_file_holds(void **state)
{
    (void)state;
    size_t size, needed = 0;
    unsigned char bytes[1024] = {0};
    assert_ok(safetensors_save(SAVED, tensors, 3, metadata, 2));
    unsigned char *truth = folder_read(SAVED, &size);
    assert_ok(safetensors_save_memory(NULL, 0, &needed, tensors, 3, metadata, 2));
    assert_int_equal(needed, size);
    assert_ok(safetensors_save_memory(bytes + 1, size, NULL, tensors, 3, metadata, 2)); /* at an odd address */
    assert_memory_equal(bytes + 1, truth, size);
    assert_int_equal(bytes[0] + bytes[1 + size], 0);
    free(truth);
    remove(SAVED);
}

static void what_memory_holds_is_read_wherever_it_begins(void **state)
{
    (void)state;
    size_t needed = 0;
    unsigned char bytes[1024];
    float got[2];
    double last;
    safetensors *file = NULL;
    for (size_t shift = 0; shift < 8; shift++) {
        assert_ok(safetensors_save_memory(bytes + shift, sizeof bytes - shift, &needed, tensors, 3, metadata, 2));
        assert_ok(safetensors_open_memory(&file, bytes + shift, needed));
        assert_int_equal(safetensors_count(file), 3);
        assert_string_equal(safetensors_metadata(file, "z"), "\xc3\xa9");
        assert_ok(safetensors_read_float(file, safetensors_find(file, "w"), got, 2));
        assert_memory_equal(got, values, sizeof got);
        assert_ok(safetensors_read_float(file, safetensors_find(file, "empty"), got, 0));
        assert_ok(safetensors_read_double(file, safetensors_find(file, "a\"/\n"), &last, 1));
        assert_true(last == (double)0.1f);
        safetensors_close(file);
    }
}

static void too_little_room_is_left_untouched(void **state)
{
    (void)state;
    size_t size = 0, needed = 77;
    unsigned char bytes[1024], before[1024];
    memset(bytes, 0x5a, sizeof bytes);
    memcpy(before, bytes, sizeof bytes);
    assert_ok(safetensors_save_memory(NULL, 0, &size, tensors, 3, metadata, 2));
    for (size_t capacity = 1; capacity < size; capacity++) {
        char sentence[100];
        snprintf(sentence, sizeof sentence, "memory: capacity=%zu, expected at least %zu", capacity, size);
        assert_refused(safetensors_save_memory(bytes, capacity, &needed, tensors, 3, metadata, 2), DIFFUSION_E_SHAPE,
                       sentence);
    }
    assert_memory_equal(bytes, before, sizeof bytes);
    assert_int_equal(needed, 77);
}

static void what_the_reader_would_refuse_is_not_written(void **state)
{
    (void)state;
    size_t needed = 77;
    const safetensors_pair twice[] = {{"k", "v"}, {"k", "v"}};
    assert_refused(safetensors_save_memory(NULL, 0, &needed, tensors, 3, twice, 2), DIFFUSION_E_ARGUMENT,
                   "memory: metadata key 'k' is given twice");
    assert_int_equal(needed, 77);
}

/* The reader checks a header before it asks for more; this holds even if it did not. */
static void a_source_gives_no_byte_that_it_does_not_have(void **state)
{
    (void)state;
    static const unsigned char bytes[] = {1, 2, 3, 4};
    unsigned char got[5] = {0};
    source from = source_of_memory(bytes, sizeof bytes), empty = source_of_memory(NULL, 0);
    assert_ok(source_read(&from, 1, got, 3));
    assert_memory_equal(got, bytes + 1, 3);
    assert_ok(source_read(&from, 4, got, 0));
    assert_ok(source_read(&empty, 0, got, 0));
    assert_refused(source_read(&from, 0, got, 5), DIFFUSION_E_IO, "memory: ends before byte 5");
    assert_refused(source_read(&from, 3, got, 2), DIFFUSION_E_IO, "memory: ends before byte 5");
    assert_refused(source_read(&from, 5, got, 0), DIFFUSION_E_IO, "memory: ends before byte 5");
    assert_refused(source_read(&from, UINT64_MAX, got, 2), DIFFUSION_E_IO, "memory: ends before");
    assert_refused(source_read(&empty, 0, got, 1), DIFFUSION_E_IO, "memory: ends before byte 1");
    source_close(&from);
    source_close(&empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_holds_what_the_file_holds),
        cmocka_unit_test(what_memory_holds_is_read_wherever_it_begins),
        cmocka_unit_test(too_little_room_is_left_untouched),
        cmocka_unit_test(what_the_reader_would_refuse_is_not_written),
        cmocka_unit_test(a_source_gives_no_byte_that_it_does_not_have),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

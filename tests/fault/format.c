#define _POSIX_C_SOURCE 200809L
#include "fault.h"

#include "format/safetensors.h"

#define KEPT "kept.safetensors"

static const float values[] = {1, 2, 3};
static const safetensors_tensor tensors[] = {{"a", 1, {3}, values, NULL}, {"b", 0, {0}, values, NULL}};
static const safetensors_pair metadata[] = {{"key", "value"}};

/* What either form of opening gave. */
static diffusion_status read_all(diffusion_status status, safetensors *file)
{
    if (status != DIFFUSION_OK) {
        assert_null(file);
        return status;
    }
    float floats[3];
    double number = 0;
    status = safetensors_read_float(file, safetensors_find(file, "a"), floats, 3);
    if (status == DIFFUSION_OK)
        status = safetensors_read_double(file, safetensors_find(file, "b"), &number, 1);
    assert_true(floats[2] == 3 && number == 1);
    assert_string_equal(safetensors_metadata(file, "key"), "value");
    safetensors_close(file);
    return status;
}

static diffusion_status a_file_that_is_opened_and_read(void)
{
    safetensors *file = NULL;
    diffusion_status status = safetensors_open(&file, KEPT);
    return read_all(status, file);
}

static diffusion_status memory_that_is_opened_and_read(void)
{
    size_t size;
    unsigned char *bytes = folder_read(KEPT, &size);
    safetensors *file = NULL;
    diffusion_status status = safetensors_open_memory(&file, bytes, size);
    status = read_all(status, file);
    free(bytes);
    return status;
}

/* Nothing is written unless all is. */
static diffusion_status memory_that_is_saved_to(void)
{
    static const unsigned char untouched[1024];
    unsigned char bytes[sizeof untouched] = {0};
    size_t needed = 77;
    diffusion_status status = safetensors_save_memory(bytes, sizeof bytes, &needed, tensors, 2, metadata, 1);
    if (status != DIFFUSION_OK) {
        assert_memory_equal(bytes, untouched, sizeof bytes);
        assert_int_equal(needed, 77);
        return status;
    }
    size_t size;
    unsigned char *kept = folder_read(KEPT, &size);
    assert_int_equal(needed, size);
    assert_memory_equal(bytes, kept, size);
    free(kept);
    return status;
}

/* The file that stands there stays whole, whatever fails. */
static diffusion_status a_file_that_is_saved_over(void)
{
    size_t before, after;
    unsigned char *old = folder_read(KEPT, &before);
    diffusion_status status = safetensors_save(KEPT, tensors, 2, metadata, 1);
    unsigned char *new = folder_read(KEPT, &after);
    assert_int_equal(after, before);
    assert_memory_equal(new, old, before);
    free(new);
    free(old);
    return status;
}

static int enter(void **state)
{
    int status = fault_enter(state);
    assert_ok(safetensors_save(KEPT, tensors, 2, metadata, 1));
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
        FAULT_SCENARIO(a_file_that_is_opened_and_read),
        FAULT_SCENARIO(memory_that_is_opened_and_read),
        FAULT_SCENARIO(memory_that_is_saved_to),
        FAULT_SCENARIO(a_file_that_is_saved_over),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}

#include "test.h"

#include "format/safetensors.h"

#include <stdlib.h>

static void what_is_written_is_read_back_bit_for_bit(void **state)
{
    (void)state;
    char path[] = "round_trip.safetensors";
    float values[6] = {1.5f, -0.0f, 3e-41f, 65504.0f, -1e30f, 0.1f}, got[6];
    const safetensors_tensor tensors[] = {{"weight", 2, {2, 3}, values}, {"bias", 0, {0}, values + 5}};
    const safetensors_pair metadata[] = {{"spec", "mlp width=3"}, {"a", "b"}};
    assert_ok(safetensors_save(path, tensors, 2, metadata, 2));
    safetensors *file = NULL;
    assert_ok(safetensors_open(&file, path));
    assert_int_equal(safetensors_count(file), 2);
    const safetensors_entry *entry = safetensors_find(file, "weight");
    assert_non_null(entry);
    assert_ok(safetensors_read_float(file, entry, got, 6));
    assert_memory_equal(got, values, sizeof values);
    assert_string_equal(safetensors_metadata(file, "spec"), "mlp width=3");
    assert_string_equal(safetensors_metadata_at(file, 1).key, "a");
    assert_null(safetensors_find(file, "absent"));
    assert_null(safetensors_metadata(file, "absent"));
    safetensors_close(file);
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back_bit_for_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

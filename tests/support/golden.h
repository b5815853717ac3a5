/* Reading golden safetensors in unit tests, which may reach inside the library. */
#ifndef SUPPORT_GOLDEN_H
#define SUPPORT_GOLDEN_H

#include "golden_files.h"

#include "format/safetensors.h"

#include <stdlib.h>

/* All values of a tensor in double, which the caller frees; fails the test if the file lacks it. */
static inline double *golden_values(const char *file_name, const char *tensor, size_t *count)
{
    safetensors *file = NULL;
    assert_ok(safetensors_open(&file, golden(file_name)));
    const safetensors_entry *entry = safetensors_find(file, tensor);
    if (entry == NULL)
        fail_msg("%s has no tensor %s", file_name, tensor);
    double *values = malloc(entry->count * sizeof *values + 1);
    assert_non_null(values);
    assert_ok(safetensors_read_double(file, entry, values, entry->count));
    if (count != NULL)
        *count = entry->count;
    safetensors_close(file);
    return values;
}

/* All values of an I64 tensor, which the library's reader leaves alone; the caller frees them. */
static inline int64_t *golden_integers(const char *file_name, const char *tensor, size_t *count)
{
    safetensors *file = NULL;
    assert_ok(safetensors_open(&file, golden(file_name)));
    const safetensors_entry *entry = safetensors_find(file, tensor);
    if (entry == NULL || entry->type != SAFETENSORS_I64)
        fail_msg("%s has no I64 tensor %s", file_name, tensor);
    unsigned char bytes[8];
    int64_t *values = malloc(entry->count * sizeof *values + 1);
    FILE *stream = fopen(golden(file_name), "rb");
    assert_true(values != NULL && stream != NULL && fread(bytes, 1, 8, stream) == 8);
    long header = 0;
    for (size_t i = 0; i < 8; i++)
        header |= (long)bytes[i] << (8 * i);
    assert_int_equal(fseek(stream, 8 + header + (long)entry->begin, SEEK_SET), 0);
    for (size_t i = 0; i < entry->count; i++) {
        uint64_t value = 0;
        assert_int_equal(fread(bytes, 1, 8, stream), 8);
        for (size_t j = 0; j < 8; j++)
            value |= (uint64_t)bytes[j] << (8 * j);
        values[i] = (int64_t)value;
    }
    *count = entry->count;
    fclose(stream);
    safetensors_close(file);
    return values;
}

#endif

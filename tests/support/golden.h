/* Reading golden safetensors in unit tests, which may reach inside the library. */
#ifndef SUPPORT_GOLDEN_H
#define SUPPORT_GOLDEN_H

#include "test.h"

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

#endif

#include "common/memory.h"

#include "common/fail.h"

#include <stdint.h>
#include <stdlib.h>

void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
    if (memory == NULL)
        fail("not enough memory for %zu times %zu bytes", count, size);
    return memory;
}

void *grow(void *memory, size_t *capacity, size_t count, size_t size)
{
    if (count <= *capacity)
        return memory;
    size_t wanted = *capacity > SIZE_MAX / 2 ? count : 2 * *capacity;
    if (wanted < count)
        wanted = count;
    void *grown = realloc(memory, multiply(wanted, size, "data"));
    if (grown == NULL)
        fail("not enough memory for %zu times %zu bytes", wanted, size);
    *capacity = wanted;
    return grown;
}

size_t multiply(size_t a, size_t b, const char *what)
{
    if (b > 0 && a > SIZE_MAX / b)
        fail("%s: too large (%zu times %zu)", what, a, b);
    return a * b;
}

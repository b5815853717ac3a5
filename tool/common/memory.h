/* Memory that is there or the command ends. */
#ifndef COMMON_MEMORY_H
#define COMMON_MEMORY_H

#include <stddef.h>

/* count * size zeroed bytes; freed by free(). */
void *allocate(size_t count, size_t size);

/* Makes room for `count` elements of `size` bytes, at least doubling *capacity; what was there is kept. */
void *grow(void *memory, size_t *capacity, size_t count, size_t size);

/* a * b, or the end: "<what>: too large". */
size_t multiply(size_t a, size_t b, const char *what);

#endif

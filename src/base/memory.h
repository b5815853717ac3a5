/* The one seam to the allocator. Sizes are checked here, so callers multiply nothing themselves. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <diffusion/runtime.h>

/* count * size zeroed bytes, aligned to 64 (a cache line, a vector register); NULL with the sentence set on failure.
 * A count of 0 gives memory that may be released. */
void *memory_allocate(size_t count, size_t size);

/* Room for one more entry behind `count` of `size` bytes: the block, which has room for *capacity, or a larger one in
 * its place; NULL with the sentence set on failure, and the block stays. A block of capacity 0 may be NULL. */
void *memory_grow(void *block, size_t count, size_t *capacity, size_t size);

/* NULL is allowed. */
void memory_release(void *memory);

/* A copy of a text; NULL with the sentence set on failure. */
char *memory_text(const char *text);

#endif

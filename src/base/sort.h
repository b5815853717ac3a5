/* Sorting in place: qsort() takes memory of its own that no allocator sees, or has a quadratic worst case. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>

/* A heapsort of `count` items of `size` bytes: rising, equal ones in no order. */
void sort_items(void *items, size_t count, size_t size, int (*compare)(const void *, const void *));

#endif

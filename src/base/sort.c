#include "base/sort.h"

typedef struct heap {
    unsigned char *items;
    size_t size;
    int (*compare)(const void *, const void *);
} heap;

static unsigned char *at(const heap *of, size_t index)
{
    return of->items + index * of->size;
}

static void swap(const heap *of, size_t i, size_t j)
{
    unsigned char *a = at(of, i), *b = at(of, j);
    for (size_t k = 0; k < of->size; k++) {
        unsigned char kept = a[k];
        a[k] = b[k];
        b[k] = kept;
    }
}

/* Moves an item down until both below it are no greater. */
static void sink(const heap *of, size_t index, size_t count)
{
    for (size_t child; (child = 2 * index + 1) < count; index = child) {
        if (child + 1 < count && of->compare(at(of, child), at(of, child + 1)) < 0)
            child++;
        if (of->compare(at(of, index), at(of, child)) >= 0)
            return;
        swap(of, index, child);
    }
}

void sort_items(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    const heap of = {items, size, compare};
    for (size_t i = count / 2; i-- > 0;)
        sink(&of, i, count);
    for (size_t i = count; i-- > 1;) {
        swap(&of, 0, i);
        sink(&of, 0, i);
    }
}

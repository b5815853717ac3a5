/* An allocator that counts live blocks and can refuse a request: leaks and failed allocations become visible. */
#ifndef SUPPORT_BLOCKS_H
#define SUPPORT_BLOCKS_H

#include "test.h"

#include <stdatomic.h>
#include <stdlib.h>

typedef struct block_counts {
    atomic_size_t live;    /* blocks given and not yet released */
    atomic_size_t asked;   /* requests since blocks_count_from_here() */
    atomic_size_t largest; /* bytes of the largest of them */
    size_t refuse_from;    /* requests refuse_from..refuse_to fail; 0 for none */
    size_t refuse_to;
} block_counts;

static inline void *blocks_allocate(size_t size, void *user)
{
    block_counts *blocks = user;
    size_t number = atomic_fetch_add(&blocks->asked, 1) + 1;
    size_t largest = atomic_load(&blocks->largest);
    while (size > largest && !atomic_compare_exchange_weak(&blocks->largest, &largest, size))
        ;
    void *block = NULL;
    const uint64_t most = UINT64_C(1) << 40; /* for more, sanitizers end the program */
    if (size > most)
        return NULL;
    if (blocks->refuse_from == 0 || number < blocks->refuse_from || number > blocks->refuse_to)
        block = malloc(size);
    if (block != NULL)
        atomic_fetch_add(&blocks->live, 1);
    return block;
}

static inline void blocks_release(void *block, void *user)
{
    block_counts *blocks = user;
    atomic_fetch_sub(&blocks->live, 1);
    free(block);
}

/* All of the library's memory goes through `blocks` from here on; NULL gives malloc and free back. */
static inline void blocks_use(block_counts *blocks)
{
    assert_ok(diffusion_set_allocator(blocks != NULL ? blocks_allocate : NULL, blocks != NULL ? blocks_release : NULL,
                                      blocks));
}

/* Starts counting requests, of which number `from` to `to` will be refused (from 1; 0 for none). */
static inline void blocks_count_from_here(block_counts *blocks, size_t from, size_t to)
{
    atomic_store(&blocks->asked, 0);
    atomic_store(&blocks->largest, 0);
    blocks->refuse_from = from;
    blocks->refuse_to = to;
}

#endif

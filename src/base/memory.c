#define _DEFAULT_SOURCE /* madvise */

#include "base/memory.h"

#include "base/error.h"
#include "base/size.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#define LINE ((size_t)64)           /* a cache line, a vector register */
#define HUGE_PAGE ((size_t)1 << 21) /* of x86-64 and of most aarch64 systems */
#define LARGE (HUGE_PAGE / 4)       /* what is worth a huge page of its own */

static void *system_allocate(size_t size, void *user)
{
    (void)user;
    return malloc(size);
}

static void system_release(void *memory, void *user)
{
    (void)user;
    free(memory);
}

static struct {
    diffusion_allocate_fn *allocate;
    diffusion_release_fn *release;
    void *user;
} allocator = {system_allocate, system_release, NULL};

diffusion_status diffusion_set_allocator(diffusion_allocate_fn *allocate, diffusion_release_fn *release, void *user)
{
    if ((allocate == NULL) != (release == NULL))
        return error_set(DIFFUSION_E_ARGUMENT, "set_allocator: allocate and release must both be given, or both NULL");
    allocator.allocate = allocate != NULL ? allocate : system_allocate;
    allocator.release = release != NULL ? release : system_release;
    allocator.user = user;
    return DIFFUSION_OK;
}

/* The block that the allocator gave stands in the word before the aligned address. */
static void *align(void *block, size_t alignment)
{
    uintptr_t address = ((uintptr_t)block + sizeof block + alignment - 1) & ~(uintptr_t)(alignment - 1);
    void *memory = (char *)block + (address - (uintptr_t)block);
    memcpy((char *)memory - sizeof block, &block, sizeof block);
    return memory;
}

/* Matrices on huge pages multiply a fifth faster: packing a panel walks over as many pages as it has rows. */
static void prefer_huge_pages(void *memory, size_t bytes)
{
#if defined(MADV_HUGEPAGE)
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)bytes;
#endif
}

void *memory_allocate(size_t count, size_t size)
{
    size_t bytes;
    if (!size_multiply(&bytes, count, size) || bytes > SIZE_MAX / 2) {
        error_set(DIFFUSION_E_MEMORY, "memory: %zu x %zu bytes are more than can be addressed", count, size);
        return NULL;
    }
    int large = bytes >= LARGE;
    size_t alignment = large ? HUGE_PAGE : LINE;
    size_t room = large ? size_round_up(bytes, HUGE_PAGE) : bytes;
    void *block = allocator.allocate(room + alignment + sizeof(void *), allocator.user);
    if (block == NULL) {
        error_set(DIFFUSION_E_MEMORY, "memory: %zu bytes could not be allocated", bytes);
        return NULL;
    }
    void *memory = align(block, alignment);
    if (large)
        prefer_huge_pages(memory, room);
    return memset(memory, 0, bytes);
}

void memory_release(void *memory)
{
    if (memory == NULL)
        return;
    void *block;
    memcpy(&block, (char *)memory - sizeof block, sizeof block);
    allocator.release(block, allocator.user);
}

void *memory_grow(void *block, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return block;
    const size_t more = 2 * *capacity + 8;
    void *larger = memory_allocate(more, size);
    if (larger == NULL)
        return NULL;
    if (count > 0)
        memcpy(larger, block, count * size);
    memory_release(block);
    *capacity = more;
    return larger;
}

char *memory_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memory_allocate(size, 1);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

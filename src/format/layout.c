/* How the tensors lie in the data part: one after another, from its first byte to its last. */
#include "base/size.h"
#include "format/header.h"

#include "base/error.h"
#include "base/sort.h"

#include <string.h>

/* Empty tensors share their neighbour's offset: they stand before it, among themselves by name. */
static int by_data(const void *left, const void *right)
{
    const safetensors_entry *a = left, *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return strcmp(a->name, b->name);
}

/* For safetensors_find(). */
static int by_name(const void *left, const void *right)
{
    return strcmp((*(const safetensors_entry *const *)left)->name, (*(const safetensors_entry *const *)right)->name);
}

/* Contiguous from 0 to the end, so that each byte belongs to exactly one tensor. Nothing is added here, so nothing can
 * overflow: `data_size` is what the file holds after a header that fits it. */
static diffusion_status check_order(const safetensors_header *of, const char *path, uint64_t data_size)
{
    uint64_t expected = 0;
    for (size_t i = 0; i < of->count; i++) {
        const safetensors_entry *entry = &of->entries[i];
        if (entry->begin != expected)
            return error_set(DIFFUSION_E_FORMAT, "%s: tensor '%s' begins at byte %llu of the data, expected %llu: %s",
                             path, entry->name, (unsigned long long)entry->begin, (unsigned long long)expected,
                             entry->begin < expected ? "tensors overlap" : "there is a hole");
        expected = entry->end;
    }
    if (expected != data_size)
        return error_set(DIFFUSION_E_FORMAT,
                         "%s: the tensors take %llu bytes, but the file holds %llu after the header", path,
                         (unsigned long long)expected, (unsigned long long)data_size);
    return DIFFUSION_OK;
}

/* Rank 0 is a scalar of one element. The product must not wrap even where a later size is 0. */
int header_elements(size_t *count, const uint64_t *shape, size_t rank)
{
    *count = 1;
    for (size_t i = 0; i < rank; i++)
        if (shape[i] > SIZE_MAX || shape[i] > INT64_MAX || !size_multiply(count, *count, (size_t)shape[i]))
            return 0;
    return 1;
}

/* Only now is `count` worth believing: it is bounded by the bytes that are there. */
static diffusion_status check_size(safetensors_entry *entry, const char *path)
{
    size_t bytes;
    if (!header_elements(&entry->count, entry->shape, entry->rank) ||
        !size_multiply(&bytes, entry->count, safetensors_type_size(entry->type)))
        return error_set(DIFFUSION_E_FORMAT, "%s: tensor '%s': its shape has more bytes than can be addressed", path,
                         entry->name);
    if (bytes != entry->end - entry->begin)
        return error_set(DIFFUSION_E_FORMAT,
                         "%s: tensor '%s': %zu elements of %s take %zu bytes, but data_offsets hold %llu", path,
                         entry->name, entry->count, safetensors_type_name(entry->type), bytes,
                         (unsigned long long)(entry->end - entry->begin));
    return DIFFUSION_OK;
}

diffusion_status header_check_layout(safetensors_header *of, const char *path, uint64_t data_size)
{
    sort_items(of->entries, of->count, sizeof *of->entries, by_data);
    diffusion_status status = check_order(of, path, data_size);
    for (size_t i = 0; i < of->count && status == DIFFUSION_OK; i++) {
        status = check_size(&of->entries[i], path);
        of->by_name[i] = &of->entries[i];
    }
    if (status == DIFFUSION_OK)
        sort_items(of->by_name, of->count, sizeof *of->by_name, by_name);
    return status;
}

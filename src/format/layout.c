#include "format/header.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
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

static int by_name(const void *left, const void *right)
{
    return strcmp((*(const safetensors_entry *const *)left)->name, (*(const safetensors_entry *const *)right)->name);
}

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

static diffusion_status check_size(safetensors_entry *entry, const char *path)
{
    size_t bytes = 1;
    int fits = 1;
    for (size_t i = 0; i < entry->rank && fits; i++)
        fits = entry->shape[i] <= SIZE_MAX && size_multiply(&bytes, bytes, (size_t)entry->shape[i]);
    entry->count = bytes;
    if (!fits || !size_multiply(&bytes, bytes, safetensors_type_size(entry->type)))
        return error_set(DIFFUSION_E_FORMAT,
                         "%s: tensor '%s': the sizes of its shape multiply to more than can be addressed", path,
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
    qsort(of->entries, of->count, sizeof *of->entries, by_data);
    diffusion_status status = check_order(of, path, data_size);
    for (size_t i = 0; i < of->count && status == DIFFUSION_OK; i++) {
        status = check_size(&of->entries[i], path);
        of->by_name[i] = &of->entries[i];
    }
    if (status == DIFFUSION_OK)
        qsort(of->by_name, of->count, sizeof *of->by_name, by_name);
    return status;
}

#include "model/metadata.h"

#include "base/memory.h"

#include <string.h>

/* Index of the first pair whose key is not before `key`. */
static size_t lower_bound(const metadata *texts, const char *key)
{
    size_t i = 0;
    while (i < texts->count && strcmp(texts->pairs[i].key, key) < 0)
        i++;
    return i;
}

static int stands_at(const metadata *texts, size_t i, const char *key)
{
    return i < texts->count && strcmp(texts->pairs[i].key, key) == 0;
}

const char *metadata_get(const metadata *texts, const char *key)
{
    size_t i = lower_bound(texts, key);
    return stands_at(texts, i, key) ? texts->pairs[i].value : NULL;
}

static diffusion_status reserve(metadata *texts)
{
    metadata_pair *pairs = memory_grow(texts->pairs, texts->count, &texts->capacity, sizeof *pairs);
    if (pairs == NULL)
        return DIFFUSION_E_MEMORY;
    texts->pairs = pairs;
    return DIFFUSION_OK;
}

static void remove_at(metadata *texts, size_t i)
{
    memory_release(texts->pairs[i].key);
    memory_release(texts->pairs[i].value);
    texts->count--;
    memmove(&texts->pairs[i], &texts->pairs[i + 1], (texts->count - i) * sizeof *texts->pairs);
}

static diffusion_status insert_at(metadata *texts, size_t i, const char *key, char *value)
{
    char *own = reserve(texts) == DIFFUSION_OK ? memory_text(key) : NULL;
    if (own == NULL)
        return DIFFUSION_E_MEMORY;
    memmove(&texts->pairs[i + 1], &texts->pairs[i], (texts->count - i) * sizeof *texts->pairs);
    texts->pairs[i] = (metadata_pair){own, value};
    texts->count++;
    return DIFFUSION_OK;
}

diffusion_status metadata_set(metadata *texts, const char *key, const char *value)
{
    size_t i = lower_bound(texts, key);
    int found = stands_at(texts, i, key);
    if (value == NULL) {
        if (found)
            remove_at(texts, i);
        return DIFFUSION_OK;
    }
    char *copy = memory_text(value);
    diffusion_status status = copy != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK && found) {
        memory_release(texts->pairs[i].value);
        texts->pairs[i].value = copy;
    } else if (status == DIFFUSION_OK && (status = insert_at(texts, i, key, copy)) != DIFFUSION_OK) {
        memory_release(copy);
    }
    return status;
}

diffusion_status metadata_copy(metadata *to, const metadata *from)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < from->count && status == DIFFUSION_OK; i++)
        status = metadata_set(to, from->pairs[i].key, from->pairs[i].value);
    return status;
}

void metadata_release(metadata *texts)
{
    while (texts->count > 0)
        remove_at(texts, texts->count - 1);
    memory_release(texts->pairs);
    *texts = (metadata){NULL, 0, 0};
}

int metadata_is_reserved(const char *key)
{
    return strcmp(key, "format") == 0 || strcmp(key, "model") == 0 || strcmp(key, "schedule") == 0 ||
           strncmp(key, "trainer", strlen("trainer")) == 0;
}

/* What the JSON says, checked before any of it is used:
 *     {"__metadata__": {"key": "value", …}, "name": {"dtype": "F32", "shape": […], "data_offsets": [begin, end]}, …}
 * The format: https://github.com/huggingface/safetensors#format. Where it leaves something open, the strict reading. */
#include "format/header.h"

#include "base/error.h"
#include "base/memory.h"
#include "format/document.h"

#include <string.h>

/* A real such as 4.0 is no size, and neither is a negative number. Above 2^63 - 1 the parser itself refuses. */
static int whole(uint64_t *out, const json_value *value)
{
    int64_t number;
    if (!json_integer(&number, value) || number < 0)
        return 0;
    *out = (uint64_t)number;
    return 1;
}

/* The number of sizes is checked before any is stored. Their product waits for header_check_layout(). */
static diffusion_status parse_shape(safetensors_entry *entry, const char *path, const json_value *shape)
{
    char shown[DOCUMENT_SHOWN];
    if (!json_is(shape, JSON_ARRAY))
        return error_set(DIFFUSION_E_FORMAT, "%s: tensor '%s': shape is %s, expected an array of sizes", path,
                         entry->name, document_show(shown, shape));
    entry->rank = json_count(shape);
    if (entry->rank > SAFETENSORS_RANK)
        return error_set(DIFFUSION_E_FORMAT, "%s: tensor '%s': shape has %zu sizes, expected at most %d", path,
                         entry->name, entry->rank, SAFETENSORS_RANK);
    for (size_t i = 0; i < entry->rank; i++)
        if (!whole(&entry->shape[i], json_item(shape, i)))
            return error_set(DIFFUSION_E_FORMAT,
                             "%s: tensor '%s': shape[%zu] is %s, expected a whole number, 0 or more", path, entry->name,
                             i, document_show(shown, json_item(shape, i)));
    return DIFFUSION_OK;
}

/* One tensor's range alone; whether the ranges fit one another is for header_check_layout(). */
static diffusion_status parse_offsets(safetensors_entry *entry, const char *path, const json_value *offsets)
{
    char shown[DOCUMENT_SHOWN];
    if (json_count(offsets) != 2 || !whole(&entry->begin, json_item(offsets, 0)) ||
        !whole(&entry->end, json_item(offsets, 1)))
        return error_set(DIFFUSION_E_FORMAT,
                         "%s: tensor '%s': data_offsets is %s, expected two whole numbers, 0 or more", path,
                         entry->name, document_show(shown, offsets));
    if (entry->end < entry->begin)
        return error_set(DIFFUSION_E_FORMAT, "%s: tensor '%s': data_offsets end at %llu before they begin at %llu",
                         path, entry->name, (unsigned long long)entry->end, (unsigned long long)entry->begin);
    return DIFFUSION_OK;
}

/* A field that we do not know could change what the others mean. */
static diffusion_status check_fields(const char *path, const char *name, const json_value *fields)
{
    char shown[DOCUMENT_SHOWN];
    if (!json_is(fields, JSON_OBJECT))
        return error_set(DIFFUSION_E_FORMAT, "%s: tensor '%s' is %s, expected an object", path, name,
                         document_show(shown, fields));
    for (const json_value *value = json_first(fields); value != NULL; value = json_next(fields, value)) {
        const char *field = json_key(value);
        if (strcmp(field, "dtype") != 0 && strcmp(field, "shape") != 0 && strcmp(field, "data_offsets") != 0)
            return error_set(DIFFUSION_E_FORMAT,
                             "%s: tensor '%s': unknown field '%.80s', expected dtype, shape and data_offsets", path,
                             name, field);
    }
    return DIFFUSION_OK;
}

/* The name first: every later sentence shows it. */
static diffusion_status parse_entry(safetensors_entry *entry, const char *path, const char *name,
                                    const json_value *fields)
{
    if (strlen(name) > SAFETENSORS_NAME)
        return error_set(DIFFUSION_E_FORMAT, "%s: a tensor's name has %zu bytes, expected at most %d", path,
                         strlen(name), SAFETENSORS_NAME);
    entry->name = name;
    diffusion_status status = check_fields(path, name, fields);
    if (status == DIFFUSION_OK)
        status = safetensors_type_parse(&entry->type, path, name, json_get(fields, "dtype"));
    if (status == DIFFUSION_OK)
        status = parse_shape(entry, path, json_get(fields, "shape"));
    if (status == DIFFUSION_OK)
        status = parse_offsets(entry, path, json_get(fields, "data_offsets"));
    return status;
}

static size_t count_members(const json_value *object)
{
    size_t count = 0;
    for (const json_value *value = json_first(object); value != NULL; value = json_next(object, value))
        count++;
    return count;
}

/* Everything but the metadata is a tensor. Their number is checked before memory is taken for them. */
static diffusion_status parse_entries(safetensors_header *to, const char *path)
{
    size_t count = count_members(to->json) - (json_get(to->json, HEADER_METADATA) != NULL);
    if (count > SAFETENSORS_TENSORS)
        return error_set(DIFFUSION_E_FORMAT, "%s: %zu tensors, expected at most %d", path, count, SAFETENSORS_TENSORS);
    to->entries = memory_allocate(count, sizeof *to->entries);
    to->by_name = to->entries != NULL ? memory_allocate(count, sizeof *to->by_name) : NULL;
    if (to->by_name == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = DIFFUSION_OK;
    for (const json_value *fields = json_first(to->json); fields != NULL; fields = json_next(to->json, fields))
        if (status == DIFFUSION_OK && strcmp(json_key(fields), HEADER_METADATA) != 0)
            status = parse_entry(&to->entries[to->count++], path, json_key(fields), fields);
    return status;
}

/* The parser keeps the order of keys as it found them. */
static diffusion_status parse_metadata(safetensors_header *to, const char *path)
{
    char shown[DOCUMENT_SHOWN];
    const json_value *metadata = json_get(to->json, HEADER_METADATA);
    if (metadata == NULL)
        return DIFFUSION_OK;
    if (!json_is(metadata, JSON_OBJECT))
        return error_set(DIFFUSION_E_FORMAT, "%s: " HEADER_METADATA " is %s, expected an object of strings", path,
                         document_show(shown, metadata));
    to->pairs = memory_allocate(count_members(metadata), sizeof *to->pairs);
    if (to->pairs == NULL)
        return DIFFUSION_E_MEMORY;
    for (const json_value *value = json_first(metadata); value != NULL; value = json_next(metadata, value)) {
        if (!json_is(value, JSON_STRING))
            return error_set(DIFFUSION_E_FORMAT, "%s: " HEADER_METADATA ": '%.80s' is %s, expected a string", path,
                             json_key(value), document_show(shown, value));
        to->pairs[to->pair_count++] = (safetensors_pair){json_key(value), json_string(value)};
    }
    return DIFFUSION_OK;
}

diffusion_status header_parse(safetensors_header *out, const char *path, const char *text, size_t length,
                              uint64_t data_size)
{
    safetensors_header parsed = {0};
    diffusion_status status = document_parse(&parsed.json, path, "the header", text, length);
    if (status == DIFFUSION_OK)
        status = parse_metadata(&parsed, path);
    if (status == DIFFUSION_OK)
        status = parse_entries(&parsed, path);
    if (status == DIFFUSION_OK)
        status = header_check_layout(&parsed, path, data_size);
    if (status == DIFFUSION_OK)
        *out = parsed;
    else
        header_release(&parsed);
    return status;
}

void header_release(safetensors_header *from)
{
    json_release(from->json);
    memory_release(from->entries);
    memory_release(from->by_name);
    memory_release(from->pairs);
}

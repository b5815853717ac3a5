/* The header of a file to be written: what the reader would refuse is refused here. */
#include "base/size.h"
#include "format/header.h"

#include "base/error.h"
#include "base/memory.h"
#include "format/convert.h"

#include <string.h>

enum { ALIGNMENT = 8 }; /* bytes of the padding */

/* The JSON library allocates for itself and says only that it failed. */
static diffusion_status no_memory(const char *path)
{
    return error_set(DIFFUSION_E_MEMORY, "%s: no memory for the header", path);
}

/* A key must be new in its object and UTF-8, which the parser's own check decides. */
static diffusion_status check_key(const json_t *object, const char *path, const char *what, const char *key)
{
    json_error_t error;
    json_t *text = json_pack_ex(&error, 0, "s", key);
    if (text == NULL && json_error_code(&error) == json_error_invalid_utf8)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: a %s is not valid UTF-8", path, what);
    json_decref(text);
    if (text == NULL)
        return no_memory(path);
    if (json_object_get(object, key) != NULL)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: %s '%s' is given twice", path, what, key);
    return DIFFUSION_OK;
}

static diffusion_status add_pair(json_t *metadata, const char *path, const safetensors_pair *pair)
{
    diffusion_status status = check_key(metadata, path, "metadata key", pair->key);
    if (status != DIFFUSION_OK)
        return status;
    json_error_t error;
    json_t *value = json_pack_ex(&error, 0, "s", pair->value);
    if (value == NULL && json_error_code(&error) == json_error_invalid_utf8)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: the value of metadata '%s' is not valid UTF-8", path, pair->key);
    return json_object_set_new(metadata, pair->key, value) == 0 ? DIFFUSION_OK : no_memory(path);
}

/* The object belongs to the header from the start, so that a failure leaves nothing to release. */
static diffusion_status add_metadata(json_t *header, const char *path, const safetensors_pair *pairs, size_t count)
{
    if (count == 0)
        return DIFFUSION_OK;
    json_t *metadata = json_object();
    if (json_object_set_new(header, HEADER_METADATA, metadata) != 0)
        return no_memory(path);
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        status = add_pair(metadata, path, &pairs[i]);
    return status;
}

/* What the reader would refuse is not written. */
static diffusion_status check_tensor(const char *path, const safetensors_tensor *tensor, size_t *count)
{
    if (strlen(tensor->name) > SAFETENSORS_NAME)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: a tensor's name has %zu bytes, expected at most %d", path,
                         strlen(tensor->name), SAFETENSORS_NAME);
    if (tensor->rank > SAFETENSORS_RANK)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: tensor '%s' has rank %zu, expected at most %d", path, tensor->name,
                         tensor->rank, SAFETENSORS_RANK);
    size_t bytes;
    if (!header_elements(count, tensor->shape, tensor->rank) || !size_multiply(&bytes, *count, sizeof(float)))
        return error_set(DIFFUSION_E_ARGUMENT, "%s: tensor '%s': its shape has more bytes than can be addressed", path,
                         tensor->name);
    if (*count > 0 && tensor->values == NULL)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: tensor '%s': values is NULL", path, tensor->name);
    return DIFFUSION_OK;
}

/* NULL if memory runs out. */
static json_t *make_fields(const safetensors_tensor *tensor, uint64_t begin, uint64_t end)
{
    json_t *shape = json_array();
    int failed = 0;
    for (size_t i = 0; i < tensor->rank; i++)
        failed |= json_array_append_new(shape, json_integer((json_int_t)tensor->shape[i]));
    json_t *fields = json_pack("{s:s, s:o, s:[I, I]}", "dtype", safetensors_type_name(SAFETENSORS_F32), "shape", shape,
                               "data_offsets", (json_int_t)begin, (json_int_t)end);
    if (!failed)
        return fields;
    json_decref(fields);
    return NULL;
}

/* *offset moves on by the tensor's bytes. */
static diffusion_status add_tensor(json_t *header, const char *path, const safetensors_tensor *tensor, uint64_t *offset)
{
    size_t count = 0;
    diffusion_status status = check_key(header, path, "tensor name", tensor->name);
    if (status == DIFFUSION_OK)
        status = check_tensor(path, tensor, &count);
    if (status != DIFFUSION_OK)
        return status;
    uint64_t begin = *offset, bytes = (uint64_t)count * sizeof(float);
    if (bytes > (uint64_t)INT64_MAX - begin)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: tensor '%s' ends beyond the largest file", path, tensor->name);
    *offset = begin + bytes;
    json_t *fields = make_fields(tensor, begin, *offset);
    return json_object_set_new(header, tensor->name, fields) == 0 ? DIFFUSION_OK : no_memory(path);
}

/* *data_size receives the bytes of all tensors. */
static diffusion_status build(json_t *header, uint64_t *data_size, const char *path, const safetensors_tensor *tensors,
                              size_t tensor_count, const safetensors_pair *metadata, size_t metadata_count)
{
    if (tensor_count > SAFETENSORS_TENSORS)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: %zu tensors, expected at most %d", path, tensor_count,
                         SAFETENSORS_TENSORS);
    diffusion_status status = add_metadata(header, path, metadata, metadata_count);
    for (size_t i = 0; i < tensor_count && status == DIFFUSION_OK; i++)
        if (strcmp(tensors[i].name, HEADER_METADATA) == 0)
            status = error_set(DIFFUSION_E_ARGUMENT, "%s: no tensor can be named " HEADER_METADATA, path);
        else
            status = add_tensor(header, path, &tensors[i], data_size);
    return status;
}

/* The length, the JSON and spaces up to a multiple of ALIGNMENT, so that the data begins aligned. */
static diffusion_status format(header_text *out, const char *path, const json_t *header)
{
    size_t length = json_dumpb(header, NULL, 0, JSON_COMPACT | JSON_PRESERVE_ORDER);
    size_t padded = size_round_up(length, ALIGNMENT);
    if (length == 0)
        return no_memory(path);
    if (padded > HEADER_BYTES)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: a header of %zu bytes, expected at most %llu", path, padded,
                         (unsigned long long)HEADER_BYTES);
    unsigned char *bytes = memory_allocate(HEADER_PREFIX + padded, 1);
    if (bytes == NULL)
        return DIFFUSION_E_MEMORY;
    convert_store(bytes, HEADER_PREFIX, padded);
    memset(bytes + HEADER_PREFIX, ' ', padded);
    if (json_dumpb(header, (char *)bytes + HEADER_PREFIX, length, JSON_COMPACT | JSON_PRESERVE_ORDER) != length) {
        memory_release(bytes);
        return no_memory(path);
    }
    out->bytes = bytes;
    out->size = HEADER_PREFIX + padded;
    return DIFFUSION_OK;
}

diffusion_status header_make(header_text *out, const char *path, const safetensors_tensor *tensors, size_t tensor_count,
                             const safetensors_pair *metadata, size_t metadata_count)
{
    json_t *header = json_object();
    *out = (header_text){0};
    diffusion_status status = build(header, &out->data_size, path, tensors, tensor_count, metadata, metadata_count);
    if (status == DIFFUSION_OK)
        status = format(out, path, header);
    json_decref(header);
    return status;
}

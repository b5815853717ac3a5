/* The header of a file to be written: what the reader would refuse is refused here. */
#include "base/size.h"
#include "format/header.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "format/convert.h"

#include <string.h>

enum { ALIGNMENT = 8 }; /* bytes of the padding */

static diffusion_status check_length(const char *path, size_t length)
{
    if (length > HEADER_BYTES)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: a header of %zu bytes, expected at most %llu", path, length,
                         (unsigned long long)HEADER_BYTES);
    return DIFFUSION_OK;
}

/* The sentence is set where memory runs out. */
static diffusion_status append_string(text_buffer *to, const char *path, const char *text)
{
    size_t length = json_print_string(NULL, 0, text);
    diffusion_status status = check_length(path, to->length + length);
    if (status != DIFFUSION_OK)
        return status;
    char *printed = memory_allocate(length + 1, 1);
    if (printed == NULL)
        return DIFFUSION_E_MEMORY;
    json_print_string(printed, length + 1, text);
    text_append(to, "%s", printed);
    memory_release(printed);
    return to->failed ? DIFFUSION_E_MEMORY : DIFFUSION_OK;
}

static diffusion_status append_key(text_buffer *to, const char *path, const char *what, const char *key,
                                   const char *before)
{
    if (!utf8_is_sound(key))
        return error_set(DIFFUSION_E_ARGUMENT, "%s: a %s is not valid UTF-8", path, what);
    text_append(to, "%s", before);
    diffusion_status status = append_string(to, path, key);
    text_append(to, ":");
    return status;
}

static diffusion_status add_pair(text_buffer *to, const char *path, const safetensors_pair *pair, const char *before)
{
    diffusion_status status = append_key(to, path, "metadata key", pair->key, before);
    if (status == DIFFUSION_OK && !utf8_is_sound(pair->value))
        return error_set(DIFFUSION_E_ARGUMENT, "%s: the value of metadata '%s' is not valid UTF-8", path, pair->key);
    return status == DIFFUSION_OK ? append_string(to, path, pair->value) : status;
}

static diffusion_status add_metadata(text_buffer *to, const char *path, const safetensors_pair *pairs, size_t count)
{
    diffusion_status status = DIFFUSION_OK;
    if (count == 0)
        return status;
    text_append(to, "\"" HEADER_METADATA "\":{");
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        status = add_pair(to, path, &pairs[i], i > 0 ? "," : "");
    text_append(to, "}");
    return status;
}

static safetensors_type type_of(const safetensors_tensor *tensor)
{
    return tensor->doubles != NULL ? SAFETENSORS_F64 : SAFETENSORS_F32;
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
    if (!header_elements(count, tensor->shape, tensor->rank) ||
        !size_multiply(&bytes, *count, safetensors_type_size(type_of(tensor))))
        return error_set(DIFFUSION_E_ARGUMENT, "%s: tensor '%s': its shape has more bytes than can be addressed", path,
                         tensor->name);
    if (*count > 0 && tensor->values == NULL && tensor->doubles == NULL)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: tensor '%s': values is NULL", path, tensor->name);
    return DIFFUSION_OK;
}

/* *offset moves on by the tensor's bytes. */
static diffusion_status add_tensor(text_buffer *to, const char *path, const safetensors_tensor *tensor,
                                   uint64_t *offset, const char *before)
{
    size_t count = 0;
    diffusion_status status = check_tensor(path, tensor, &count);
    if (status == DIFFUSION_OK)
        status = append_key(to, path, "tensor name", tensor->name, before);
    if (status != DIFFUSION_OK)
        return status;
    uint64_t begin = *offset, bytes = (uint64_t)count * safetensors_type_size(type_of(tensor));
    if (bytes > (uint64_t)INT64_MAX - begin)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: tensor '%s' ends beyond the largest file", path, tensor->name);
    *offset = begin + bytes;
    text_append(to, "{\"dtype\":\"%s\",\"shape\":[", safetensors_type_name(type_of(tensor)));
    for (size_t i = 0; i < tensor->rank; i++)
        text_append(to, "%s%llu", i > 0 ? "," : "", (unsigned long long)tensor->shape[i]);
    text_append(to, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)begin, (unsigned long long)*offset);
    return to->failed ? DIFFUSION_E_MEMORY : check_length(path, to->length);
}

/* ---- names ---- */

static const char *tensor_name(const void *from, size_t i)
{
    return ((const safetensors_tensor *)from)[i].name;
}

static const char *pair_key(const void *from, size_t i)
{
    return ((const safetensors_pair *)from)[i].key;
}

static diffusion_status check_repeated(const char *path, const char *what, const char *(*name)(const void *, size_t),
                                       const void *from, size_t count)
{
    const char **names = memory_allocate(count, sizeof *names);
    if (names == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t i = 0; i < count; i++)
        names[i] = name(from, i);
    const char *repeated = json_repeated(names, count);
    memory_release(names);
    return repeated == NULL ? DIFFUSION_OK
                            : error_set(DIFFUSION_E_ARGUMENT, "%s: %s '%s' is given twice", path, what, repeated);
}

static diffusion_status check_names(const char *path, const safetensors_tensor *tensors, size_t tensor_count,
                                    const safetensors_pair *metadata, size_t metadata_count)
{
    if (tensor_count > SAFETENSORS_TENSORS)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: %zu tensors, expected at most %d", path, tensor_count,
                         SAFETENSORS_TENSORS);
    for (size_t i = 0; i < tensor_count; i++)
        if (strcmp(tensors[i].name, HEADER_METADATA) == 0)
            return error_set(DIFFUSION_E_ARGUMENT, "%s: no tensor can be named " HEADER_METADATA, path);
    diffusion_status status = check_repeated(path, "tensor name", tensor_name, tensors, tensor_count);
    if (status == DIFFUSION_OK)
        status = check_repeated(path, "metadata key", pair_key, metadata, metadata_count);
    return status;
}

/* ---- the whole ---- */

/* The place of the length, the JSON, and spaces up to a multiple of ALIGNMENT, so that the data begins aligned.
 * *data_size receives the bytes of all tensors. */
static diffusion_status append_all(text_buffer *to, uint64_t *data_size, const char *path,
                                   const safetensors_tensor *tensors, size_t tensor_count,
                                   const safetensors_pair *metadata, size_t metadata_count)
{
    text_append(to, "%*s{", HEADER_PREFIX, "");
    diffusion_status status = add_metadata(to, path, metadata, metadata_count);
    for (size_t i = 0; i < tensor_count && status == DIFFUSION_OK; i++)
        status = add_tensor(to, path, &tensors[i], data_size, i > 0 || metadata_count > 0 ? "," : "");
    text_append(to, "}");
    text_append(to, "%*s", (int)(size_round_up(to->length, ALIGNMENT) - to->length), "");
    if (status == DIFFUSION_OK)
        status = to->failed ? DIFFUSION_E_MEMORY : check_length(path, to->length - HEADER_PREFIX);
    return status;
}

diffusion_status header_make(header_text *out, const char *path, const safetensors_tensor *tensors, size_t tensor_count,
                             const safetensors_pair *metadata, size_t metadata_count)
{
    text_buffer text = {0};
    *out = (header_text){0};
    diffusion_status status = check_names(path, tensors, tensor_count, metadata, metadata_count);
    if (status == DIFFUSION_OK)
        status = append_all(&text, &out->data_size, path, tensors, tensor_count, metadata, metadata_count);
    if (status != DIFFUSION_OK) {
        memory_release(text.bytes);
        return status;
    }
    out->bytes = (unsigned char *)text.bytes;
    out->size = text.length;
    convert_store(out->bytes, HEADER_PREFIX, text.length - HEADER_PREFIX);
    return DIFFUSION_OK;
}

/* Writing a file, to disk or to memory: the whole header is made and checked first, so that most failures come before
 * anything is written. */
#include "format/safetensors.h"

#include "base/error.h"
#include "base/memory.h"
#include "format/convert.h"
#include "format/header.h"
#include "format/sink.h"

enum { CHUNK = 1024 }; /* numbers a write: 8 KB of stack */

/* In chunks through convert_from_float(): the same code on any byte order, and the disk is slower than it. */
static diffusion_status write_values(sink *to, const safetensors_tensor *tensor)
{
    size_t count = 0;
    (void)header_elements(&count, tensor->shape, tensor->rank); /* it was checked with the header */
    const size_t size = tensor->doubles != NULL ? sizeof(double) : sizeof(float);
    unsigned char bytes[CHUNK * sizeof(double)];
    diffusion_status status = DIFFUSION_OK;
    for (size_t done = 0, some; done < count && status == DIFFUSION_OK; done += some) {
        some = count - done < CHUNK ? count - done : CHUNK;
        if (tensor->doubles != NULL)
            convert_from_double(bytes, tensor->doubles + done, some);
        else
            convert_from_float(bytes, tensor->values + done, some);
        status = sink_write(to, bytes, some * size);
    }
    return status;
}

static diffusion_status write_all(sink *to, const header_text *header, const safetensors_tensor *tensors,
                                  size_t tensor_count)
{
    diffusion_status status = sink_write(to, header->bytes, header->size);
    for (size_t i = 0; i < tensor_count && status == DIFFUSION_OK; i++)
        status = write_values(to, &tensors[i]);
    return status;
}

diffusion_status safetensors_write(file_writer **out, const char *path, const safetensors_tensor *tensors,
                                   size_t tensor_count, const safetensors_pair *metadata, size_t metadata_count)
{
    header_text header;
    file_writer *file = NULL;
    diffusion_status status = header_make(&header, path, tensors, tensor_count, metadata, metadata_count);
    if (status == DIFFUSION_OK)
        status = file_create(&file, path);
    if (status == DIFFUSION_OK) {
        sink to = sink_of_file(file);
        status = write_all(&to, &header, tensors, tensor_count);
    }
    memory_release(header.bytes);
    if (status == DIFFUSION_OK)
        *out = file;
    else
        file_abandon(file);
    return status;
}

diffusion_status safetensors_save(const char *path, const safetensors_tensor *tensors, size_t tensor_count,
                                  const safetensors_pair *metadata, size_t metadata_count)
{
    file_writer *file = NULL;
    diffusion_status status = safetensors_write(&file, path, tensors, tensor_count, metadata, metadata_count);
    return status == DIFFUSION_OK ? file_commit(file) : status;
}

/* The header is of at most HEADER_BYTES and the data of at most INT64_MAX, so that their sum is a uint64_t. */
static diffusion_status check_capacity(size_t capacity, uint64_t size)
{
    if (size > SIZE_MAX)
        return error_set(DIFFUSION_E_ARGUMENT, SAFETENSORS_MEMORY ": %llu bytes are more than can be addressed",
                         (unsigned long long)size);
    if (capacity > 0 && size > capacity)
        return error_set(DIFFUSION_E_SHAPE, SAFETENSORS_MEMORY ": capacity=%zu, expected at least %llu", capacity,
                         (unsigned long long)size);
    return DIFFUSION_OK;
}

diffusion_status safetensors_save_memory(void *bytes, size_t capacity, size_t *needed,
                                         const safetensors_tensor *tensors, size_t tensor_count,
                                         const safetensors_pair *metadata, size_t metadata_count)
{
    header_text header;
    diffusion_status status = header_make(&header, SAFETENSORS_MEMORY, tensors, tensor_count, metadata, metadata_count);
    uint64_t size = header.size + header.data_size;
    if (status == DIFFUSION_OK)
        status = check_capacity(capacity, size);
    if (status == DIFFUSION_OK && capacity > 0) {
        sink to = sink_of_memory(bytes);
        status = write_all(&to, &header, tensors, tensor_count);
    }
    if (status == DIFFUSION_OK && needed != NULL)
        *needed = (size_t)size;
    memory_release(header.bytes);
    return status;
}

#include "format/source.h"

#include "base/error.h"
#include "format/safetensors.h"

#include <string.h>

static diffusion_status read_file(const source *self, uint64_t offset, void *bytes, size_t size)
{
    return file_read(self->file, offset, bytes, size);
}

/* A file ends by itself where a reader asks for too much; memory does not. */
static diffusion_status read_memory(const source *self, uint64_t offset, void *bytes, size_t size)
{
    if (offset > self->size || size > self->size - offset)
        return error_set(DIFFUSION_E_IO, SAFETENSORS_MEMORY ": ends before byte %llu",
                         (unsigned long long)(offset + size));
    if (size > 0)
        memcpy(bytes, self->memory + offset, size);
    return DIFFUSION_OK;
}

diffusion_status source_open(source *out, const char *path)
{
    file_reader *file = NULL;
    diffusion_status status = file_open(&file, path);
    if (status == DIFFUSION_OK)
        *out = (source){read_file, file_size(file), file, NULL};
    return status;
}

source source_of_memory(const void *bytes, size_t size)
{
    return (source){read_memory, size, NULL, bytes};
}

diffusion_status source_read(const source *self, uint64_t offset, void *bytes, size_t size)
{
    return self->read(self, offset, bytes, size);
}

void source_close(source *self)
{
    file_close(self->file);
}

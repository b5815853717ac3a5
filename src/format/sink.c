#include "format/sink.h"

#include <string.h>

static diffusion_status write_file(sink *self, const void *bytes, size_t size)
{
    return file_write(self->file, bytes, size);
}

static diffusion_status write_memory(sink *self, const void *bytes, size_t size)
{
    memcpy(self->memory, bytes, size);
    self->memory += size;
    return DIFFUSION_OK;
}

diffusion_status sink_open(sink *out, const char *path)
{
    file_writer *file = NULL;
    diffusion_status status = file_create(&file, path);
    if (status == DIFFUSION_OK)
        *out = (sink){write_file, file, NULL};
    return status;
}

sink sink_of_memory(void *bytes)
{
    return (sink){write_memory, NULL, bytes};
}

diffusion_status sink_write(sink *self, const void *bytes, size_t size)
{
    return self->write(self, bytes, size);
}

diffusion_status sink_close(sink *self, diffusion_status status)
{
    if (status == DIFFUSION_OK && self->file != NULL)
        return file_commit(self->file);
    file_abandon(self->file);
    return status;
}

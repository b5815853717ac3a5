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

sink sink_of_file(file_writer *file)
{
    return (sink){write_file, file, NULL};
}

sink sink_of_memory(void *bytes)
{
    return (sink){write_memory, NULL, bytes};
}

diffusion_status sink_write(sink *self, const void *bytes, size_t size)
{
    return self->write(self, bytes, size);
}

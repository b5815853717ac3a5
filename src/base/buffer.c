#include "base/buffer.h"

#include "base/memory.h"
#include "base/size.h"

void *buffer_reserve(buffer *self, size_t count, size_t size)
{
    size_t bytes = 0;
    if (size_multiply(&bytes, count, size) && bytes <= self->bytes && self->memory != NULL)
        return self->memory;
    void *memory = memory_allocate(count, size);
    if (memory == NULL)
        return NULL;
    memory_release(self->memory);
    *self = (buffer){memory, bytes};
    return memory;
}

void buffer_release(buffer *self)
{
    memory_release(self->memory);
    *self = (buffer){NULL, 0};
}

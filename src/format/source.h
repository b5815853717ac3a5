/* Where a reader takes its bytes from: a file, or memory of the caller's. */
#ifndef FORMAT_SOURCE_H
#define FORMAT_SOURCE_H

#include "base/file.h"

typedef struct source source;

struct source {
    diffusion_status (*read)(const source *self, uint64_t offset, void *bytes, size_t size);
    uint64_t size;
    file_reader *file;           /* NULL for memory */
    const unsigned char *memory; /* NULL for a file */
};

diffusion_status source_open(source *out, const char *path);

/* The bytes stay the caller's, and must stay as they are until source_close(). */
source source_of_memory(const void *bytes, size_t size);

/* Copies exactly `size` bytes from `offset` on: 0, or DIFFUSION_E_IO where there are fewer. */
diffusion_status source_read(const source *self, uint64_t offset, void *bytes, size_t size);

void source_close(source *self); /* also of one zeroed */

#endif

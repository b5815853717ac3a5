/* Where a writer leaves its bytes: a file, or memory of the caller's. */
#ifndef FORMAT_SINK_H
#define FORMAT_SINK_H

#include "base/file.h"

typedef struct sink sink;

struct sink {
    diffusion_status (*write)(sink *self, const void *bytes, size_t size);
    file_writer *file;     /* NULL for memory */
    unsigned char *memory; /* where the next byte goes; NULL for a file */
};

sink sink_of_file(file_writer *file);

/* There must be room for all that will be written. */
sink sink_of_memory(void *bytes);

diffusion_status sink_write(sink *self, const void *bytes, size_t size);

#endif

/* Whole numbers of a byte each, as they were: IDX, and arrays of bytes. */
#include "data/write.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/output.h"
#include "common/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int idx_knows(const char *path)
{
    return text_ends_with(path, "-ubyte") || text_ends_with(path, ".idx");
}

/* NULL if some value is no byte; freed by free(). */
static unsigned char *bytes_of(const table_rows *from, size_t count)
{
    unsigned char *bytes = allocate(count, 1);
    for (size_t i = 0; i < count; i++) {
        bytes[i] = (unsigned char)fmin(fmax(from->values[i], 0), 255);
        if ((double)bytes[i] != from->values[i]) {
            free(bytes);
            return NULL;
        }
    }
    return bytes;
}

static void write_big_endian(FILE *stream, size_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        putc((int)(number >> shift & 0xff), stream);
}

/* Grey images have no axis of channels. */
static void write_idx(const char *path, const table_rows *from, const unsigned char *bytes, size_t count)
{
    size_t axes = from->rank == 3 && from->shape[2] == 1 ? 2 : from->rank;
    output *out = output_open(path);
    FILE *stream = output_stream(out);
    const unsigned char start[] = {0, 0, 0x08, (unsigned char)(axes + 1)};
    fwrite(start, 1, sizeof start, stream);
    write_big_endian(stream, from->count);
    for (size_t i = 0; i < axes; i++)
        write_big_endian(stream, (size_t)from->shape[i]);
    fwrite(bytes, 1, count, stream);
    output_commit(out);
}

int table_write_whole(const char *path, const table_rows *from)
{
    int idx = idx_knows(path), npy = text_ends_with(path, ".npy");
    size_t count = from->count;
    if (!idx && !npy)
        return 0;
    for (size_t i = 0; i < from->rank; i++)
        count *= (size_t)from->shape[i];
    unsigned char *bytes = bytes_of(from, count);
    if (bytes == NULL && idx)
        fail("%s: values beyond 0 to 255, which IDX files of bytes cannot hold; use .npy or .csv", path);
    if (bytes != NULL && idx)
        write_idx(path, from, bytes, count);
    else if (bytes != NULL)
        table_write_bytes(path, bytes, from->count, from->shape, from->rank);
    int written = bytes != NULL;
    free(bytes);
    return written;
}

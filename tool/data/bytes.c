#define _POSIX_C_SOURCE 200809L

#include "data/bytes.h"

#include "common/fail.h"
#include "common/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { CHUNK = 1 << 16 };

typedef struct block {
    char *bytes;
    size_t used, capacity;
} block;

static void make_room(block *to)
{
    to->bytes = grow(to->bytes, &to->capacity, to->used + CHUNK + 1, 1);
}

static int open_file(const char *path)
{
    int descriptor;
    do
        descriptor = open(path, O_RDONLY | O_CLOEXEC);
    while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0)
        fail("%s: cannot open: %s", path, strerror(errno));
    return descriptor;
}

static block read_file(const char *path)
{
    block file = {0};
    int descriptor = open_file(path);
    ssize_t got;
    do {
        make_room(&file);
        got = read(descriptor, file.bytes + file.used, CHUNK);
        file.used += got > 0 ? (size_t)got : 0;
    } while (got > 0 || (got < 0 && errno == EINTR));
    if (got < 0)
        fail("%s: cannot read: %s", path, strerror(errno));
    close(descriptor);
    return file;
}

static void check_packed(const char *path, const z_stream *stream, int status)
{
    if (status == Z_BUF_ERROR)
        fail("%s: damaged gzip file (it is cut off)", path);
    if (status == Z_MEM_ERROR)
        fail("%s: not enough memory", path);
    if (status != Z_OK && status != Z_STREAM_END)
        fail("%s: damaged gzip file (%s)", path, stream->msg != NULL ? stream->msg : "it needs a dictionary");
}

/* Unpacks one member of the file; returns where it ends. */
static size_t unpack_member(block *to, const char *path, const block *from, size_t at)
{
    enum { GZIP = 16 + MAX_WBITS, PIECE = 1 << 30 };
    z_stream stream = {0};
    check_packed(path, &stream, inflateInit2(&stream, GZIP));
    int status = Z_OK;
    while (status != Z_STREAM_END) {
        size_t left = from->used - at;
        make_room(to);
        stream.next_in = (unsigned char *)from->bytes + at;
        stream.avail_in = left < PIECE ? (uInt)left : PIECE;
        stream.next_out = (unsigned char *)to->bytes + to->used;
        stream.avail_out = CHUNK;
        status = inflate(&stream, Z_NO_FLUSH);
        check_packed(path, &stream, status);
        at = (size_t)((char *)stream.next_in - from->bytes);
        to->used += CHUNK - stream.avail_out;
    }
    inflateEnd(&stream);
    return at;
}

static int is_packed(const block *file, size_t at)
{
    return file->used - at >= 2 && memcmp(file->bytes + at, "\x1f\x8b", 2) == 0;
}

/* What stands behind the last member is no data, as gzip has it. */
static block unpack(const char *path, const block *file)
{
    block plain = {0};
    for (size_t at = 0; is_packed(file, at);)
        at = unpack_member(&plain, path, file, at);
    return plain;
}

char *data_bytes(const char *path, size_t *size)
{
    block file = read_file(path);
    if (is_packed(&file, 0)) {
        block plain = unpack(path, &file);
        free(file.bytes);
        file = plain;
    }
    file.bytes[file.used] = '\0';
    *size = file.used;
    return file.bytes;
}

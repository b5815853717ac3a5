#define _POSIX_C_SOURCE 200809L

#include "data/bytes.h"

#include "common/fail.h"
#include "common/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Pipes and standard input have nothing more to give; to open a pipe again would wait for ever. */
static void check_first_time(const char *path, const struct stat *about)
{
    enum { STREAMS_MAX = 8 };
    static struct stat seen[STREAMS_MAX];
    static size_t count;
    for (size_t i = 0; i < count; i++) {
        if (seen[i].st_dev == about->st_dev && seen[i].st_ino == about->st_ino)
            fail("%s: can be read once only, and is named twice; put it into a file", path);
    }
    if (count < STREAMS_MAX)
        seen[count++] = *about;
}

static int open_input(const char *path)
{
    struct stat about;
    int standard = strcmp(path, "-") == 0;
    if ((standard ? fstat(STDIN_FILENO, &about) : stat(path, &about)) != 0)
        fail("%s: cannot open: %s", path, strerror(errno));
    if (standard || !S_ISREG(about.st_mode))
        check_first_time(path, &about);
    int descriptor;
    do
        descriptor = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0)
        fail("%s: cannot open: %s", path, strerror(errno));
    return descriptor;
}

enum { CHUNK = 1 << 16 };

typedef struct block {
    char *bytes;
    size_t used, capacity;
} block;

static void make_room(block *to)
{
    to->bytes = grow(to->bytes, &to->capacity, to->used + CHUNK + 1, 1);
}

static block read_file(const char *path)
{
    block file = {0};
    int descriptor = open_input(path);
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

/* Behind the last member there may be zeros, as tapes are filled up with; all else may have been a member. */
static void check_rest(const char *path, const block *file, size_t at)
{
    for (size_t i = at; i < file->used; i++)
        if (file->bytes[i] != 0)
            fail("%s: damaged gzip file (what stands behind the first %zu bytes is no gzip)", path, at);
}

static block unpack(const char *path, const block *file)
{
    block plain = {0};
    size_t at = 0;
    while (is_packed(file, at))
        at = unpack_member(&plain, path, file, at);
    check_rest(path, file, at);
    return plain;
}

void data_read(data_file *out, const char *path)
{
    block file = read_file(path);
    if (is_packed(&file, 0)) {
        block plain = unpack(path, &file);
        free(file.bytes);
        file = plain;
    }
    file.bytes[file.used] = '\0';
    *out = (data_file){path, file.bytes, file.used};
}

int data_begins(const data_file *file, const char *start, size_t length)
{
    return file->size >= length && memcmp(file->bytes, start, length) == 0;
}

void data_check_size(const data_file *file, size_t rows, size_t row, size_t most)
{
    if (multiply(rows, row, file->path) / most > file->size)
        fail("%s: damaged: its header promises more than %zu bytes can hold", file->path, file->size);
}

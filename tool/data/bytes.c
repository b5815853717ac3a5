#define _POSIX_C_SOURCE 200809L

#include "data/bytes.h"

#include "common/fail.h"
#include "common/memory.h"

#include <errno.h>
#include <fcntl.h>
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
    int descriptor = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        fail("%s: cannot open: %s", path, strerror(errno));
    return descriptor;
}

static gzFile open_packed(const char *path)
{
    gzFile file = gzdopen(open_input(path), "rb");
    if (file == NULL)
        fail("%s: cannot open: not enough memory", path);
    gzbuffer(file, 1 << 17);
    return file;
}

void data_read(data_file *out, const char *path)
{
    gzFile file = open_packed(path);
    size_t capacity = 0, used = 0;
    char *bytes = NULL;
    int got;
    do {
        bytes = grow(bytes, &capacity, used + (1 << 18) + 1, 1);
        got = gzread(file, bytes + used, 1 << 18);
        used += got > 0 ? (size_t)got : 0;
    } while (got > 0);
    int problem;
    const char *sentence = gzerror(file, &problem);
    if (got < 0 && problem == Z_ERRNO)
        fail("%s: cannot read: %s", path, strerror(errno));
    if (got < 0)
        fail("%s: damaged gzip file (%s)", path, problem == Z_BUF_ERROR ? "it is cut off" : sentence);
    if (gzclose_r(file) != Z_OK)
        fail("%s: damaged gzip file (it is cut off)", path);
    bytes[used] = '\0';
    *out = (data_file){path, bytes, used};
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

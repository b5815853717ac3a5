#include "data/bytes.h"

#include "common/fail.h"
#include "common/memory.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

char *data_bytes(const char *path, size_t *size)
{
    errno = 0;
    gzFile file = gzopen(path, "rb");
    if (file == NULL)
        fail("%s: cannot open: %s", path, errno != 0 ? strerror(errno) : "not enough memory");
    gzbuffer(file, 1 << 17);
    char *bytes = NULL;
    size_t capacity = 0, used = 0;
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
    *size = used;
    return bytes;
}

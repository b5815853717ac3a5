/* PGM, the plainest grey picture: "P5", width, height and largest value as text, then a byte a pixel. */
#include "data/bytes.h"
#include "data/image.h"

#include "common/fail.h"
#include "common/memory.h"

#include <stdlib.h>
#include <string.h>

enum { SIDE_MAX = 65536 };

/* Past white space and comments, which run from # to the end of the line. */
static const char *skip_space(const char *at)
{
    for (;;) {
        at += strspn(at, " \t\r\n");
        if (*at != '#')
            return at;
        at += strcspn(at, "\n");
    }
}

static size_t read_size(const char *path, const char *name, const char **at, long maximum)
{
    char *end;
    const char *start = skip_space(*at);
    long value = strtol(start, &end, 10);
    if (end == start || value < 1 || value > maximum)
        fail("%s: damaged PGM header, the %s is not 1..%ld", path, name, maximum);
    *at = end;
    return (size_t)value;
}

void image_load_pgm(image *out, const char *path)
{
    size_t size;
    char *bytes = data_bytes(path, &size);
    if (size < 3 || memcmp(bytes, "P5", 2) != 0)
        fail("%s: not a PGM file", path);
    const char *at = bytes + 2;
    out->width = read_size(path, "width", &at, SIDE_MAX);
    out->height = read_size(path, "height", &at, SIDE_MAX);
    read_size(path, "largest value", &at, 255);
    out->channels = 1;
    at++; /* one white space, then the pixels */
    size_t wanted = multiply(out->width, out->height, path), left = (size_t)(bytes + size - at);
    if (at > bytes + size || left < wanted)
        fail("%s: holds %zu pixels, its header promises %zu", path, at > bytes + size ? 0 : left, wanted);
    out->pixels = allocate(wanted, 1);
    memcpy(out->pixels, at, wanted);
    free(bytes);
}

/* Netpbm's grey and colour pictures: "P5" or "P6" ("P2", "P3" as text), width, height and largest value as text, then
 * the pixels, each a byte or, if the largest value is above 255, two, most significant first. */
#include "data/image.h"

#include "common/fail.h"
#include "common/memory.h"

#include <stdlib.h>
#include <string.h>

enum { SIDE_MAX = 65536, VALUE_MAX = 65535 };

static const char white[] = " \t\r\n\v\f";

/* Past white space and comments, which run from # to the end of the line. */
static const char *skip_space(const char *at)
{
    for (;;) {
        at += strspn(at, white);
        if (*at != '#')
            return at;
        at += strcspn(at, "\r\n");
    }
}

static size_t read_number(const char *path, const char *name, const char **at, long minimum, long maximum)
{
    char *end;
    const char *start = skip_space(*at);
    long value = strtol(start, &end, 10);
    if (end == start || value < minimum || value > maximum)
        fail("%s: damaged PNM file, the %s is not %ld..%ld", path, name, minimum, maximum);
    *at = end;
    return (size_t)value;
}

static void read_text(image *out, const char *path, const char *at, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out->pixels[i] = (uint16_t)read_number(path, "pixel", &at, 0, (long)out->maximum);
    if (*skip_space(at) != '\0')
        fail("%s: damaged PNM file, there is more than the %zu values that its header promises", path, count);
}

static void read_raw(image *out, const char *path, const char *at, const char *end, size_t count)
{
    size_t size = out->maximum > 255 ? 2 : 1, left = at < end ? (size_t)(end - at) - 1 : 0;
    if (at >= end || strchr(white, *at) == NULL || left != multiply(count, size, path))
        fail("%s: holds %zu bytes of pixels, its header promises %zu", path, left, multiply(count, size, path));
    const unsigned char *bytes = (const unsigned char *)at + 1; /* behind one white space */
    for (size_t i = 0; i < count; i++) {
        out->pixels[i] = (uint16_t)(size == 1 ? bytes[i] : bytes[2 * i] << 8 | bytes[2 * i + 1]);
        if (out->pixels[i] > out->maximum)
            fail("%s: damaged PNM file, the pixel %u is not 0..%u", path, out->pixels[i], out->maximum);
    }
}

void image_parse_pnm(image *out, const data_file *file)
{
    const char *path = file->path, *bytes = file->bytes;
    size_t size = file->size;
    if (strchr("2356", bytes[1]) == NULL)
        fail("%s: a %s, expected PGM or PPM", path, bytes[1] == '7' ? "PAM" : strchr("14", bytes[1]) ? "PBM" : "PFM");
    const char *at = bytes + 2;
    out->width = read_number(path, "width", &at, 1, SIDE_MAX);
    out->height = read_number(path, "height", &at, 1, SIDE_MAX);
    out->maximum = (unsigned)read_number(path, "largest value", &at, 1, VALUE_MAX);
    out->channels = bytes[1] == '3' || bytes[1] == '6' ? 3 : 1;
    size_t count = multiply(multiply(out->width, out->height, path), out->channels, path);
    int text = bytes[1] == '2' || bytes[1] == '3';
    if (count > size) /* a pixel takes a byte at least */
        fail("%s: holds %zu bytes, its header promises %zu values", path, size, count);
    out->pixels = allocate(count, sizeof *out->pixels);
    if (text)
        read_text(out, path, at, count);
    else
        read_raw(out, path, at, bytes + size, count);
}

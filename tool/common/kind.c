#include "common/kind.h"

#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 4096, NOTHING = 16 }; /* nothing of worth fits into fewer bytes */

/* The length of its header, then that header: JSON. */
static int is_safetensors(const unsigned char *head, size_t size)
{
    return size > 8 && head[8] == '{' && head[6] == 0 && head[7] == 0;
}

int kind_is_text(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)bytes[i] < ' ' && memchr("\t\n\v\f\r", bytes[i], 5) == NULL)
            return 0;
    return 1;
}

/* By the bytes at `offset`; .suffix NULL: a kind that is never written here. */
static const struct kind {
    const char *suffix, *name;
    size_t offset, length;
    const char *start;
} kinds[] = {
    {".png", "a PNG picture", 0, 4, "\x89PNG"},
    {".npy", "a NumPy array", 0, 6, "\x93NUMPY"},
    {".html", "a page of HTML", 0, 15, "<!DOCTYPE html>"},
    {".npz", "a zip archive", 0, 4, "PK\3\4"},
    {".diffcode", "coded data", 0, 8, "diffcode"},
    {".gz", "a gzip file", 0, 2, "\x1f\x8b"},
    {NULL, "a JPEG picture", 0, 3, "\xff\xd8\xff"},
    {NULL, "a GIF picture", 0, 4, "GIF8"},
    {NULL, "a WebP picture", 8, 4, "WEBP"},
    {NULL, "a WAV sound", 8, 4, "WAVE"},
    {NULL, "a HEIC or AVIF picture or a video", 4, 4, "ftyp"},
    {NULL, "a TIFF picture", 0, 4, "II*\0"},
    {NULL, "a TIFF picture", 0, 4, "MM\0*"},
    {NULL, "a BMP picture", 6, 4, "\0\0\0\0"}, /* and BM, below */
    {NULL, "an HDF5 file", 0, 4, "\x89HDF"},
    {NULL, "a MATLAB file", 0, 10, "MATLAB 5.0"},
    {NULL, "a Parquet file", 0, 4, "PAR1"},
    {NULL, "a FLAC sound", 0, 4, "fLaC"},
    {NULL, "an Ogg sound", 0, 4, "OggS"},
    {NULL, "a PDF document", 0, 5, "%PDF-"},
    {NULL, "a bzip2 file", 0, 3, "BZh"},
    {NULL, "an xz file", 0, 6,
     "\xfd"
     "7zXZ\0"},
    {NULL, "a Zstandard file", 0, 4, "\x28\xb5\x2f\xfd"},
    {NULL, "a pickle", 0, 2, "\x80\4"},
    {NULL, "a tar archive", 257, 5, "ustar"},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const struct kind *find_kind(const char *head, size_t size)
{
    static const struct kind safetensors = {".safetensors", "a safetensors file", 0, 0, ""};
    if (is_safetensors((const unsigned char *)head, size))
        return &safetensors;
    for (size_t i = 0; i < KINDS; i++) {
        const struct kind *k = &kinds[i];
        int bitmap = strcmp(k->name, "a BMP picture") == 0;
        if (size >= k->offset + k->length && memcmp(head + k->offset, k->start, k->length) == 0 &&
            (!bitmap || memcmp(head, "BM", 2) == 0))
            return k;
    }
    return NULL;
}

const char *kind_name(const char *head, size_t size)
{
    const struct kind *found = find_kind(head, size);
    if (size == 0)
        return "empty";
    return found != NULL ? found->name : kind_is_text(head, size < HEAD ? size : HEAD) ? "a text" : NULL;
}

/* What tables are called is left to texts. */
static int is_own_suffix(const char *path)
{
    int own = text_ends_with(path, ".safetensors");
    for (size_t i = 0; i < KINDS; i++)
        own = own || (kinds[i].suffix != NULL && text_ends_with(path, kinds[i].suffix));
    return own;
}

char *kind_in_the_way(const char *path)
{
    char head[HEAD];
    FILE *file = fopen(path, "rb");
    size_t size = file != NULL ? fread(head, 1, sizeof head, file) : 0;
    if (file != NULL)
        fclose(file);
    if (size < NOTHING)
        return NULL;
    const struct kind *found = find_kind(head, size);
    int own = found != NULL ? found->suffix != NULL && text_ends_with(path, found->suffix)
                            : kind_is_text(head, size) && !is_own_suffix(path);
    const char *name = kind_name(head, size);
    return own ? NULL : text_format("%s", name != NULL ? name : "of another kind");
}

#include "common/kind.h"

#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 4096, NOTHING = 16 }; /* nothing of worth fits into fewer bytes */

typedef struct kind {
    const char *suffix, *name;
    int (*is)(const unsigned char *head, size_t size);
} kind;

static int starts_with(const unsigned char *head, size_t size, const char *start, size_t length)
{
    return size >= length && memcmp(head, start, length) == 0;
}

/* The length of its header, then that header: JSON. */
static int is_safetensors(const unsigned char *head, size_t size)
{
    return size > 8 && head[8] == '{' && head[6] == 0 && head[7] == 0;
}

static int is_png(const unsigned char *head, size_t size)
{
    return starts_with(head, size, "\x89PNG", 4);
}

static int is_npy(const unsigned char *head, size_t size)
{
    return starts_with(head, size, "\x93NUMPY", 6);
}

static int is_gzip(const unsigned char *head, size_t size)
{
    return starts_with(head, size, "\x1f\x8b", 2);
}

static int is_text(const unsigned char *head, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (head[i] < ' ' && memchr("\t\n\v\f\r", head[i], 5) == NULL)
            return 0;
    return 1;
}

static int is_zip(const unsigned char *head, size_t size)
{
    return starts_with(head, size, "PK\3\4", 4);
}

static const kind kinds[] = {
    {".safetensors", "a safetensors file", is_safetensors},
    {".png", "a PNG picture", is_png},
    {".npy", "a NumPy array", is_npy},
    {".npz", "a zip archive", is_zip},
    {".gz", "a gzip file", is_gzip},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

char *kind_in_the_way(const char *path)
{
    unsigned char head[HEAD];
    FILE *file = fopen(path, "rb");
    size_t size = file != NULL ? fread(head, 1, sizeof head, file) : 0;
    if (file != NULL)
        fclose(file);
    if (size < NOTHING)
        return NULL;
    const char *is = is_text(head, size) ? "a text" : "of another kind";
    int own = is_text(head, size); /* all that a table may be called is left to texts */
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].is(head, size)) {
            own = text_ends_with(path, kinds[i].suffix);
            is = kinds[i].name;
            break;
        }
        if (text_ends_with(path, kinds[i].suffix))
            own = 0;
    }
    return own ? NULL : text_format("%s", is);
}

#include "data/image.h"
#include "data/bytes.h"

#include "common/fail.h"

#include <stdlib.h>
#include <string.h>

typedef struct image_kind {
    const char *start; /* the first bytes of such a file */
    size_t length;
    void (*load)(image *out, const char *path, const char *bytes, size_t size);
} image_kind;

static const image_kind kinds[] = {
    {"\x89PNG", 4, image_load_png}, {"\xff\xd8\xff", 3, image_load_jpeg},
    {"P2", 2, image_load_pnm},      {"P3", 2, image_load_pnm},
    {"P5", 2, image_load_pnm},      {"P6", 2, image_load_pnm},
    {"P1\n", 3, image_load_pnm},    {"P4\n", 3, image_load_pnm},
    {"P7\n", 3, image_load_pnm},    {"PF\n", 3, image_load_pnm},
    {"Pf\n", 3, image_load_pnm},
};

static const image_kind *kind_of(const char *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (size >= kinds[i].length && memcmp(bytes, kinds[i].start, kinds[i].length) == 0)
            return &kinds[i];
    }
    return NULL;
}

int image_knows(const char *bytes, size_t size)
{
    return kind_of(bytes, size) != NULL;
}

void image_load(image *out, const char *path)
{
    size_t size;
    char *bytes = data_bytes(path, &size);
    const image_kind *kind = kind_of(bytes, size);
    if (kind == NULL)
        fail("%s: not a PNG, JPEG, PGM or PPM file", path);
    *out = (image){.maximum = 255};
    kind->load(out, path, bytes, size);
    free(bytes);
}

#include "data/image.h"

#include "common/fail.h"
#include "common/kind.h"

#include <stdlib.h>
#include <string.h>

typedef struct image_kind {
    const char *start; /* the first bytes of such a file */
    size_t length;
    void (*parse)(image *out, const data_file *file);
} image_kind;

static const image_kind kinds[] = {
    {"\x89PNG", 4, image_parse_png},
    {"\xff\xd8\xff", 3, image_parse_jpeg},
};

/* "P5" may also begin a text: what follows it there is no number. */
static int is_pnm(const data_file *file)
{
    static const char white[] = " \t\r\n\v\f";
    if (file->size < 4 || file->bytes[0] != 'P' || strchr("1234567Ff", file->bytes[1]) == NULL)
        return 0;
    const char *rest = file->bytes + 2;
    size_t blanks = strspn(rest, white);
    int raw = file->bytes[1] == '7' || file->bytes[1] == 'F' || file->bytes[1] == 'f'; /* named to be refused */
    return (blanks > 0 && (raw || (strchr("-+0123456789", rest[blanks]) != NULL && rest[blanks] != '\0'))) ||
           rest[blanks] == '#';
}

static const image_kind *kind_of_picture(const data_file *file)
{
    static const image_kind pnm = {"P", 1, image_parse_pnm};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (data_begins(file, kinds[i].start, kinds[i].length))
            return &kinds[i];
    }
    return is_pnm(file) ? &pnm : NULL;
}

int image_knows(const data_file *file)
{
    return kind_of_picture(file) != NULL;
}

const char *const image_background_names[] = {"white", "black", "stored", NULL};

void image_parse(image *out, const data_file *file, image_background background)
{
    const image_kind *kind = kind_of_picture(file);
    if (kind == NULL) {
        const char *is = kind_name(file->bytes, file->size);
        fail("%s: not a PNG, JPEG, PGM or PPM file%s%s", file->path, is != NULL ? " but " : "", is != NULL ? is : "");
    }
    *out = (image){.maximum = 255, .background = background};
    kind->parse(out, file);
}

void image_load(image *out, const char *path, image_background background)
{
    data_file file;
    data_read(&file, path);
    image_parse(out, &file, background);
    free(file.bytes);
}

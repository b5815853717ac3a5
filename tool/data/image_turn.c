/* EXIF's orientation: how a camera was held. */
#include "data/image.h"

#include "common/memory.h"

#include <stdlib.h>
#include <string.h>

enum { TAG_ORIENTATION = 0x0112, TYPE_LONG = 4, ENTRY = 12 }; /* the type should be SHORT, and some write LONG */

static size_t whole(const unsigned char *bytes, size_t size, int big)
{
    size_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[big ? i : size - 1 - i];
    return value;
}

int image_orientation(const unsigned char *exif, size_t size)
{
    if (size < 8 || (memcmp(exif, "II*\0", 4) != 0 && memcmp(exif, "MM\0*", 4) != 0))
        return 1;
    int big = exif[0] == 'M';
    size_t at = whole(exif + 4, 4, big);
    if (at > size - 2)
        return 1;
    size_t entries = whole(exif + at, 2, big);
    at += 2;
    for (size_t i = 0; i < entries && size - at >= ENTRY; i++, at += ENTRY) {
        size_t value = whole(exif + at + 8, whole(exif + at + 2, 2, big) == TYPE_LONG ? 4 : 2, big);
        if (whole(exif + at, 2, big) == TAG_ORIENTATION)
            return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

/* Orientations 5 to 8 exchange rows and columns; of the upright picture 2, 3, 7, 8 count columns from the other end,
 * 3, 4, 6, 7 … of what is stored. */
static size_t stored_pixel(const image *from, int orientation, size_t y, size_t x)
{
    int swapped = orientation >= 5;
    size_t row = swapped ? x : y, column = swapped ? y : x;
    if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
        row = from->height - 1 - row;
    if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
        column = from->width - 1 - column;
    return row * from->width + column;
}

void image_turn(image *picture, int orientation)
{
    if (orientation <= 1)
        return;
    image up = *picture;
    up.height = orientation >= 5 ? picture->width : picture->height;
    up.width = orientation >= 5 ? picture->height : picture->width;
    up.pixels = allocate(up.height * up.width, up.channels * sizeof *up.pixels);
    for (size_t y = 0; y < up.height; y++)
        for (size_t x = 0; x < up.width; x++)
            memcpy(up.pixels + (y * up.width + x) * up.channels,
                   picture->pixels + stored_pixel(picture, orientation, y, x) * up.channels,
                   up.channels * sizeof *up.pixels);
    free(picture->pixels);
    *picture = up;
}

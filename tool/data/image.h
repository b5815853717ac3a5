/* Pictures from files: grey or RGB, exactly the values stored (no gamma) but where they are transparent, upright as
 * EXIF has them. */
#ifndef DATA_IMAGE_H
#define DATA_IMAGE_H

#include "data/bytes.h"

#include <stddef.h>
#include <stdint.h>

/* What shows through: a colour, or nothing, where the colours are taken as they are stored. */
typedef enum image_background {
    BACKGROUND_AUTO, /* white */
    BACKGROUND_WHITE,
    BACKGROUND_BLACK,
    BACKGROUND_STORED,
} image_background;

/* In that order, from white on; NULL behind the last. */
extern const char *const image_background_names[];

typedef struct image {
    uint16_t *pixels; /* [height, width, channels]; freed by free() */
    size_t height, width, channels;
    unsigned maximum; /* white; 255 for 8 bits a channel */
    image_background background;
    int transparent; /* it had pixels that are not opaque */
    int animated;    /* it is the first of several */
} image;

/* PNG, JPEG, PGM or PPM, by the first bytes. */
void image_load(image *out, const char *path, image_background background);
void image_parse(image *out, const data_file *file, image_background background);

/* Whether the file begins as one of these does. */
int image_knows(const data_file *file);

void image_parse_png(image *out, const data_file *file);
void image_parse_jpeg(image *out, const data_file *file);
void image_parse_pnm(image *out, const data_file *file);

/* The orientation 1..8 that EXIF data ("II*" or "MM", then its directory) gives; 1 if none. */
int image_orientation(const unsigned char *exif, size_t size);

/* Brings the middle of the picture to another size. */
void image_resize(image *picture, size_t height, size_t width);

/* Turns and mirrors the picture so that it is upright. */
void image_turn(image *picture, int orientation);

#endif

/* Pictures from files: 8 bits a channel, grey or RGB, exactly the values stored (no gamma, no transparency). */
#ifndef DATA_IMAGE_H
#define DATA_IMAGE_H

#include <stddef.h>

typedef struct image {
    unsigned char *pixels; /* [height, width, channels]; freed by free() */
    size_t height, width, channels;
} image;

/* PNG, JPEG or PGM, by the first bytes. */
void image_load(image *out, const char *path);

/* Whether the file begins as one of these does. */
int image_knows(const char *path);

void image_load_png(image *out, const char *path);
void image_load_jpeg(image *out, const char *path);
void image_load_pgm(image *out, const char *path);

#endif

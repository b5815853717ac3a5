/* Pictures from files: 8 bits a channel, grey or RGB, exactly the values stored (no gamma, no transparency). */
#ifndef DATA_IMAGE_H
#define DATA_IMAGE_H

#include <stddef.h>

typedef struct image {
    unsigned char *pixels; /* [height, width, channels]; freed by free() */
    size_t height, width, channels;
} image;

void image_load_png(image *out, const char *path);
void image_load_jpeg(image *out, const char *path);

#endif

/* What is missing of images: named by a word, drawn by chance, or read from a picture. */
#ifndef RESTORING_MASK_H
#define RESTORING_MASK_H

#include <stddef.h>
#include <stdint.h>

/* Marks what is known of count samples: known[i] = 1, missing = 0. `text` is half:left|right|top|bottom|center,
 * random:SHARE, or the path of a PNG file, white where pixels are missing. All channels of a pixel go together. */
void mask_make(uint8_t *known, const char *text, size_t count, const int64_t *shape, size_t rank, uint64_t seed);

#endif

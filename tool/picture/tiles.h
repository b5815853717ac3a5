/* Samples as small pictures, one pixel a value. */
#ifndef PICTURE_TILES_H
#define PICTURE_TILES_H

#include "picture/canvas.h"

#include <stddef.h>
#include <stdint.h>

typedef struct tiles {
    size_t height, width, channels; /* of one sample; a flat row is a picture of height 1 */
    double black, white;            /* the values shown as black and as white */
    double factor;                  /* pixels that a value is wide */
} tiles;

/* How samples of this shape are shown; ends the command if they are no pictures. */
tiles tiles_of(const int64_t *shape, size_t rank, double black, double white);

/* One sample, its upper left corner at x, y. */
void tile_draw(cairo_t *cr, const tiles *as, double x, double y, const float *values);

/* What there is beside the samples. */
typedef enum tiles_layout {
    TILES_PLAIN,  /* nothing */
    TILES_NAMED,  /* names to the left of lines */
    TILES_HEADED, /* names above columns */
    TILES_BESIDE, /* as many tiles of data, and titles */
} tiles_layout;

/* Ends the command, before there are any samples, if their picture would be too large. */
void tiles_check(const tiles *as, size_t count, size_t columns, tiles_layout layout);

/* All samples side by side; `columns` 0 for a good number of them. */
cairo_t *tiles_sheet(const tiles *as, const float *values, size_t count, size_t columns);

/* `columns` samples a line; to the left of line i its name, unless i >= named. */
cairo_t *tiles_sheet_lines(const tiles *as, const float *values, size_t count, size_t columns, const char *const *names,
                           size_t named);

/* The same with a name above each column, cut where it is longer than that is wide. */
cairo_t *tiles_sheet_columns(const tiles *as, const float *values, size_t count, size_t columns, char *const *names);

/* As tiles_sheet() of data, and of as many samples to the right of them. */
cairo_t *tiles_sheet_beside(const tiles *as, const float *data, const float *samples, size_t count, size_t columns);

#endif

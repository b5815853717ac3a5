/* Samples and data, for the eye. */
#ifndef COMPARING_PICTURE_H
#define COMPARING_PICTURE_H

#include "comparing/sets.h"
#include "picture/canvas.h"

/* Ends the command if the samples make none. */
void picture_check(const sets *of);

/* Images: the first samples, each at its place beside the nearest of the data. Tables: the first two columns of both.
 */
cairo_t *picture_sheet(const sets *of, const int64_t *nearest);

/* The same of `most` images, each `widest` pixels wide at most; 0 for any number. */
cairo_t *picture_images(const sets *of, const int64_t *nearest, size_t most, double widest);

#endif

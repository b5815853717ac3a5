/* Points of the plane. */
#ifndef PICTURE_SCATTER_H
#define PICTURE_SCATTER_H

#include "picture/plot.h"

/* Values [count, 2], in a frame already begun. */
void scatter_draw(const plot *p, const float *values, size_t count, colour c);

/* A picture of them alone, with axes of equal scale. */
cairo_t *scatter_sheet(const double *values, size_t count);

/* What the first two columns are called; NULL: x_1 and x_2. */
typedef struct scatter_names {
    const char *x, *y;
} scatter_names;

/* The first two of `dim` columns of data and as many samples, [count, dim] each; of one column the share of values
 * below each. */
cairo_t *scatter_sheet_beside(const double *data, const double *samples, size_t count, size_t dim,
                              const scatter_names *names);

#endif

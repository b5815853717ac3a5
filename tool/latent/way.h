/* Samples on the way between samples of data: what `diffusion interpolate` makes, and how it is shown. */
#ifndef LATENT_WAY_H
#define LATENT_WAY_H

#include "restoring/restore.h"

enum { WAY_POINTS = 1000 };

/* Between the neighbours of `points` samples. */
typedef struct way {
    restoration r;
    size_t points, count, rows; /* (points - 1) * count */
    int64_t at[WAY_POINTS];     /* the samples, by their place in the data from 0 */
    int32_t *labels;            /* [points], or NULL */
    int32_t *way_labels;        /* [rows]: the nearer end's, or NULL */
    double *values;             /* [rows, dim], in the data's units */
} way;

/* Ends the command, before anything is computed, if the picture would be too large. */
void way_check_picture(const way *w);

/* A table; points of the plane; or a line of pictures for each pair, between the data. */
void way_write(const way *w);

/* Says how well the data at the ends come back. */
void way_report(way *w);

#endif

/* Samples beside data, column by column. */
#ifndef PICTURE_DISTRIBUTIONS_H
#define PICTURE_DISTRIBUTIONS_H

#include "picture/canvas.h"

/* One column of either; a count of 0 for none. */
typedef struct column_values {
    const double *values;
    size_t count;
} column_values;

typedef struct histogram_figure {
    column_values data, samples;
    const char *label;
    int whole;         /* the values are whole numbers */
    double wide, high; /* the picture */
} histogram_figure;

/* Shares of the values; an outermost bar holds what lies beyond it, if that is less than a hundredth. */
cairo_t *figure_histogram(const histogram_figure *of);

typedef struct pair_values {
    const double *x, *y;
    size_t count;
} pair_values;

typedef struct pair_figure {
    pair_values data, samples;
    const char *x, *y; /* labels */
    double side;       /* of the frame */
} pair_figure;

/* Points of two columns. */
cairo_t *figure_pair(const pair_figure *of);

typedef struct profile_figure {
    const double *data, *samples; /* [count]; data may be NULL */
    size_t count;
    const char *label; /* of what they are */
    double wide;       /* the picture */
} profile_figure;

/* A number of every column, over the columns from 1. */
cairo_t *figure_profile(const profile_figure *of);

#endif

/* Axes with ticks, and what is drawn within them. */
#ifndef PICTURE_PLOT_H
#define PICTURE_PLOT_H

#include "picture/canvas.h"

#include <stddef.h>

typedef struct axis {
    double low, high;
    int logarithmic;
    const char *label; /* as label_draw() reads it; NULL for none */
    int bare;          /* no numbers at the ticks */
} axis;

typedef struct plot {
    cairo_t *cr;
    double left, top, width, height; /* of the frame */
    axis x, y;
} plot;

/* An axis that holds the finite values (of a logarithmic one: the positive), with some room on either side. */
axis axis_fit(const double *values, size_t count, int logarithmic, const char *label);

/* Grid, frame, ticks and labels, around a frame whose place is given. */
void plot_begin(plot *p);

/* Points outside the axes are left out. */
void plot_line(const plot *p, const double *x, const double *y, size_t count, colour c, double width);
void plot_dots(const plot *p, const double *x, const double *y, size_t count, colour c, double radius, double opacity);

/* Arrows from (x, y) to (x + dx, y + dy). */
void plot_arrows(const plot *p, const double *x, const double *y, const double *dx, const double *dy, size_t count,
                 colour c);

/* The area between two lines. */
void plot_band(const plot *p, const double *x, const double *low, const double *high, size_t count, colour c);

/* An entry of the legend in the upper right corner, `row` from 0. */
void plot_legend(const plot *p, int row, colour c, double width, const char *text);

#endif

/* A frame with its axes, and what is drawn within it. */
#ifndef PICTURE_PLOT_H
#define PICTURE_PLOT_H

#include "picture/axis.h"
#include "picture/canvas.h"

typedef struct plot {
    cairo_t *cr;
    double left, top, width, height; /* of the frame */
    axis x, y;
} plot;

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

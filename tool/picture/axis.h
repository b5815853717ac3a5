/* Axes of a plot and the marks along them. */
#ifndef PICTURE_AXIS_H
#define PICTURE_AXIS_H

#include <stddef.h>

typedef struct axis {
    double low, high;
    int logarithmic;
    const char *label; /* as label_draw() reads it; NULL for none */
    int bare;          /* no numbers at the ticks */
} axis;

/* An axis that holds the finite values (of a logarithmic one: the positive), with some room on either side. */
axis axis_fit(const double *values, size_t count, int logarithmic, const char *label);

/* What its numbers count from: 0, unless far from there they would all read alike. */
double axis_origin(const axis *a);

enum { TICKS_MAX = 128, TICK_NAME = 40 };

typedef struct tick {
    double value;
    int major;
    char name[TICK_NAME]; /* "" for a minor one */
} tick;

/* At most TICKS_MAX. */
size_t ticks_of(tick *out, const axis *a);

#endif

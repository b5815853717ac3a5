/* The figures that a command draws of its numbers. */
#ifndef PICTURE_FIGURES_H
#define PICTURE_FIGURES_H

#include "picture/tiles.h"

#define FIGURE_WIDTH 640 /* of curves, where nothing else is asked for */

/* Losses over the steps of training: first `count` of training, each a mean of `width` steps, then those of samples
 * held out. */
typedef struct loss_figure {
    const double *step, *loss; /* [count + held_count] */
    size_t count, held_count;
    double first, end; /* of the steps */
    size_t width;
    const char *unit; /* what the loss is measured in */
    double wide;      /* the picture */
} loss_figure;

/* With the moving average of those of training. */
cairo_t *figure_loss(const loss_figure *of);

/* The KL of every step t = 2..T, bits per sample, with its standard error; element t - 1 of [T]. Steps of
 * which nothing is known (NaN) are left out. `wide`: the picture. */
cairo_t *figure_terms(const double *bits, const double *standard_error, size_t steps, double wide);

/* Shares of anomalies above each threshold over shares of the rest, [points], rising from 0 to 1. */
typedef struct roc_figure {
    const double *rest, *anomalies;
    size_t points;
    const char *name; /* of the curve, for the legend */
} roc_figure;

cairo_t *figure_roc(const roc_figure *of);

/* Points of the plane are shown within -FIGURE_PLANE..FIGURE_PLANE. */
#define FIGURE_PLANE 3.2

/* States of the forward and the reverse process, side by side as in the paper's figure 1. */
typedef struct trajectory {
    size_t columns;       /* moments shown */
    const double *t;      /* [columns], falling */
    const float *forward; /* [columns, count, dim] */
    const float *reverse; /* [columns, count, dim] */
    size_t count;         /* samples */
    int32_t steps;        /* T */
} trajectory;

/* How the model moves points of a grid at each moment shown. */
typedef struct drift_field {
    size_t count;       /* points */
    float cell;         /* distance of neighbours */
    const float *x;     /* [count, 2] */
    const float *drift; /* [columns, count, 2]: f_mu(x, t) - x */
} drift_field;

/* One row of panels for each process, and one for the drift unless that is NULL; points of the plane, in the model's
 * units. */
cairo_t *figure_trajectory_plane(const trajectory *of, const drift_field *drift);

/* Ends the command, before anything is drawn, if figure_trajectory_tiles() of so many samples would be too large. */
void figure_trajectory_check(const tiles *as, size_t columns, size_t count);

/* One row of pictures for each sample. */
cairo_t *figure_trajectory_tiles(const trajectory *of, const tiles *as);

#endif

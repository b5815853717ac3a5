/* Rows on the way between samples, in the space of the noise that a solver makes them of. */
#ifndef LATENT_BETWEEN_H
#define LATENT_BETWEEN_H

#include <stddef.h>
#include <stdint.h>

/* Spherical interpolation of a and b [dim], at `part` of 0..1: on the arc between them, so that what lies between is as
 * long as noise is; straight where they are parallel. */
void between_at(float *out, const float *a, const float *b, size_t dim, double part);

/* The ways between neighbours of `points` rows [points, dim], `count` rows each with both ends: [points - 1, count,
 * dim].
 */
void between_fill(float *out, const float *rows, size_t points, size_t count, size_t dim);

#endif

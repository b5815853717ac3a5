/* Squared distances between many rows, by products: |a|^2 + |b|^2 - 2 a b. */
#ifndef EVALUATE_DISTANCES_H
#define EVALUATE_DISTANCES_H

#include <diffusion/status.h>
#include <stddef.h>

enum {
    DISTANCES_ROWS = 64,    /* of a tile, */
    DISTANCES_COLUMNS = 256 /* and rows of the other set: their product stays in the second-level cache */
};

/* Rows less a centre: the formula loses less the nearer to 0 all are. */
typedef struct centred {
    const float *rows; /* [count, dim], as they were given */
    float *values;     /* [count, dim] */
    double *square;    /* [count]: the squared lengths */
    size_t count, dim;
} centred;

/* The mean of the rows, [dim]; NULL with the sentence set if memory runs out. */
double *distances_centre(const float *rows, size_t count, size_t dim);

/* The rows are borrowed. Releases nothing on failure: centred_release() is due either way. */
diffusion_status centred_create(centred *out, const float *rows, size_t count, size_t dim, const double *centre);
void centred_release(centred *of);

/* product [rows, DISTANCES_COLUMNS] = a b^T of some rows each. */
void distances_multiply(float *product, const centred *a, size_t first, size_t rows, const centred *b, size_t from,
                        size_t columns);

/* What |a|^2 + |b|^2 - 2 a b is off, `squares` being |a|^2 + |b|^2: where rounding goes up as often as down; and at
 * most, as of values that are all alike, where each sum is rounded the same way. */
double distances_blur(double squares, size_t dim);
double distances_bound(double squares, size_t dim);

/* The same without that formula. */
double distances_direct(const float *a, const float *b, size_t dim);

#endif

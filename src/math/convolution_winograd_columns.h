/* The products of a Winograd convolution's backward pass, by columns of six frequencies and blocks of inputs. */
#ifndef MATH_CONVOLUTION_WINOGRAD_COLUMNS_H
#define MATH_CONVOLUTION_WINOGRAD_COLUMNS_H

#include "math/convolution_winograd.h"

typedef struct winograd_steps {
    const convolution_training *run;
    winograd_layout layout;
    size_t image, images; /* that V and dM are of */
    size_t first;         /* the first image that Z adds up */
    float *v, *dm, *z;
    const float *turned; /* the weights [blocks of inputs, 9, out, inputs of the block] */
    const float *u;      /* U^T likewise for all frequencies; NULL: made in the tasks */
    float *columns;      /* in slots */
} winograd_steps;

/* Floats from one plane of Z to the next, and from one frequency of U^T. */
static inline size_t winograd_step_of(const convolution *plan)
{
    return plan->shape.in * plan->shape.out + WINOGRAD_PADDING;
}

/* Z = G^T dU of a column, from V and dM, for the inputs from `input` on, then dV in V's place, if dx is wanted.
 * `columns`: winograd_column_size(out) floats of scratch. */
void winograd_multiply_column(const winograd_steps *job, size_t column, size_t input, float *columns);

#endif

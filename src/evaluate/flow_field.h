/* The probability flow of a model (Song et al. 2021, arXiv:2011.13456, section 4.3) on a path that is the same for
 * every schedule: z = x / w with w^2 = signal^2 + sigma^2 goes from the data to the noise as an angle goes up,
 *
 *     z = cos(a) x_0 + sin(a) epsilon,   tan(a) = sigma / signal,   dz / da = cos(a) epsilon - sin(a) x_0
 *
 * which stays of the data's size and has no pole at either end, whatever signal and sigma do there. */
#ifndef EVALUATE_FLOW_FIELD_H
#define EVALUATE_FLOW_FIELD_H

#include "model/predictor.h"

typedef struct flow_field {
    predictor predictor;
    size_t rows;              /* at most, of a batch */
    size_t directions;        /* along which a divergence is taken: dim for the whole trace, or 1 probe */
    reverse_step *steps;      /* [rows] */
    const reverse_step **at;  /* [rows] */
    double *x, *x0, *epsilon; /* [rows, dim] */
    double *moved, *ahead;    /* [rows, dim]; of callbacks */
    double *weight;           /* [rows, outputs]; of networks */
    double *slope;            /* [rows, dim]; of networks */
} flow_field;

/* Points of the flow, each at its own angle. */
typedef struct flow_points {
    size_t n;
    const double *angle; /* [n] */
    const double *z;     /* [n, dim], at z + i * stride */
    size_t stride;
    const double *probe; /* [n, dim] where one direction stands for all, of mean 0 and variance 1 in each value */
    const struct diffusion_condition *condition;
} flow_points;

/* On failure there is nothing to release. `exact`: the whole trace, not a probe. */
diffusion_status flow_field_open(flow_field *self, const struct diffusion_model *model,
                                 const struct diffusion_schedule *schedule, size_t rows, int exact);
void flow_field_close(flow_field *self);

/* The angle of a level, and what a point is multiplied by to be x there. */
double flow_angle(const noise_level *at);
double flow_whole(const noise_level *at);

/* dz / da, and its divergence behind it: [n, dim + 1], at out + i * stride. */
diffusion_status flow_field_slopes(flow_field *self, flow_points points, double *out, size_t stride);

#endif

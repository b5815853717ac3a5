/* One run of the moments, which its files share. */
#ifndef EVALUATE_MOMENTS_RUN_H
#define EVALUATE_MOMENTS_RUN_H

#include "evaluate/evaluator.h"
#include "model/predictor.h"

typedef struct moments_options {
    uint64_t seed;
    int64_t rows;
    double dequantize;
} moments_options;
typedef struct moments_figures {
    size_t rows;
    double *noise, *error; /* [T] */
    double data_variance;
} moments_figures;

/* What the draws of one step sum up to: a is the square of the model's noise, b that of the true one. */
typedef struct step_sums {
    double a, b, ab, bb, error;
} step_sums;

typedef struct moments_run {
    const struct diffusion_evaluator *self;
    moments_options options;
    predictor predictor;
    reverse_step *steps;                         /* [T + 1] */
    const struct diffusion_condition *condition; /* of the data */
    struct diffusion_condition *picked;          /* of the chunk */
    const float *data;                           /* [n, dim] */
    size_t n, dim, rows, first, count;           /* draws of a step; the chunk at hand */
    double *x0, *xt, *noise, *epsilon;           /* [MODEL_FORWARD_ROWS, dim] */
    double squares[MODEL_FORWARD_ROWS][3];       /* of each draw: a, b, error */
    size_t row_of[MODEL_FORWARD_ROWS];
    const reverse_step *at[MODEL_FORWARD_ROWS];
    step_sums *sums; /* [T] */
    moments_figures figures;
} moments_run;

/* moments_draws.c: all draws, and the figures of them. */
diffusion_status moments_take_all(moments_run *run);

/* Tells of progress: so many rows of the chunk at hand. A predictor_tick_fn of a run. */
diffusion_status moments_tick(void *user, size_t rows);

#endif

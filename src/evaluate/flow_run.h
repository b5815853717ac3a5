/* One run of the flow's likelihood, which its files share. */
#ifndef EVALUATE_FLOW_RUN_H
#define EVALUATE_FLOW_RUN_H

#include "evaluate/evaluator.h"
#include "evaluate/flow_field.h"

typedef enum flow_trace { TRACE_AUTO, TRACE_EXACT, TRACE_PROBE } flow_trace;

typedef struct flow_options {
    uint64_t seed;
    int64_t draws;
    double from, rtol, atol, dequantize;
    int32_t trace;
} flow_options;

/* "Per draw" is [n * draws]: draw d of sample i stands at i * draws + d. */
typedef struct flow_figures {
    size_t n, draws;
    double *nats;       /* per draw: the log density */
    double evaluations; /* of the model's output for a draw, the mean */
} flow_figures;

/* A draw on its way from the data to the noise. */
typedef struct flow_row {
    double angle, h; /* where it is, and the step that it tries next */
    int64_t tries;
    int arrived;
} flow_row;

enum { FLOW_ROWS = 256 }; /* draws that travel together */

typedef struct flow_run {
    const struct diffusion_evaluator *self;
    flow_options options;
    flow_field field;
    const struct diffusion_condition *condition;
    double first, last; /* angles */
    size_t dim, threads;
    /* The draws at hand: */
    size_t begin, rows, active; /* begin..begin+rows-1, and how many still travel */
    flow_row row[FLOW_ROWS];
    size_t index[FLOW_ROWS]; /* which those are */
    double *state;           /* [FLOW_ROWS, dim + 1]: z, and the integral of the divergence behind it */
    double *slopes;          /* [FLOW_ROWS, stages, dim + 1] */
    double *probes;          /* [FLOW_ROWS, dim], or NULL */
    /* Those that travel, together: */
    double *look, *slope, *probe; /* [FLOW_ROWS, dim + 1], likewise, [FLOW_ROWS, dim] */
    double angle[FLOW_ROWS];
    struct diffusion_condition *picked;
    int64_t spent; /* evaluations of the model's output */
    flow_figures figures;
} flow_run;

/* flow_travel.c. Carries the draws at hand, whose states are set, to the noise. */
diffusion_status flow_travel(flow_run *run);

/* Tells of progress, in thousandths of the draws' ways. A predictor_tick_fn of a run. */
diffusion_status flow_tick(void *user, size_t rows);

#endif

/* One run of the bound, which its files share. */
#ifndef EVALUATE_ELBO_RUN_H
#define EVALUATE_ELBO_RUN_H

#include "base/rng.h"
#include "evaluate/elbo_figures.h"
#include "evaluate/elbo_times.h"
#include "model/predictor.h"

typedef struct elbo_run {
    const struct diffusion_evaluator *self;
    elbo_options options;
    const struct diffusion_model *model;
    const struct diffusion_schedule *schedule;
    const kernel *kernel;
    predictor predictor;
    chain chain;                           /* steps are counted by number in it */
    struct diffusion_condition *condition; /* of every draw, owned; NULL for none */
    double *x0;                            /* [n, dim], dequantised */
    elbo_times times;
    int32_t *t;                   /* the steps of a pass, [passes, draws]: as many passes as have to be kept */
    double *nats;                 /* and its terms, likewise */
    double *xt, *mean, *variance; /* one chunk, [MODEL_FORWARD_ROWS, dim] */
    const reverse_step **at;      /* [MODEL_FORWARD_ROWS] */
    size_t threads;               /* as many as there are laws, whatever a callback sets meanwhile */
    double *laws;                 /* per thread: a law, [2, dim] */
    double *prior;                /* p(x_T), [2, dim] */
    size_t chunk;                 /* first draw of the chunk at hand */
    int64_t done, total;          /* progress, in terms of draws */
    elbo_figures figures;
} elbo_run;

static inline law elbo_law(double *memory, size_t dim)
{
    return (law){memory, memory + dim};
}

/* One term of every draw. Draws are numbered i * draws + d. */
typedef struct elbo_pass {
    const int32_t *t;    /* per draw */
    double *nats;        /* result, per draw */
    rng_purpose purpose; /* of the noise */
    uint32_t again;      /* keeps the noise of passes apart that meet at one t */
} elbo_pass;

/* elbo_data.c. Checks the data and takes it in double; the prior's term, and L_null. */
diffusion_status elbo_take_data(elbo_run *run, const float *data);

/* elbo_terms.c */
diffusion_status elbo_measure_pass(elbo_run *run, elbo_pass pass);

/* Tells of progress within a pass: so many rows of the chunk at hand. A predictor_tick_fn of a run. */
diffusion_status elbo_tick(void *user, size_t rows);

#endif

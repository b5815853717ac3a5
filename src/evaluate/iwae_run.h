/* One run of the importance-weighted bound, which its files share. */
#ifndef EVALUATE_IWAE_RUN_H
#define EVALUATE_IWAE_RUN_H

#include "evaluate/chain.h"
#include "evaluate/edge.h"
#include "evaluate/evaluator.h"
#include "model/predictor.h"

typedef struct iwae_options {
    uint64_t seed;
    int64_t samples;
    chain_options chain;
    edge_options edge;
} iwae_options;
typedef struct iwae_figures {
    size_t n, samples;
    double *nats;      /* [n]: the logarithm of the mean weight */
    double *error;     /* [n]: its standard error, by the spread of the weights */
    double *effective; /* [n]: how many equal weights would be as good */
} iwae_figures;

/* Trajectories numbered i * samples + k; those of a chunk go down together. */
typedef struct iwae_run {
    const struct diffusion_evaluator *self;
    iwae_options options;
    const kernel *kernel;
    predictor predictor;
    chain chain;
    struct diffusion_condition *condition; /* of every trajectory; NULL for none */
    double *x0;                            /* [n, dim], dequantised */
    double *weight;                        /* [n * samples]: the logarithm of the ratio, so far */
    size_t first, rows, dim, threads;      /* the chunk at hand */
    int32_t t;                             /* by number in the chain */
    double *x, *noise, *mean, *variance;   /* [MODEL_FORWARD_ROWS, dim] */
    const reverse_step **at;               /* [MODEL_FORWARD_ROWS] */
    double *laws;                          /* per thread: two laws, [4, dim] */
    int64_t done, total;                   /* in steps of trajectories */
    iwae_figures figures;
} iwae_run;

/* iwae_weights.c: the weights of all trajectories, and what they come to. */
diffusion_status iwae_run_weights(iwae_run *run, const float *data);

/* Tells of progress within a pass. A predictor_tick_fn of a run. */
diffusion_status iwae_tick(void *user, size_t rows);

#endif

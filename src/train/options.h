/* The trainer's spec. */
#ifndef TRAIN_OPTIONS_H
#define TRAIN_OPTIONS_H

#include "base/spec.h"

extern const char objective_names[], weight_names[], times_names[]; /* of their tables, "a|b" */

typedef enum optimizer_kind { OPTIMIZER_ADAM, OPTIMIZER_ADAMW, OPTIMIZER_SGD, OPTIMIZER_MUON } optimizer_kind;
#define OPTIMIZER_CHOICES "adam|adamw|sgd|muon"

typedef enum decay_kind { DECAY_NONE, DECAY_LINEAR, DECAY_COSINE } decay_kind;
#define DECAY_CHOICES "none|linear|cosine"

/* How the uniform numbers of a step's samples, whose quantiles are drawn, stand to one another. */
typedef enum time_draws_kind {
    TIME_DRAWS_INDEPENDENT,
    TIME_DRAWS_ANTITHETIC,
    TIME_DRAWS_LOW_DISCREPANCY
} time_draws_kind;
#define TIME_DRAWS_CHOICES "independent|antithetic|low_discrepancy"

/* What a bound makes of step 1: -log p(x_0 | x_1) by the model's own law, or by the forward step's, which asks nothing
 * of the model, or by the mass of that law in the bin of x_0. */
typedef enum trained_edge { TRAINED_EDGE_MODEL, TRAINED_EDGE_FORWARD, TRAINED_EDGE_DISCRETIZED } trained_edge;
#define TRAINED_EDGE_CHOICES "model|forward|discretized"

#define LEARNED_SCHEDULE_CHOICES "no|yes|log_snr"

typedef struct trainer_options {
    int32_t objective, edge, weight, times, time_draws, optimizer, decay, ema_warmup, post_hoc_ema, cdf;
    double snr_gamma, p_mean, p_std, logit_mean, logit_std;
    double rate, beta1, beta2, epsilon, momentum, weight_decay, clip, ema, dequantize, condition_dropout;
    int64_t steps, batch, warmup, levels;
    uint64_t seed;
    int32_t learn_schedule;
    double schedule_rate;
} trainer_options;

const spec_grammar *trainer_grammar(void);
char *trainer_help(void);

#endif

/* The variance of p(x_to | x_from) of additive kernels: fixed, or the network's second output s. */
#ifndef MODEL_VARIANCE_H
#define MODEL_VARIANCE_H

#include "process/level.h"

/* In the order of the names "a|b". */
typedef enum variance_kind {
    VARIANCE_SMALL,
    VARIANCE_LARGE,
    VARIANCE_LEARNED,
    VARIANCE_RANGE,
    VARIANCE_RAW
} variance_kind;
extern const char variance_names[];
const char *variance_name(variance_kind kind);

int variance_is_learned(variance_kind kind);
/* Whether it is the output itself, which nothing holds above 0: for training it is no variance. */
int variance_is_raw(variance_kind kind);
/* Whether it is a chance, below 1, as the forward step's is where variance is preserved. */
int variance_is_chance(variance_kind kind);

/* What the variances of one transition are made of. */
typedef struct variance_ends {
    variance_kind kind;
    double log_small, log_large; /* the posterior's, the forward step's */
    double logit_large;
    double fixed; /* where it is not learned */
} variance_ends;

/* `above` is the level that the chain came from, NULL at its first: a posterior's variance that would be 0, at the
 * data, is that of the step above, as in improved DDPM's code, which gives it to a fixed variance of either kind. */
variance_ends variance_ends_of(variance_kind kind, const noise_level *from, const noise_level *to,
                               const noise_level *above);

/* The variance, and the derivative of its logarithm by s. */
double variance_at(const variance_ends *ends, double s);
double variance_log_slope(const variance_ends *ends, double variance);

#endif

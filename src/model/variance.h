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

/* fixed_small's, between two levels as in variance_ends_of(). */
double variance_fixed_small(const noise_level *from, const noise_level *to, const noise_level *above);

/* What a chain may take in the place of the model's variance, in the order of the names: nothing else, a fixed one, the
 * one that is best for the mean that the model gives, which is the posterior's and what the mean is off by (Bao et al.
 * 2022, arXiv:2206.07309), or the one that would be if that mean were the true one (arXiv:2201.06503). */
typedef enum variance_asked {
    VARIANCE_OF_MODEL,
    VARIANCE_ASKED_SMALL,
    VARIANCE_ASKED_LARGE,
    VARIANCE_ANALYTIC,
    VARIANCE_IDEAL
} variance_asked;
extern const char variance_asked_names[];
int variance_is_asked(variance_asked asked);
int variance_reads_moments(variance_asked asked);
int variance_is_ideal(variance_asked asked);

/* covariance: the mean variance of a value of x_0 given x_from, for those that read moments. At the data the published
 * code's variance of p(x_0 | x_1) is that of fixed_small, `first`; a jump there from a higher step has the covariance
 * itself, if that is more. */
variance_ends variance_ends_asked(variance_asked asked, const noise_level *from, const noise_level *to,
                                  const noise_level *above, double first, double covariance);

/* The KL of the posterior from a law with this variance, in the mean and in nats for each value: narrower is the
 * posterior's variance over the forward step's; covariance and error are the mean squares by which the best mean and
 * the model's are off, in units of the posterior's variance. A learned variance counts as the analytic one. */
double variance_expected_kl(variance_asked asked, variance_kind own, double narrower, double covariance, double error);

/* The variance, and the derivative of its logarithm by s. */
double variance_at(const variance_ends *ends, double s);
double variance_log_slope(const variance_ends *ends, double variance);

#endif

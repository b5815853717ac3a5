#include "model/variance.h"

#include <math.h>
#include <stddef.h>

const char variance_names[] = "fixed_small|fixed_large|learned|learned_range|learned_raw";

const char *variance_name(variance_kind kind)
{
    static const char *const names[] = {"fixed_small", "fixed_large", "learned", "learned_range", "learned_raw"};
    return names[kind];
}

int variance_is_learned(variance_kind kind)
{
    return kind == VARIANCE_LEARNED || kind == VARIANCE_RANGE || kind == VARIANCE_RAW;
}

int variance_is_raw(variance_kind kind)
{
    return kind == VARIANCE_RAW;
}

int variance_is_chance(variance_kind kind)
{
    return kind == VARIANCE_LEARNED;
}

static double logit(double p)
{
    return log(p) - log1p(-p);
}

static double logistic(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

variance_ends variance_ends_of(variance_kind kind, const noise_level *from, const noise_level *to,
                               const noise_level *above)
{
    const int edge = to->sigma == 0.0;
    const double large = level_step_variance(to, from);
    const double small = !edge           ? level_posterior_of(to, from).variance
                         : above != NULL ? level_posterior_of(from, above).variance
                                         : large;
    const double fixed = edge ? (level_variance(from) == 1.0 ? small : large) : kind == VARIANCE_SMALL ? small : large;
    return (variance_ends){kind, log(small), log(large), logit(large), fixed};
}

double variance_fixed_small(const noise_level *from, const noise_level *to, const noise_level *above)
{
    return variance_ends_of(VARIANCE_SMALL, from, to, above).fixed;
}

const char variance_asked_names[] = "model|fixed_small|fixed_large|analytic|analytic_ideal";

int variance_is_asked(variance_asked asked)
{
    return asked != VARIANCE_OF_MODEL;
}

int variance_reads_moments(variance_asked asked)
{
    return asked == VARIANCE_ANALYTIC || asked == VARIANCE_IDEAL;
}

int variance_is_ideal(variance_asked asked)
{
    return asked == VARIANCE_IDEAL;
}

static double analytic(const noise_level *from, const noise_level *to, double first, double covariance)
{
    if (to->sigma > 0.0) {
        const level_posterior q = level_posterior_of(to, from);
        return q.variance + q.x0 * q.x0 * covariance;
    }
    return from->t > 1.0 ? fmax(covariance, first) : first;
}

variance_ends variance_ends_asked(variance_asked asked, const noise_level *from, const noise_level *to,
                                  const noise_level *above, double first, double covariance)
{
    variance_ends ends =
        variance_ends_of(asked == VARIANCE_ASKED_LARGE ? VARIANCE_LARGE : VARIANCE_SMALL, from, to, above);
    if (variance_reads_moments(asked))
        ends.fixed = analytic(from, to, first, covariance);
    return ends;
}

double variance_expected_kl(variance_asked asked, variance_kind own, double narrower, double covariance, double error)
{
    const int model = asked == VARIANCE_OF_MODEL;
    double share = 1.0 / (1.0 + covariance),
           log_share = -log1p(covariance); /* the posterior's variance over the law's */
    if (asked == VARIANCE_ASKED_LARGE || (model && own == VARIANCE_LARGE)) {
        share = narrower;
        log_share = log(narrower);
    } else if (asked == VARIANCE_ASKED_SMALL || (model && own == VARIANCE_SMALL)) {
        share = 1.0;
        log_share = 0.0;
    }
    return 0.5 * (share * error + (share - 1.0) - log_share);
}

double variance_at(const variance_ends *ends, double s)
{
    switch (ends->kind) {
    case VARIANCE_SMALL:
    case VARIANCE_LARGE:
        break;
    case VARIANCE_LEARNED: /* the paper's: sigmoid(s + logit(beta)) */
        return logistic(s + ends->logit_large);
    case VARIANCE_RANGE: { /* equation 15 of arXiv:2102.09672 */
        double v = 0.5 * (s + 1.0);
        return exp(v * ends->log_large + (1.0 - v) * ends->log_small);
    }
    case VARIANCE_RAW:
        return s > 0.0 ? s : NAN;
    }
    return ends->fixed;
}

double variance_log_slope(const variance_ends *ends, double variance)
{
    switch (ends->kind) {
    case VARIANCE_SMALL:
    case VARIANCE_LARGE:
        break;
    case VARIANCE_LEARNED:
        return 1.0 - variance;
    case VARIANCE_RANGE:
        return 0.5 * (ends->log_large - ends->log_small);
    case VARIANCE_RAW:
        return 1.0 / variance;
    }
    return 0.0;
}

#include "evaluate/bound.h"

#include "base/error.h"
#include "base/nearest.h"

#include <math.h>
#include <string.h>

static double chain_of(const struct diffusion_bound *bound, size_t sample)
{
    double sum = 0.0;
    for (size_t d = 0; d < bound->draws; d++)
        sum += bound->chain[sample * bound->draws + d];
    return sum / (double)bound->draws;
}

double bound_sample_nats(const struct diffusion_bound *bound, size_t sample)
{
    return chain_of(bound, sample) - bound->prior[sample];
}

static double null_nats(const struct diffusion_bound *bound, size_t sample)
{
    return bound->null[sample];
}

static double gain_nats(const struct diffusion_bound *bound, size_t sample)
{
    return bound_sample_nats(bound, sample) - bound->null[sample];
}

static double prior_nats(const struct diffusion_bound *bound, size_t sample)
{
    return bound->prior[sample];
}

typedef double sample_fn(const struct diffusion_bound *bound, size_t sample);

static double mean_bits(const struct diffusion_bound *bound, sample_fn *value)
{
    double sum = 0.0;
    for (size_t i = 0; i < bound->n; i++)
        sum += value(bound, i);
    return sum / (double)bound->n / nats_per_bit;
}

/* Sum over samples of the variance that one sample's draws show, nats^2; NaN for a single draw. */
static double draw_variances(const struct diffusion_bound *bound)
{
    double sum = 0.0, draws = (double)bound->draws;
    for (size_t i = 0; i < bound->n; i++) {
        double mean = chain_of(bound, i);
        for (size_t d = 0; d < bound->draws; d++) {
            double off = bound->chain[i * bound->draws + d] - mean;
            sum += off * off / (draws - 1.0);
        }
    }
    return bound->draws > 1 ? sum : NAN;
}

/* What the finite number of draws adds to the error of the mean. */
static double draw_error_bits(const struct diffusion_bound *bound)
{
    return sqrt(draw_variances(bound) / (double)bound->draws) / (double)bound->n / nats_per_bit;
}

static double error_bits(const struct diffusion_bound *bound, sample_fn *value)
{
    if (bound->n == 1)
        return value == null_nats ? NAN : draw_error_bits(bound);
    double mean = mean_bits(bound, value), sum = 0.0, n = (double)bound->n;
    for (size_t i = 0; i < bound->n; i++) {
        double off = value(bound, i) / nats_per_bit - mean;
        sum += off * off;
    }
    return sqrt(sum / (n - 1.0) / n);
}

static double kl_bits(const struct diffusion_bound *bound)
{
    double sum = 0.0;
    for (int32_t t = 2; t <= bound->steps; t++)
        sum += bound->term[t - 1];
    return sum / nats_per_bit;
}

/* Code length per value; uniform noise of width w turns the density into a mass by log2 w (section 3.1 of Theis et al.
 * 2016, arXiv:1511.01844). */
static double bits_per_dimension(const struct diffusion_bound *bound)
{
    double code = -mean_bits(bound, bound_sample_nats) / (double)bound->dim;
    return bound->dequantize > 0.0 ? code - log2(bound->dequantize) : code;
}

enum { FIGURES = 12 };

/* In the order of figure_at(). */
static const char *const names[FIGURES] = {
    "k_bits",
    "null_bits",
    "k_minus_null_bits",
    "standard_error_bits",
    "null_standard_error_bits",
    "k_minus_null_standard_error_bits",
    "draw_error_bits",
    "edge_bits",
    "kl_bits",
    "prior_bits",
    "k_bits_per_dimension",
    "bits_per_dimension",
};

static double figure_at(const struct diffusion_bound *bound, size_t which)
{
    const double figures[FIGURES] = {
        mean_bits(bound, bound_sample_nats),
        mean_bits(bound, null_nats),
        mean_bits(bound, gain_nats),
        error_bits(bound, bound_sample_nats),
        error_bits(bound, null_nats),
        error_bits(bound, gain_nats),
        draw_error_bits(bound),
        -bound->term[0] / nats_per_bit,
        kl_bits(bound),
        mean_bits(bound, prior_nats),
        mean_bits(bound, bound_sample_nats) / (double)bound->dim,
        bits_per_dimension(bound),
    };
    return figures[which];
}

diffusion_status bound_summary(const struct diffusion_bound *bound, const char *quantity, double *out)
{
    for (size_t i = 0; i < FIGURES; i++) {
        if (strcmp(names[i], quantity) == 0) {
            *out = figure_at(bound, i);
            return DIFFUSION_OK;
        }
    }
    const char *nearest = nearest_name(quantity, strlen(quantity), names, FIGURES);
    return error_set(DIFFUSION_E_NAME, "bound_value: unknown quantity '%.80s'%s%s%s", quantity,
                     nearest != NULL ? ", did you mean '" : ", expected one such as '",
                     nearest != NULL ? nearest : "k_bits", nearest != NULL ? "'?" : "'");
}

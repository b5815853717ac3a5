#include "evaluate/bound.h"

#include <math.h>
#include <string.h>

static const double nats_per_bit = 0.693147180559945309417232121458;

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

int bound_summary(const struct diffusion_bound *bound, const char *quantity, double *out)
{
    const struct {
        const char *name;
        double value;
    } figures[] = {
        {"k_bits", mean_bits(bound, bound_sample_nats)},
        {"null_bits", mean_bits(bound, null_nats)},
        {"k_minus_null_bits", mean_bits(bound, gain_nats)},
        {"standard_error_bits", error_bits(bound, bound_sample_nats)},
        {"null_standard_error_bits", error_bits(bound, null_nats)},
        {"k_minus_null_standard_error_bits", error_bits(bound, gain_nats)},
        {"draw_error_bits", draw_error_bits(bound)},
        {"edge_bits", -bound->term[0] / nats_per_bit},
        {"kl_bits", kl_bits(bound)},
        {"prior_bits", mean_bits(bound, prior_nats)},
        {"k_bits_per_dimension", mean_bits(bound, bound_sample_nats) / (double)bound->dim},
        {"bits_per_dimension", bits_per_dimension(bound)},
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        if (strcmp(figures[i].name, quantity) == 0) {
            *out = figures[i].value;
            return 1;
        }
    }
    return 0;
}

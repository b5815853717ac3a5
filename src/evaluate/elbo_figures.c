#include "evaluate/elbo_figures.h"

#include "base/memory.h"

#include <math.h>

void elbo_figures_release(elbo_figures *self)
{
    double *arrays[] = {self->chain, self->prior, self->null, self->term, self->term_error};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
    *self = (elbo_figures){.n = 0};
}

static const elbo_figures *figures_of(const struct diffusion_evaluator *self)
{
    return self->state;
}

/* ---- one sample ---- */

static double chain_nats(const elbo_figures *of, size_t sample)
{
    return evaluator_draws_mean(of->chain + sample * of->draws, of->draws);
}

double elbo_sample(const struct diffusion_evaluator *self, size_t index)
{
    const elbo_figures *of = figures_of(self);
    return (chain_nats(of, index) - of->prior[index]) / nats_per_bit;
}

double elbo_sample_error(const struct diffusion_evaluator *self, size_t index)
{
    const elbo_figures *of = figures_of(self);
    return evaluator_draws_error(of->chain + index * of->draws, of->draws) / nats_per_bit;
}

static double null_bits(const struct diffusion_evaluator *self, size_t index)
{
    return figures_of(self)->null[index] / nats_per_bit;
}

static double gain_bits(const struct diffusion_evaluator *self, size_t index)
{
    return elbo_sample(self, index) - null_bits(self, index);
}

static double prior_bits(const struct diffusion_evaluator *self, size_t index)
{
    return figures_of(self)->prior[index] / nats_per_bit;
}

/* ---- over samples ---- */

/* What the finite number of draws adds to the error of the mean. */
static double draw_error_bits(const struct diffusion_evaluator *self)
{
    double sum = 0.0;
    for (size_t i = 0; i < self->n; i++)
        sum += pow(elbo_sample_error(self, i), 2.0);
    return sqrt(sum) / (double)self->n;
}

/* Of one sample over its draws. */
static double error_bits(const struct diffusion_evaluator *self,
                         double (*of)(const struct diffusion_evaluator *, size_t))
{
    return self->n > 1 ? evaluator_error(self, of) : draw_error_bits(self);
}

/* Code length per value. */
static double bits_per_dimension(const struct diffusion_evaluator *self)
{
    const double width = edge_width(&((const elbo_options *)&self->options.own)->edge);
    const double code = -evaluator_mean(self, elbo_sample) / (double)self->model->dim;
    return width > 0.0 ? code - log2(width) : code;
}

/* In the order of elbo_value(). */
const char *const elbo_quantities[ELBO_QUANTITIES] = {
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

double elbo_value(const struct diffusion_evaluator *self, size_t quantity)
{
    const double values[ELBO_QUANTITIES] = {
        evaluator_mean(self, elbo_sample),
        evaluator_mean(self, null_bits),
        evaluator_mean(self, gain_bits),
        error_bits(self, elbo_sample),
        evaluator_error(self, null_bits),
        error_bits(self, gain_bits),
        draw_error_bits(self),
        -figures_of(self)->edge / nats_per_bit,
        figures_of(self)->kl / nats_per_bit,
        evaluator_mean(self, prior_bits),
        evaluator_mean(self, elbo_sample) / (double)self->model->dim,
        bits_per_dimension(self),
    };
    return values[quantity];
}

void elbo_terms(const struct diffusion_evaluator *self, double *bits, double *standard_error)
{
    const elbo_figures *of = figures_of(self);
    for (int32_t i = 0; i < self->schedule->steps; i++) {
        bits[i] = of->term[i] / nats_per_bit;
        if (standard_error != NULL)
            standard_error[i] = of->term_error[i] / nats_per_bit;
    }
}

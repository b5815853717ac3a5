/* Denoising: y is x_0 with Gaussian noise, or bits some of which were flipped. Both kernels can be multiplied by such
 * an r in closed form (Table App.1 of the paper). */
#include "base/error.h"
#include "sample/posterior.h"

#include <math.h>

static diffusion_status check(const struct diffusion_sampler *self, const float *y, double noise, size_t n)
{
    size_t dim = self->predictor.model->dim;
    int bits = self->predictor.schedule->kernel == KERNEL_BINOMIAL;
    if (n > 0 && self->kind != SAMPLER_ANCESTRAL)
        return error_set(DIFFUSION_E_STATE, "sampler_set_observed: ddim has no p(x_{t-1} | x_t) to multiply by r, "
                                            "expected the kind ancestral");
    if (bits && self->options.posterior == POSTERIOR_EXACT)
        return error_set(DIFFUSION_E_KERNEL,
                         "sampler_set_observed: posterior=exact needs the Gaussian kernel, expected "
                         "constant or annealed");
    if (n > 0 && (!(noise > 0.0) || !isfinite(noise) || (bits && noise >= 1.0)))
        return error_set(DIFFUSION_E_ARGUMENT, "sampler_set_observed: noise=%g, expected %s", noise,
                         bits ? "a probability above 0 and below 1" : "a variance above 0");
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < dim; j++) {
            double value = y[i * dim + j];
            if (!isfinite(value))
                return error_set(DIFFUSION_E_NONFINITE, "sampler_set_observed: y[%zu] of sample %zu is %g", j, i,
                                 value);
            if (bits && value != 0.0 && value != 1.0)
                return error_set(DIFFUSION_E_ARGUMENT, "sampler_set_observed: y[%zu]=%g of sample %zu, expected 0 or 1",
                                 j, value, i);
        }
    return DIFFUSION_OK;
}

diffusion_status observed_set(struct diffusion_sampler *self, const float *y, double noise, size_t n)
{
    given fresh = {.n = 0};
    size_t dim = self->predictor.model->dim;
    diffusion_status status = check(self, y, noise, n > SIZE_MAX / dim ? 0 : n);
    if (status == DIFFUSION_OK && n > 0)
        status = given_copy(&fresh, y, NULL, n, dim);
    if (status != DIFFUSION_OK)
        return status;
    given_release(&self->observed);
    self->observed = fresh;
    self->observed.noise = noise;
    sampler_forget(self);
    return DIFFUSION_OK;
}

/* N(mean, variance) times N(y; x, noise)^power, normalised; gives the logarithm of the factor that normalised it, but
 * for what does not depend on the mean and is the same for all particles. */
static double multiply_gaussian(double *mean, double *variance, double y, double noise, double power)
{
    double sum = noise + power * *variance, shift = *mean - y;
    double log_factor = -0.5 * (log(sum / noise) + power * shift / sum * shift);
    *mean = (*mean * noise + power * *variance * y) / sum;
    *variance *= noise / sum;
    return log_factor;
}

/* The probability that r^power, made to sum to 1, gives to the bit x; never 0. */
static double probability(int x, float y, double flip, double power)
{
    double odds = power * log((1.0 - flip) / flip);
    return 1.0 / (1.0 + exp(x == (y > 0.5f) ? -odds : odds));
}

/* c d / (c d + (1 - c)(1 - d)) for the rate c, with d the probability of a 1. */
static double multiply_bit(double *rate, float y, double flip, double power)
{
    double one = *rate * probability(1, y, flip, power), zero = (1.0 - *rate) * probability(0, y, flip, power);
    *rate = one / (one + zero);
    return log(one + zero);
}

/* log r(x)^power. */
static double log_r(double x, float y, double noise, double power, int bits)
{
    double shift = x - (double)y;
    return bits ? log(probability(x > 0.5, y, noise, power)) : -0.5 * power * shift / noise * shift;
}

/* Multiplies a row's mean and variance by r^below, and counts Z(x_t) / r(x_t)^above in its weight. */
static void multiply_row(struct diffusion_sampler *self, size_t row, double below, const double *above)
{
    size_t dim = self->predictor.model->dim;
    double noise = self->observed.noise, log_weight = 0.0;
    int bits = self->predictor.schedule->kernel == KERNEL_BINOMIAL;
    const float *y = self->observed.values + given_row(&self->observed, self, row) * dim;
    double *mean = (double *)self->mean.memory + row * dim, *variance = (double *)self->variance.memory + row * dim;
    const double *x = (const double *)self->x.memory + row * dim;
    for (size_t j = 0; j < dim; j++) {
        if (known_at(self, row, j)) /* what is known cannot be observed better */
            continue;
        log_weight += bits ? multiply_bit(&mean[j], y[j], noise, below)
                           : multiply_gaussian(&mean[j], &variance[j], y[j], noise, below);
        if (above != NULL)
            log_weight -= log_r(x[j], y[j], noise, *above, bits);
    }
    if (self->options.particles > 1 && above != NULL)
        ((double *)self->weights.memory)[row] += log_weight;
}

void observed_begin(struct diffusion_sampler *self)
{
    double power = posterior_power(self, self->whole->steps);
    for (size_t row = 0; row < self->rows && self->observed.n > 0; row++)
        multiply_row(self, row, power, NULL);
}

void observed_step(struct diffusion_sampler *self)
{
    if (self->options.posterior == POSTERIOR_EXACT) /* the chain began at y */
        return;
    double below = posterior_power(self, posterior_below(self)), above = posterior_power(self, sampler_position(self));
    for (size_t row = 0; row < self->rows && self->observed.n > 0; row++)
        multiply_row(self, row, below, &above);
}

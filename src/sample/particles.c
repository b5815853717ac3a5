/* Particles: what makes section 2.5 of the paper exact. Its chain normalises p(x_{t-1} | x_t) r(x_{t-1}) for each x_t
 * by itself, though the marginals p(x_t) r(x_t) ask for the factor Z(x_t) / r(x_t) as well. Chains weighted by it, and
 * resampled, are a sequential Monte Carlo sampler, whose error goes to 0 as 1 / particles (for inpainting: Trippe et
 * al., arXiv:2206.04119; in general: Wu et al., arXiv:2306.17775). */
#include "base/rng.h"
#include "base/threads.h"
#include "sample/posterior.h"

#include <math.h>
#include <string.h>

enum { RESAMPLE_COST = 4 }; /* nanoseconds a value */

/* Weights that sum to 1, from logarithms; all alike if none is possible. The effective number of particles. */
static double normalise(double *weights, size_t count)
{
    double most = -HUGE_VAL, sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, weights[i]);
    for (size_t i = 0; i < count; i++) {
        weights[i] = isfinite(most) ? exp(weights[i] - most) : 1.0;
        sum += weights[i];
    }
    for (size_t i = 0; i < count; i++) {
        weights[i] /= sum;
        squares += weights[i] * weights[i];
    }
    return 1.0 / squares;
}

/* Row by row the particle at whose weights' running sum (place + i) / count stands: systematic resampling. x is [count,
 * dim]; `old` gets what it was. */
static void resample(double *x, double *old, const double *weights, size_t count, size_t dim, double place, size_t rows)
{
    size_t from = 0;
    double sum = weights[0];
    memcpy(old, x, count * dim * sizeof *x);
    for (size_t i = 0; i < rows; i++) {
        while (sum < ((double)i + place) / (double)rows && from + 1 < count)
            sum += weights[++from];
        memcpy(x + i * dim, old + from * dim, dim * sizeof *x);
    }
}

static void renew(void *context, size_t sample, size_t slot)
{
    (void)slot;
    struct diffusion_sampler *self = context;
    size_t count = (size_t)self->options.particles, dim = self->predictor.model->dim;
    double place, *weights = (double *)self->weights.memory + sample * count;
    double *x = (double *)self->x.memory + sample * count * dim;
    double *old = (double *)self->mean.memory + sample * count * dim; /* has served its step */
    rng_stream stream = {self->options.seed, RNG_RESAMPLE, (uint64_t)sampler_position(self),
                         (uint64_t)self->options.first + sample};
    double effective = normalise(weights, count);
    int last = self->step == 1;
    if (last || effective < 0.5 * (double)count) {
        rng_uniform(&place, 1, stream);
        resample(x, old, weights, count, dim, place, last ? 1 : count);
        memset(weights, 0, count * sizeof *weights);
    } else {
        for (size_t i = 0; i < count; i++)
            weights[i] = log(weights[i]);
    }
}

void particles_begin(struct diffusion_sampler *self)
{
    if (self->options.particles > 1 && self->rows > 0)
        memset(self->weights.memory, 0, self->rows * sizeof(double));
}

void particles_step(struct diffusion_sampler *self)
{
    if (self->options.particles > 1)
        parallel_for(self->n, RESAMPLE_COST * (size_t)self->options.particles * self->predictor.model->dim, renew,
                     self);
}

/* Particles: what makes section 2.5 of the paper exact. Its chain normalises p(x_s | x_t) r(x_s) for each x_t by
 * itself, though the marginals p(x_t) r(x_t) ask for the factor Z(x_t) / r(x_t) as well. Chains weighted by it, and
 * resampled, are a sequential Monte Carlo sampler, whose error goes to 0 as 1 / particles (for inpainting: Trippe et
 * al., arXiv:2206.04119; in general: Wu et al., arXiv:2306.17775). */
#include "base/buffer.h"
#include "base/rng.h"
#include "base/threads.h"
#include "sample/sampler.h"

#include <math.h>
#include <string.h>

enum { RESAMPLE_COST = 4 }; /* nanoseconds a value */

typedef struct particle_weights {
    buffer logs; /* [rows] */
    buffer old;  /* [rows, dim], states before they are resampled */
} particle_weights;

static void release(void *own)
{
    particle_weights *state = own;
    buffer_release(&state->logs);
    buffer_release(&state->old);
}

static int is_active(const struct diffusion_sampler *self, const void *state)
{
    (void)state;
    return self->options.particles > 1;
}

static diffusion_status begin(struct diffusion_sampler *self, void *own, solver_step *step)
{
    particle_weights *state = own;
    if (!step->first)
        return DIFFUSION_OK;
    double *logs = buffer_reserve(&state->logs, self->rows, sizeof *logs);
    if (logs == NULL || buffer_reserve(&state->old, self->rows * sampler_dim(self), sizeof(double)) == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t row = 0; row < self->rows; row++)
        logs[row] = 0.0;
    return DIFFUSION_OK;
}

void particles_weigh(struct diffusion_sampler *self, size_t row, double log_weight)
{
    particle_weights *state = sampler_condition_state(self, &particles_condition);
    if (self->options.particles > 1)
        ((double *)state->logs.memory)[row] += log_weight;
}

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

typedef struct renew_job {
    struct diffusion_sampler *self;
    particle_weights *state;
    const solver_step *step;
} renew_job;

/* After the last step one particle, the sample, stands first. */
static void renew(void *context, size_t sample, size_t slot)
{
    (void)slot;
    const renew_job *job = context;
    const struct diffusion_sampler *self = job->self;
    size_t count = (size_t)self->options.particles, dim = sampler_dim(self);
    double place, *weights = (double *)job->state->logs.memory + sample * count;
    double *x = (double *)self->x.memory + sample * count * dim;
    double *old = (double *)job->state->old.memory + sample * count * dim;
    const uint64_t step = (uint64_t)self->step | (uint64_t)self->stops << 32;
    rng_stream stream = {self->options.seed, RNG_RESAMPLE, step, (uint64_t)self->options.first + sample};
    double effective = normalise(weights, count);
    int last = job->step->to.t == 0.0;
    if (last || effective < 0.5 * (double)count) {
        rng_uniform(&place, 1, stream);
        resample(x, old, weights, count, dim, place, last ? 1 : count);
        memset(weights, 0, count * sizeof *weights);
    } else {
        for (size_t i = 0; i < count; i++)
            weights[i] = log(weights[i]);
    }
}

static void settled(struct diffusion_sampler *self, void *state, const solver_step *step)
{
    renew_job job = {self, state, step};
    if (!step->first)
        parallel_for(self->n, RESAMPLE_COST * (size_t)self->options.particles * sampler_dim(self), renew, &job);
}

const sample_condition particles_condition = {
    .state_size = sizeof(particle_weights),
    .release = release,
    .is_active = is_active,
    .predicted = begin,
    .settled = settled,
};

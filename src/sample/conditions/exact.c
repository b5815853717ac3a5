/* An observation in Gaussian noise is a state of the forward process: y has the law of x_t / signal_t where
 * sigma_t^2 / signal_t^2 is the noise's variance. So the reverse process from there draws from p(x_0 | y), with no r to
 * multiply by: for solvers that draw it, whose law is p(x_to | x_from). Others: joint.c. */
#include "sample/sampler.h"

#include <math.h>

static int is_active(const struct diffusion_sampler *self, const void *state)
{
    (void)state;
    return observed_of(self)->y.n > 0 && self->options.posterior == POSTERIOR_EXACT && self->solver->transition;
}

static diffusion_status check(const struct diffusion_sampler *self, const void *state, size_t n)
{
    (void)state;
    return given_check(&observed_of(self)->y, "sampler_set_observed", n);
}

static double y_at(const struct diffusion_sampler *self, size_t i)
{
    return observed_value(self, i / sampler_dim(self), i % sampler_dim(self));
}

/* The variance of the noise in x_t / signal_t. */
static double noise_of(const noise_level *at)
{
    return at->sigma * at->sigma / (at->signal * at->signal);
}

/* More noise than there is at the chain's first level: y tells of x there through the noise that is left over; of x
 * itself p(x_T) tells. */
static void begin_above(const struct diffusion_sampler *self, const noise_level *first, law out)
{
    const double square = first->signal * first->signal, prior = level_variance(first);
    const double left = square * observed_of(self)->noise - first->sigma * first->sigma;
    for (size_t i = 0; i < self->rows * sampler_dim(self); i++) {
        out.mean[i] = prior * first->signal * y_at(self, i) / (prior + left);
        out.variance[i] = prior * left / (prior + left);
    }
}

/* From y to x at `below`, whose noise is less, by p(x_below | x_above) at y: the posterior of z = x_below /
 * signal_below given y and x_0. The model tells x_0 at the level above, and by what its variance exceeds the
 * posterior's that of x_0; on the way to the noise of y both, the distance from y to x_0 and this variance, shrink as
 * those of standard normal data do, which is right in the first order for any. */
static void descend(const struct diffusion_sampler *self, const noise_level *above, const noise_level *below, law out)
{
    const level_posterior q = level_posterior_of(below, above);
    const double noise = observed_of(self)->noise;
    const double part = noise / (1.0 + noise) / (above->sigma * above->sigma) * level_variance(above);
    const double variance = below->sigma * below->sigma, kept = noise_of(below) / noise;
    for (size_t i = 0; i < self->rows * sampler_dim(self); i++) {
        double y = y_at(self, i), x0 = (out.mean[i] - q.xt * above->signal * y) / q.x0;
        x0 = y + part * (x0 - y);
        const double more = fmax(out.variance[i] - q.variance, 0.0) / (q.x0 * q.x0);
        const double of_x0 = below->signal * (1.0 - kept);
        out.mean[i] = below->signal * (x0 * (1.0 - kept) + y * kept);
        out.variance[i] = variance * (1.0 - kept) + of_x0 * of_x0 * part * more;
    }
}

/* Where the model is asked about y: at the level above, and known values, whose observation is not looked at, on a path
 * of their own as everywhere. */
static diffusion_status place(struct diffusion_sampler *self, const noise_level *above, double *x)
{
    const size_t dim = sampler_dim(self), own = (size_t)self->options.particles * dim, count = self->rows * dim;
    const int known = known_condition.is_active(self, sampler_condition_state(self, &known_condition));
    const double *noise = self->draws.memory;
    diffusion_status status = DIFFUSION_OK;
    if (known)
        status = sampler_draw(self, self->draws.memory, self->plan.steps + 1, 1); /* 0 is the first state's */
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++) {
        const size_t row = i / dim, column = i % dim;
        if (known && known_at(self, row, column))
            x[i] = above->signal * known_value(self, row, column) + above->sigma * noise[i / own * own + column];
        else
            x[i] = above->signal * y_at(self, i);
    }
    return status;
}

/* The first step of the plan with at least this noise; one past the last if none has. */
static int32_t step_of(const chain_plan *plan, double noise)
{
    int32_t step = 1;
    while (step <= plan->steps && noise_of(&plan->levels[step]) < noise)
        step++;
    return step;
}

static diffusion_status begin(struct diffusion_sampler *self, void *state, solver_step *step)
{
    (void)state;
    if (!step->first)
        return DIFFUSION_OK;
    const int32_t at = step_of(&self->plan, observed_of(self)->noise);
    if (at > self->plan.steps) {
        begin_above(self, &step->from, step->next);
        return DIFFUSION_OK;
    }
    const noise_level above = self->plan.levels[at], below = self->plan.levels[at - 1];
    double *x = self->x.memory;
    diffusion_status status = place(self, &above, x);
    if (status == DIFFUSION_OK)
        status = sampler_reverse(self, x, &above, &below, step->next);
    if (status != DIFFUSION_OK)
        return status;
    descend(self, &above, &below, step->next);
    step->from = step->to = below;
    return DIFFUSION_OK;
}

const sample_condition exact_condition = {.is_active = is_active, .check = check, .predicted = begin};

/* Denoising: y is x_0 with Gaussian noise, or bits some of which were flipped. Kernels can be multiplied by such an r
 * in closed form (Table App.1 of the paper). */
#include "base/array.h"
#include "base/error.h"
#include "sample/sampler.h"

static diffusion_status check_given(const struct diffusion_sampler *self, const float *y, double noise, size_t n)
{
    static const char function[] = "sampler_set_observed";
    const kernel_class *methods = sampler_schedule(self)->kernel.methods;
    const size_t dim = sampler_dim(self);
    diffusion_status status = DIFFUSION_OK;
    if (n > 0 && !self->solver->transition && self->options.posterior != POSTERIOR_EXACT)
        status = error_set(DIFFUSION_E_STATE,
                           "%s: %s has no p(x_{t-1} | x_t) to multiply by r, expected posterior=exact, or the kind "
                           "ancestral",
                           function, self->solver->spec.name);
    if (n > 0 && self->plan.rises)
        status =
            error_set(DIFFUSION_E_STATE, "%s: %s begins at data, which are known", function, self->solver->spec.name);
    if (status == DIFFUSION_OK && self->options.posterior == POSTERIOR_EXACT)
        status = schedule_check_additive(sampler_schedule(self), function, "posterior=exact");
    if (status == DIFFUSION_OK && n > 0 && !methods->is_observation_noise(noise))
        status =
            error_set(DIFFUSION_E_ARGUMENT, "%s: noise=%g, expected %s", function, noise, methods->observation_noise);
    if (status == DIFFUSION_OK)
        status = array_check_size(function, n, dim, sizeof *y);
    for (size_t i = 0; i < n && status == DIFFUSION_OK; i++)
        for (size_t j = 0; j < dim && status == DIFFUSION_OK; j++)
            status = given_check_value(self, function, "y", (double)y[i * dim + j], j, i);
    return status;
}

diffusion_status observed_set(struct diffusion_sampler *self, const float *y, double noise, size_t n)
{
    observation *state = sampler_condition_state(self, &observed_condition);
    given fresh = {.n = 0};
    diffusion_status status = check_given(self, y, noise, n);
    if (status == DIFFUSION_OK && n > 0)
        status = given_copy(&fresh, y, NULL, n, sampler_dim(self));
    if (status != DIFFUSION_OK)
        return status;
    given_release(&state->y);
    *state = (observation){fresh, noise};
    sampler_forget(self);
    return DIFFUSION_OK;
}

const observation *observed_of(const struct diffusion_sampler *self)
{
    return sampler_condition_state(self, &observed_condition);
}

double observed_value(const struct diffusion_sampler *self, size_t row, size_t column)
{
    const given *y = &observed_of(self)->y;
    return (double)y->values[given_row(y, self, row) * sampler_dim(self) + column];
}

static void release(void *state)
{
    given_release(&((observation *)state)->y);
}

/* posterior=exact begins at y in its place. */
static int is_active(const struct diffusion_sampler *self, const void *state)
{
    return ((const observation *)state)->y.n > 0 && self->options.posterior != POSTERIOR_EXACT;
}

static diffusion_status check(const struct diffusion_sampler *self, const void *state, size_t n)
{
    (void)self;
    return given_check(&((const observation *)state)->y, "sampler_set_observed", n);
}

/* Multiplies a row's law by r^below, and counts Z(x_t) / r(x_t)^above in its weight. */
static void multiply_row(struct diffusion_sampler *self, const observation *of, size_t row, const solver_step *step)
{
    const kernel *rule = &sampler_schedule(self)->kernel;
    const size_t dim = sampler_dim(self), group = rule->group;
    const double below = sampler_power(self, &step->to), above = sampler_power(self, &step->from);
    const float *y = of->y.values + given_row(&of->y, self, row) * dim;
    const double *x = (const double *)self->x.memory + row * dim;
    const law next = {step->next.mean + row * dim, step->next.variance + row * dim};
    double log_weight = 0.0;
    for (size_t j = 0; j < dim; j += group) {
        double seen[LARGEST_GROUP];
        const law part = {next.mean + j, next.variance + j};
        if (known_at(self, row, j)) /* what is known cannot be observed better */
            continue;
        for (size_t k = 0; k < group; k++)
            seen[k] = (double)y[j + k];
        log_weight += rule->methods->multiply(rule, part, seen, of->noise, below);
        if (!step->first)
            log_weight -= rule->methods->log_observed(rule, x + j, seen, of->noise, above);
    }
    if (!step->first)
        particles_weigh(self, row, log_weight);
}

static diffusion_status multiply(struct diffusion_sampler *self, void *state, solver_step *step)
{
    for (size_t row = 0; row < self->rows; row++)
        multiply_row(self, state, row, step);
    return DIFFUSION_OK;
}

const sample_condition observed_condition = {
    .state_size = sizeof(observation),
    .release = release,
    .is_active = is_active,
    .check = check,
    .predicted = multiply,
};

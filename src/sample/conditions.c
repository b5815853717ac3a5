#include "base/error.h"
#include "sample/sampler.h"

void *sampler_condition_state(const struct diffusion_sampler *self, const sample_condition *of)
{
    size_t row = 0;
    while (sample_condition_at(row) != of)
        row++;
    return self->conditions[row];
}

/* The row if it is active; NULL for the others, and past the last. */
static const sample_condition *active(const struct diffusion_sampler *self, size_t row)
{
    const sample_condition *of = sample_condition_at(row);
    return of != NULL && (of->is_active == NULL || of->is_active(self, self->conditions[row])) ? of : NULL;
}

double sampler_power(const struct diffusion_sampler *self, const noise_level *at)
{
    const double steps = sampler_schedule(self)->steps;
    return self->options.posterior == POSTERIOR_ANNEALED ? (steps - at->t) / steps : 1.0;
}

diffusion_status sampler_check_transition(const struct diffusion_sampler *self, const char *function)
{
    if (self->solver->transition)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_STATE, "%s: %s has no p(x_{t-1} | x_t) to multiply by r, expected the kind ancestral",
                     function, self->solver->spec.name);
}

diffusion_status conditions_check(const struct diffusion_sampler *self, size_t n)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < SAMPLE_CONDITIONS && status == DIFFUSION_OK; i++) {
        const sample_condition *of = active(self, i);
        if (of != NULL && of->check != NULL)
            status = of->check(self, self->conditions[i], n);
    }
    return status;
}

diffusion_status conditions_predicted(struct diffusion_sampler *self, solver_step *step)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < SAMPLE_CONDITIONS && status == DIFFUSION_OK; i++) {
        const sample_condition *of = active(self, i);
        if (of != NULL && of->predicted != NULL)
            status = of->predicted(self, self->conditions[i], step);
    }
    return status;
}

int conditions_need_noise(const struct diffusion_sampler *self, const solver_step *step)
{
    int needed = !step->undrawn;
    for (size_t i = 0; i < SAMPLE_CONDITIONS; i++) {
        const sample_condition *of = active(self, i);
        needed = needed || (of != NULL && of->needs_noise != NULL && of->needs_noise(step));
    }
    return needed;
}

void conditions_drawn(struct diffusion_sampler *self, solver_step *step, const double *noise)
{
    for (size_t i = 0; i < SAMPLE_CONDITIONS; i++) {
        const sample_condition *of = active(self, i);
        if (of != NULL && of->drawn != NULL)
            of->drawn(self, self->conditions[i], step, noise);
    }
}

void conditions_settled(struct diffusion_sampler *self, const solver_step *step)
{
    for (size_t i = 0; i < SAMPLE_CONDITIONS; i++) {
        const sample_condition *of = active(self, i);
        if (of != NULL && of->settled != NULL)
            of->settled(self, self->conditions[i], step);
    }
}

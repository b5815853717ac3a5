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

const sample_condition *conditions_asked(const struct diffusion_sampler *self, const void **state)
{
    for (size_t i = 0; i < SAMPLE_CONDITIONS; i++) {
        const sample_condition *of = active(self, i);
        *state = self->conditions[i];
        if (of != NULL && of->asked_at != NULL)
            return of;
    }
    return NULL;
}

diffusion_status conditions_seen(struct diffusion_sampler *self, const sample_view *view)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < SAMPLE_CONDITIONS && status == DIFFUSION_OK; i++) {
        const sample_condition *of = active(self, i);
        if (of != NULL && of->seen != NULL)
            status = of->seen(self, self->conditions[i], view);
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

/* Any smooth r: to the first order in log r the step's mean moves by its variance times the gradient (equation 61 of
 * the paper), and its variance stays. */
#include "base/buffer.h"
#include "base/error.h"
#include "sample/sampler.h"

#include <math.h>

typedef struct guidance {
    diffusion_guidance_fn *gradient;
    void *user;
    buffer values; /* [rows, dim], the gradient */
} guidance;

diffusion_status guidance_set(struct diffusion_sampler *self, diffusion_guidance_fn *gradient, void *user)
{
    static const char function[] = "sampler_set_guidance";
    guidance *state = sampler_condition_state(self, &guidance_condition);
    diffusion_status status = DIFFUSION_OK;
    if (gradient != NULL)
        status = schedule_check_additive(sampler_schedule(self), function, "a gradient");
    if (gradient != NULL && status == DIFFUSION_OK)
        status = sampler_check_transition(self, function);
    if (status != DIFFUSION_OK)
        return status;
    if (gradient != NULL && self->options.posterior == POSTERIOR_EXACT)
        return error_set(DIFFUSION_E_STATE, "%s: posterior=exact is for observations, expected constant or annealed",
                         function);
    if (gradient != NULL && self->options.particles > 1)
        return error_set(DIFFUSION_E_STATE,
                         "%s: particles=%lld are weighted by r, which a gradient does not tell, expected particles=1",
                         function, (long long)self->options.particles);
    state->gradient = gradient;
    state->user = user;
    sampler_forget(self);
    return DIFFUSION_OK;
}

static void release(void *state)
{
    buffer_release(&((guidance *)state)->values);
}

static int is_active(const struct diffusion_sampler *self, const void *state)
{
    return ((const guidance *)state)->gradient != NULL && self->rows > 0;
}

static diffusion_status move_mean(struct diffusion_sampler *self, void *own, solver_step *step)
{
    guidance *state = own;
    const double power = sampler_power(self, &step->to);
    const size_t dim = sampler_dim(self), count = self->rows * dim;
    if (power == 0.0)
        return DIFFUSION_OK;
    double *gradient = buffer_reserve(&state->values, count, sizeof *gradient);
    if (gradient == NULL)
        return DIFFUSION_E_MEMORY;
    const unsigned before = error_count();
    diffusion_status status = error_of_callback(
        state->gradient(step->next.mean, step->to.t, self->rows, gradient, state->user), "guidance", before);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++) {
        if (!isfinite(gradient[i]))
            return error_set(DIFFUSION_E_NONFINITE,
                             "sampler_step: the guidance's gradient[%zu] of sample %zu at step "
                             "%g is %g, expected a finite number",
                             i % dim, i / dim, step->to.t, gradient[i]);
        step->next.mean[i] += power * step->next.variance[i] * gradient[i];
    }
    return status;
}

const sample_condition guidance_condition = {
    .state_size = sizeof(guidance),
    .release = release,
    .is_active = is_active,
    .predicted = move_mean,
};

/* Any smooth r, by the gradient g of log r. A law p(x_to | x_from) is multiplied by r to the first order: its mean
 * moves by its variance times g there, and its variance stays (equation 61 of the paper). Solvers that ask for x_0 and
 * noise go by the score of p(x_t) r(x_t) (Dhariwal, Nichol 2021, arXiv:2105.05233, algorithm 2): epsilon less sigma g,
 * and x_0 such that both still make x_t. */
#include "base/buffer.h"
#include "base/error.h"
#include "sample/sampler.h"

#include <math.h>

typedef struct guidance {
    diffusion_guidance_fn *gradient;
    void *user;
    buffer values; /* [rows, dim], the gradient */
} guidance;

/* What has no gradient, or none that all samples could be asked for at once. */
static diffusion_status check(const struct diffusion_sampler *self, const char *function)
{
    const char *name = self->solver->spec.name;
    diffusion_status status = schedule_check_additive(sampler_schedule(self), function, "a gradient");
    if (status != DIFFUSION_OK)
        return status;
    if (self->solver->whole_way)
        return error_set(DIFFUSION_E_STATE, "%s: %s has each sample at a level of its own, expected a kind with steps",
                         function, name);
    if (self->plan.rises)
        return error_set(DIFFUSION_E_STATE, "%s: %s begins at data, which are known", function, name);
    if (!self->solver->transition && self->plan.levels[self->plan.steps].signal == 0.0)
        return error_set(DIFFUSION_E_STATE,
                         "%s: nothing of x_0 is left at the chain's first step, where %s divides by it, expected the "
                         "kind ancestral",
                         function, name);
    if (self->options.posterior == POSTERIOR_EXACT)
        return error_set(DIFFUSION_E_STATE, "%s: posterior=exact is for observations, expected constant or annealed",
                         function);
    if (self->options.particles > 1)
        return error_set(DIFFUSION_E_STATE,
                         "%s: particles=%lld are weighted by r, which a gradient does not tell, expected particles=1",
                         function, (long long)self->options.particles);
    return DIFFUSION_OK;
}

diffusion_status guidance_set(struct diffusion_sampler *self, diffusion_guidance_fn *gradient, void *user)
{
    guidance *state = sampler_condition_state(self, &guidance_condition);
    diffusion_status status = gradient != NULL ? check(self, "sampler_set_guidance") : DIFFUSION_OK;
    if (status != DIFFUSION_OK)
        return status;
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

/* The gradient at x, of all rows; NULL, with the status, where there is none. */
static const double *ask(struct diffusion_sampler *self, guidance *state, const double *x, double t,
                         diffusion_status *status)
{
    const size_t dim = sampler_dim(self), count = self->rows * dim;
    double *gradient = buffer_reserve(&state->values, count, sizeof *gradient);
    const unsigned before = error_count();
    *status = gradient != NULL
                  ? error_of_callback(state->gradient(x, t, self->rows, gradient, state->user), "guidance", before)
                  : DIFFUSION_E_MEMORY;
    for (size_t i = 0; i < count && *status == DIFFUSION_OK; i++)
        if (!isfinite(gradient[i]))
            *status = error_set(DIFFUSION_E_NONFINITE,
                                "sampler_step: the guidance's gradient[%zu] of sample %zu at step "
                                "%g is %g, expected a finite number",
                                i % dim, i / dim, t, gradient[i]);
    return *status == DIFFUSION_OK ? gradient : NULL;
}

/* The law of a transition, and of any chain's first state. */
static diffusion_status move_mean(struct diffusion_sampler *self, void *own, solver_step *step)
{
    const double power = sampler_power(self, &step->to);
    diffusion_status status = DIFFUSION_OK;
    if (power == 0.0 || !(step->first || self->solver->transition))
        return DIFFUSION_OK;
    const double *gradient = ask(self, own, step->next.mean, step->to.t, &status);
    for (size_t i = 0; i < self->rows * sampler_dim(self) && gradient != NULL; i++)
        step->next.mean[i] += power * step->next.variance[i] * gradient[i];
    return status;
}

static diffusion_status move_view(struct diffusion_sampler *self, void *own, const sample_view *view)
{
    const double power = sampler_power(self, view->at), sigma = view->at->sigma, signal = view->at->signal;
    diffusion_status status = DIFFUSION_OK;
    if (power == 0.0)
        return DIFFUSION_OK;
    const double *gradient = ask(self, own, view->x, view->at->t, &status);
    for (size_t i = 0; i < self->rows * sampler_dim(self) && gradient != NULL; i++) {
        view->x0[i] += power * sigma * (sigma / signal) * gradient[i];
        view->epsilon[i] -= power * sigma * gradient[i];
    }
    return status;
}

const sample_condition guidance_condition = {
    .state_size = sizeof(guidance),
    .release = release,
    .is_active = is_active,
    .seen = move_view,
    .predicted = move_mean,
};

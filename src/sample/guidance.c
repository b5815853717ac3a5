/* Any smooth r: to the first order in log r the step's mean moves by its variance times the gradient (equation 61 of
 * the paper), and its variance stays. */
#include "base/error.h"
#include "sample/posterior.h"

#include <math.h>

diffusion_status guidance_set(struct diffusion_sampler *self, diffusion_guidance_fn *gradient, void *user)
{
    if (gradient != NULL && self->predictor.schedule->kernel == KERNEL_BINOMIAL)
        return error_set(DIFFUSION_E_KERNEL,
                         "sampler_set_guidance: bits have no gradient, expected the Gaussian kernel");
    if (gradient != NULL && self->kind != SAMPLER_ANCESTRAL)
        return error_set(DIFFUSION_E_STATE, "sampler_set_guidance: ddim has no p(x_{t-1} | x_t) to multiply by r, "
                                            "expected the kind ancestral");
    if (gradient != NULL && self->options.posterior == POSTERIOR_EXACT)
        return error_set(DIFFUSION_E_STATE, "sampler_set_guidance: posterior=exact is for observations, expected "
                                            "constant or annealed");
    if (gradient != NULL && self->options.particles > 1)
        return error_set(DIFFUSION_E_STATE,
                         "sampler_set_guidance: particles=%lld are weighted by r, which a gradient "
                         "does not tell, expected particles=1",
                         (long long)self->options.particles);
    self->guidance = gradient;
    self->guidance_user = user;
    sampler_forget(self);
    return DIFFUSION_OK;
}

/* The draws of the step are not made yet: their memory takes the gradient. */
static diffusion_status move_mean(struct diffusion_sampler *self, int32_t t)
{
    double power = posterior_power(self, t), *mean = self->mean.memory, *gradient = self->draws.memory;
    const double *variance = self->variance.memory;
    size_t dim = self->predictor.model->dim;
    if (self->guidance == NULL || self->rows == 0 || power == 0.0)
        return DIFFUSION_OK;
    diffusion_status status = self->guidance(mean, t, self->rows, gradient, self->guidance_user);
    if (status != DIFFUSION_OK)
        return status;
    for (size_t i = 0; i < self->rows * dim; i++) {
        if (!isfinite(gradient[i]))
            return error_set(DIFFUSION_E_NONFINITE,
                             "sampler_step: the guidance's gradient[%zu] of sample %zu at step "
                             "%d is %g, expected a finite number",
                             i % dim, i / dim, (int)t, gradient[i]);
        mean[i] += power * variance[i] * gradient[i];
    }
    return DIFFUSION_OK;
}

diffusion_status guidance_begin(struct diffusion_sampler *self)
{
    return move_mean(self, self->whole->steps);
}

diffusion_status guidance_step(struct diffusion_sampler *self)
{
    return move_mean(self, posterior_below(self));
}

/* Denoising diffusion implicit models (Song, Meng, Ermon 2021, arXiv:2010.02502): x_{t-1} by their equation 12,
 *
 *     sqrt(alpha_bar') x_0 + sqrt(1 - alpha_bar' - sigma^2) epsilon + sigma z
 *
 * with the x_0 and epsilon that the model sees in x_t, alpha_bar' that of the step it goes to, and sigma^2 by equation
 * 16 eta^2 times the variance of q(x' | x_t, x_0). A limit on x_0 leaves epsilon as the model sees it, as in diffusers.
 */
#include "sample/posterior.h"

#include <math.h>

typedef struct coefficients {
    double x0, epsilon, variance;
} coefficients;

/* The step to go to, in the whole schedule's count. */
static int32_t target(const struct diffusion_sampler *self)
{
    int32_t visited = self->predictor.schedule->steps, to = posterior_below(self);
    if (self->options.stride == STRIDE_EVEN)
        to = sampler_position(self) - self->whole->steps / visited;
    if (to > 0)
        return to;
    return self->options.set_alpha_to_one ? 0 : 1;
}

/* From the logarithms, so that nothing cancels: 1 - alpha_bar_t / alpha_bar' is the beta of the whole stride. */
static coefficients coefficients_of(const struct diffusion_sampler *self)
{
    const struct diffusion_schedule *schedule = self->whole;
    int32_t t = sampler_position(self), to = target(self);
    double beta = -expm1(schedule->log_alpha_bar[t] - schedule->log_alpha_bar[to]), eta = self->options.eta;
    double variance = eta * eta * schedule->noise[to] * (beta / schedule->noise[t]);
    return (coefficients){
        .x0 = sqrt(schedule->alpha_bar[to]),
        .epsilon = sqrt(fmax(schedule->noise[to] - variance, 0.0)), /* eta = 1 may round below 0 */
        .variance = variance,
    };
}

static void combine(struct diffusion_sampler *self, coefficients of)
{
    double *mean = self->mean.memory, *variance = self->variance.memory; /* x_0 and epsilon so far */
    double limit = self->options.clip > 0.0 ? self->options.clip : HUGE_VAL;
    for (size_t i = 0; i < self->rows * self->predictor.model->dim; i++) {
        mean[i] = of.x0 * fmin(fmax(mean[i], -limit), limit) + of.epsilon * variance[i];
        variance[i] = of.variance;
    }
}

diffusion_status ddim_step(struct diffusion_sampler *self)
{
    coefficients of = coefficients_of(self);
    int known_path = self->known.n > 0 && self->step > 1;
    diffusion_status status = sampler_denoise(self);
    if (status != DIFFUSION_OK)
        return status;
    combine(self, of);
    if (of.variance > 0.0 || known_path)
        status = sampler_draw(self, sampler_position(self));
    if (status != DIFFUSION_OK)
        return status;
    known_step(self);
    sampler_settle(self);
    return DIFFUSION_OK;
}

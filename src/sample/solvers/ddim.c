/* Denoising diffusion implicit models (Song, Meng, Ermon 2021, arXiv:2010.02502), their equation 12 between two levels:
 *
 *     signal' x_0 + sqrt(sigma'^2 - variance) epsilon + sqrt(variance) z
 *
 * with the x_0 and epsilon that the model sees in x, and by equation 16 a variance of eta^2 times that of
 * q(x' | x, x_0). A limit on x_0 leaves epsilon as the model sees it, as in diffusers. */
#include "sample/linear.h"

#include <math.h>

typedef enum stride_kind { STRIDE_NEXT, STRIDE_EVEN } stride_kind;

typedef struct ddim_options {
    double eta;
    int32_t stride, clipped_epsilon;
} ddim_options;
SPEC_OWN(ddim_options);

static const spec_key keys[] = {
    {"eta", SPEC_REAL, offsetof(ddim_options, eta), "0", 0, 1, NULL,
     "noise of a step as a share of the posterior's standard deviation: 0 draws none, so that x_T decides x_0; 1 is "
     "DDPM's"},
    {"stride", SPEC_CHOICE, offsetof(ddim_options, stride), "next", 0, 0, "next|even",
     "where a step goes: to the next one visited, or floor(T/steps) down, as diffusers' code has it (they differ where "
     "the spacing is uneven)"},
    {"clipped_epsilon", SPEC_CHOICE, offsetof(ddim_options, clipped_epsilon), "no", 0, 0, "no|yes",
     "whether a limit on x_0 changes the noise too, so that both make x_t again"},
};

enum { X0, EPSILON, ARRAYS };

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

static noise_level target(const void *chosen, const chain_plan *plan, int32_t step)
{
    return ((const ddim_options *)chosen)->stride == STRIDE_NEXT ? plan_next(plan, step) : plan_stride_down(plan, step);
}

static diffusion_status step(const solver_chain *chain, solver_step *step)
{
    const ddim_options *options = chain->options;
    const double eta = options->eta, sigma = step->aim.sigma;
    const double variance = eta > 0.0 ? eta * eta * level_posterior_of(&step->aim, &step->from).variance : 0.0;
    const double signal = step->aim.signal, rest = sqrt(fmax(sigma * sigma - variance, 0.0)); /* rounding at eta = 1 */
    double *x0 = chain->arrays + X0 * chain->count, *epsilon = chain->arrays + EPSILON * chain->count;
    diffusion_status status = options->clipped_epsilon
                                  ? linear_see(chain, SEES_NOISE, chain->x, &step->from, epsilon, x0)
                                  : solver_predict(chain, chain->x, &step->from, x0, epsilon);
    for (size_t i = 0; i < chain->count && status == DIFFUSION_OK; i++) {
        step->next.mean[i] = signal * x0[i] + rest * epsilon[i];
        step->next.variance[i] = variance;
    }
    step->undrawn = variance == 0.0;
    return status;
}

const solver ddim_solver = {
    .spec = {"ddim",
             "Denoising diffusion implicit models: x_{t-1} from the x_0 and the noise seen in x_t (Gaussian kernel).",
             keys, SPEC_COUNT(keys)},
    .additive = 1,
    .arrays = arrays,
    .target = target,
    .step = step,
};

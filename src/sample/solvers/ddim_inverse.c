/* DDIM upwards, from data to the noise that they come from (Song, Meng, Ermon 2021, arXiv:2010.02502, section 4.3): a
 * step of the probability flow, by the x_0 and the noise that the model sees. At the data themselves it can see none,
 * so it is asked about the level that the step goes to, as diffusers does; or the data are taken for a state of the
 * lowest level visited, as in the authors' code. */
#include "sample/linear.h"

#include <math.h>

typedef enum asked_kind { ASKED_NEXT, ASKED_OWN } asked_kind;
typedef enum stride_kind { STRIDE_NEXT, STRIDE_EVEN } stride_kind;

typedef struct inverse_options {
    int32_t asked, stride;
} inverse_options;
SPEC_OWN(inverse_options);

static const spec_key keys[] = {
    {"model_at", SPEC_CHOICE, offsetof(inverse_options, asked), "next", 0, 0, "next|own",
     "the level that the model is told: where the step goes, or where the state is, the data being taken for a state "
     "of the lowest level visited"},
    {"stride", SPEC_CHOICE, offsetof(inverse_options, stride), "next", 0, 0, "next|even",
     "the level that a state is read at: the last one visited, or floor(T/steps) below the next, as diffusers' code "
     "has it (they differ where the spacing is uneven)"},
};

enum { X0, EPSILON, ARRAYS };

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

static void plan(const void *options, plan_options *plan)
{
    plan->way = ((const inverse_options *)options)->asked == ASKED_OWN ? WAY_UP_FROM_LOWEST : WAY_UP;
}

static noise_level read_at(const solver_chain *chain, const solver_step *step)
{
    const double stride = floor(solver_last_level(chain)->t / step->steps), t = step->aim.t - stride;
    const int even = ((const inverse_options *)chain->options)->stride == STRIDE_EVEN;
    return even && t > 0.0 ? solver_level(chain, t) : step->from;
}

static diffusion_status step(const solver_chain *chain, solver_step *step)
{
    const inverse_options *options = chain->options;
    const noise_level at = read_at(chain, step), *told = options->asked == ASKED_OWN ? &at : &step->aim;
    double *x0 = linear_array(chain, X0), *epsilon = linear_array(chain, EPSILON);
    diffusion_status status = solver_predict_told(chain, chain->x, &at, told, x0, epsilon);
    if (status == DIFFUSION_OK)
        linear_finish(chain, step, (linear_term[]){{step->aim.signal, x0}, {step->aim.sigma, epsilon}}, 2, 0.0);
    return status;
}

const solver ddim_inverse_solver = {
    .spec = {"ddim_inverse", "DDIM upwards: from data to the noise that ddim makes them of (Gaussian kernel).", keys,
             SPEC_COUNT(keys)},
    .additive = 1,
    .plan = plan,
    .arrays = arrays,
    .step = step,
};

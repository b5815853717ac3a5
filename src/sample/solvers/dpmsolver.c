/* DPM-Solver (Lu et al. 2022, arXiv:2206.00927), DPM-Solver++ (arXiv:2211.01095) and their forms with noise: the exact
 * solution of the linear part of the flow, and a polynomial in lambda = log(signal / sigma) through what the model saw.
 * The plain ones go by the noise, the ++ by x_0. As in diffusers' schedulers and, with eta, k-diffusion's 2M and 3M. */
#include "sample/solvers/dpmsolver.h"

#include <math.h>

#define OWN(field) offsetof(dpmsolver_options, field)
/* clang-format off */
#define COMMON_KEYS \
    {"order", SPEC_INTEGER, OWN(order), "2", 1, 3, NULL, "order of the solver"}, \
    {"method", SPEC_CHOICE, OWN(method), "multistep", 0, 0, "multistep|singlestep", \
     "whether a step goes by those before, or orders 1, 2, 3 take turns, each from where order 1 began"}, \
    {"type", SPEC_CHOICE, OWN(type), "midpoint", 0, 0, "midpoint|heun", \
     "how the slope enters at order 2: by its value at the middle, or integrated"}, \
    {"curvature", SPEC_CHOICE, OWN(curvature), "exact", 0, 0, "exact|published|diffusers", \
     "multistep, order 3: the term of second differences as it must be; half of it, as the authors' code has it, which " \
     "is of order 2; or that with a wrong sign, as diffusers has it with noise"}, \
    {"lower_order_final", SPEC_CHOICE, OWN(lower_order_final), "yes", 0, 0, "no|yes", \
     "whether the last steps have lower orders; multistep: in chains of fewer than 15"}, \
    {"euler_at_final", SPEC_CHOICE, OWN(euler_at_final), "no", 0, 0, "no|yes", "whether the last step is of order 1"}
/* clang-format on */

static const spec_key keys[] = {COMMON_KEYS};

static const spec_key noisy_keys[] = {
    COMMON_KEYS,
    {"eta", SPEC_REAL, OWN(eta), "1", 0, 1, NULL, "noise: 1 is the reverse diffusion's, 0 the flow's, which has none"},
};

enum { FEW_STEPS = 15 };

static size_t arrays(const void *options)
{
    (void)options;
    return DPMSOLVER_ARRAYS;
}

/* ---- weights ---- */

static double length(const noise_level *from, const noise_level *to)
{
    return level_lambda(to) - level_lambda(from);
}

/* h is infinite where the step goes to the data or begins without signal, which is of order 1. */
static dpmsolver_weights of_x0(const dpmsolver_options *options, const noise_level *from, const noise_level *to,
                               int32_t order)
{
    const double h = length(from, to), eta = options->eta, whole = h * (1.0 + eta), phi = -expm1(-whole);
    if (to->sigma == 0.0)
        return (dpmsolver_weights){.level = to->signal};
    dpmsolver_weights w = {.keep = to->sigma / from->sigma, .level = to->signal * phi};
    if (eta > 0.0) {
        w.keep *= exp(-eta * h);
        w.deviation = to->sigma * sqrt(-expm1(-2.0 * eta * h));
    }
    if (order == 2 && options->type == TYPE_MIDPOINT)
        w.slope = 0.5 * to->signal * phi;
    else if (order > 1)
        w.slope = to->signal * (1.0 - phi / whole);
    if (order == 3)
        w.bend =
            to->signal * ((phi - whole) / (whole * whole) + (options->curvature == CURVATURE_DIFFUSERS ? -0.5 : 0.5));
    return w;
}

/* The reverse diffusion moves twice as far as the flow, one with a part eta of its noise 1 + eta times. */
static dpmsolver_weights of_noise(const dpmsolver_options *options, const noise_level *from, const noise_level *to,
                                  int32_t order)
{
    const double h = length(from, to), phi = expm1(h), keep = to->signal / from->signal, eta = options->eta;
    const double scale = (1.0 + eta) * to->sigma;
    if (to->sigma == 0.0)
        return (dpmsolver_weights){.keep = keep, .level = -keep * from->sigma};
    dpmsolver_weights w = {
        .keep = keep, .level = -scale * phi, .deviation = eta > 0.0 ? to->sigma * sqrt(eta * expm1(2.0 * h)) : 0.0};
    if (order == 2 && options->type == TYPE_MIDPOINT)
        w.slope = -0.5 * scale * phi;
    else if (order > 1)
        w.slope = -scale * (phi / h - 1.0);
    if (order == 3)
        w.bend = -scale * ((phi - h) / (h * h) - 0.5);
    return w;
}

/* ---- over several steps ---- */

static int32_t order_of(const dpmsolver_options *options, const solver_step *step, int32_t seen)
{
    const int32_t left = step->steps - step->index;
    const int few = options->lower_order_final && step->steps < FEW_STEPS;
    const int stays = length(&step->from, &step->aim) == 0.0; /* all orders agree, but divide by the length */
    if (stays || step->aim.sigma == 0.0 || (left == 1 && (options->euler_at_final || few)))
        return 1;
    return order_within(left == 2 && few && options->order > 2 ? 2 : options->order, seen);
}

/* Newton's divided differences: D1 = a (m0 - m1) + b (m1 - m2) is the slope at the step's begin, and D2 = c (m0 - m1) +
 * d (m1 - m2) the second derivative. */
void dpmsolver_multistep(const solver_chain *chain, solver_step *step, dpmsolver_weights_fn *weights_of)
{
    const history *seen = chain->state;
    const int32_t order = order_of(chain->options, step, seen->count);
    const dpmsolver_weights w = weights_of(chain->options, &step->from, &step->aim, order);
    const double h = length(&step->from, &step->aim);
    const double r0 = order > 1 ? length(&seen->at[1], &seen->at[0]) / h : 1.0;
    const double r1 = order > 2 ? length(&seen->at[2], &seen->at[1]) / h : 1.0;
    const double share = order > 2 ? r0 / (r0 + r1) : 0.0;
    const double twice = ((const dpmsolver_options *)chain->options)->curvature == CURVATURE_EXACT ? 2.0 : 1.0;
    const double a = (1.0 + share) / r0, b = -share / r1, c = twice / (r0 * (r0 + r1)), d = -twice / (r1 * (r0 + r1));
    const double first = w.slope * a + w.bend * c, second = w.slope * b + w.bend * d;
    linear_finish(chain, step,
                  (linear_term[]){{w.keep, chain->x},
                                  {w.level + first, history_values(seen, chain, 0)},
                                  {second - first, history_values(seen, chain, order > 1)},
                                  {-second, history_values(seen, chain, order > 2 ? 2 : 0)}},
                  4, w.deviation);
}

/* ---- the solvers ---- */

static diffusion_status take(const solver_chain *chain, solver_step *step, linear_sight sight,
                             dpmsolver_weights_fn *weights_of)
{
    const dpmsolver_options *options = chain->options;
    double *now = history_push(chain->state, chain, DPMSOLVER_MOST, &step->from);
    diffusion_status status = linear_see(chain, sight, chain->x, &step->from, now, linear_array(chain, DPMSOLVER_ROOM));
    if (status != DIFFUSION_OK)
        return status;
    if (options->method == METHOD_MULTISTEP)
        dpmsolver_multistep(chain, step, weights_of);
    else
        dpmsolver_singlestep(chain, step, weights_of);
    return DIFFUSION_OK;
}

static diffusion_status step_x0(const solver_chain *chain, solver_step *step)
{
    return take(chain, step, SEES_X0, of_x0);
}

static diffusion_status step_noise(const solver_chain *chain, solver_step *step)
{
    return take(chain, step, SEES_NOISE, of_noise);
}

#define DPMSOLVER(of, divides, own_keys, title, text)                                                                  \
    {                                                                                                                  \
        .spec = {title, text, own_keys, SPEC_COUNT(own_keys)}, .additive = 1, .needs_signal = (divides),               \
        .state_size = sizeof(history), .arrays = arrays, .step = of                                                    \
    }

const solver dpmsolver_plus_solver =
    DPMSOLVER(step_x0, NULL, keys, "dpmsolver++",
              "DPM-Solver++: x_0 as a polynomial over several evaluations (Gaussian kernel).");
const solver dpmsolver_solver =
    DPMSOLVER(step_noise, linear_needs_signal, keys, "dpmsolver",
              "DPM-Solver: noise as a polynomial over several evaluations (Gaussian kernel).");
const solver sde_dpmsolver_plus_solver =
    DPMSOLVER(step_x0, NULL, noisy_keys, "sde-dpmsolver++",
              "DPM-Solver++ on the reverse diffusion, with noise (Gaussian kernel).");
const solver sde_dpmsolver_solver = DPMSOLVER(step_noise, linear_needs_signal, noisy_keys, "sde-dpmsolver",
                                              "DPM-Solver on the reverse diffusion, with noise (Gaussian kernel).");

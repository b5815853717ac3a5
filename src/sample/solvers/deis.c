/* DEIS (Zhang, Chen 2023, arXiv:2204.13902), its log-rho form: dy/drho = epsilon for y = x / signal, rho = sigma /
 * signal, with epsilon a polynomial in log rho through the last steps'. As diffusers' DEISMultistepScheduler. */
#include "sample/linear.h"

#include <math.h>

typedef struct deis_options {
    int64_t order;
    int32_t lower_order_final;
} deis_options;
SPEC_OWN(deis_options);

static const spec_key keys[] = {
    {"order", SPEC_INTEGER, offsetof(deis_options, order), "2", 1, 3, NULL, "order of the solver"},
    {"lower_order_final", SPEC_CHOICE, offsetof(deis_options, lower_order_final), "yes", 0, 0, "no|yes",
     "whether chains of fewer than 15 steps end with lower orders"},
};

enum { MOST = 3, ROOM = MOST, ARRAYS, FEW_STEPS = 15 };

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

/* Integrals over rho = exp(u) of 1, u and u^2, from b's rho to a's, with u counted from b's: e^u, (u - 1) e^u and
 * (u^2 - 2 u + 2) e^u. */
static void moments(double from[3], double rho, double u)
{
    const double grown = rho * exp(u); /* rho at the end; 0 at the data */
    from[0] = rho * expm1(u);
    from[1] = grown > 0.0 ? grown * (u - 1.0) + rho : rho;
    from[2] = grown > 0.0 ? grown * (u * (u - 2.0) + 2.0) - 2.0 * rho : -2.0 * rho;
}

/* The weight of the slope at node k (u = nodes[k], u = 0 the newest): the integral of its Lagrange polynomial. */
static double weight(const double *nodes, int32_t order, int32_t k, const double integral[3])
{
    double product = 1.0, sum = 0.0, scale = 1.0;
    int32_t others = 0;
    for (int32_t i = 0; i < order; i++)
        if (i != k) {
            product *= -nodes[i];
            sum -= nodes[i];
            scale /= nodes[k] - nodes[i];
            others++;
        }
    if (others == 0)
        return integral[0];
    return scale *
           (others == 1 ? integral[1] + sum * integral[0] : integral[2] + sum * integral[1] + product * integral[0]);
}

static int32_t order_of(const deis_options *options, const solver_step *step, int32_t seen)
{
    const int32_t left = step->steps - step->index;
    const int few = options->lower_order_final && step->steps < FEW_STEPS;
    if (step->aim.sigma == 0.0 || (left == 1 && few))
        return 1;
    return order_within(left == 2 && few && options->order > 2 ? 2 : options->order, seen);
}

static diffusion_status step(const solver_chain *chain, solver_step *step)
{
    history *seen = chain->state;
    double *now = history_push(seen, chain, MOST, &step->from), nodes[MOST], integral[3];
    diffusion_status status = linear_see(chain, SEES_NOISE, chain->x, &step->from, now, linear_array(chain, ROOM));
    if (status != DIFFUSION_OK)
        return status;
    const int32_t order = order_of(chain->options, step, seen->count);
    linear_term terms[1 + MOST] = {{step->aim.signal / step->from.signal, chain->x}};
    for (int32_t i = 0; i < order; i++)
        nodes[i] = level_lambda(&step->from) - level_lambda(&seen->at[i]);
    moments(integral, level_ratio(&step->from), level_lambda(&step->from) - level_lambda(&step->aim));
    for (int32_t i = 0; i < order; i++)
        terms[1 + i] =
            (linear_term){step->aim.signal * weight(nodes, order, i, integral), history_values(seen, chain, i)};
    linear_finish(chain, step, terms, (size_t)order + 1, 0.0);
    return DIFFUSION_OK;
}

const solver deis_solver = {
    .spec = {"deis", "DEIS: several steps' noise in one polynomial in log sigma (Gaussian kernel).", keys,
             SPEC_COUNT(keys)},
    .additive = 1,
    .needs_signal = linear_needs_signal,
    .state_size = sizeof(history),
    .arrays = arrays,
    .step = step,
};

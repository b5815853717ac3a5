/* DPM-Solver-fast (Lu et al. 2022, arXiv:2206.00927, algorithm 3 there; k-diffusion's sample_dpm_fast): single steps of
 * order 3 evenly in log sigma, each with its own evaluations between, and lower orders at the end so that `evaluations`
 * comes out. To sigma_min, not to the data. */
#include "sample/churn.h"

#include <math.h>

typedef struct dpm_fast_options {
    int64_t evaluations;
    double eta;
} dpm_fast_options;
SPEC_OWN(dpm_fast_options);

static const spec_key keys[] = {
    {"evaluations", SPEC_INTEGER, offsetof(dpm_fast_options, evaluations), "20", 1, 100000, NULL,
     "evaluations of the network; steps plays no part"},
    {"eta", SPEC_REAL, offsetof(dpm_fast_options, eta), "0", 0, 1, NULL, "share of the noise that a step may draw"},
};

enum { FIRST, SECOND, THIRD, MOVED, ROOM, ARRAYS };

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

static void plan(const void *chosen, plan_options *plan)
{
    const dpm_fast_options *options = chosen;
    plan->steps = options->evaluations / 3 + 1;
    plan->spacing = SPACING_EXPONENTIAL;
    plan->drop_lowest = 1;
    plan->final = FINAL_SIGMA_MIN;
}

static int32_t order_at(const dpm_fast_options *options, const solver_step *step)
{
    const int32_t left = step->steps - step->index, rest = (int32_t)(options->evaluations % 3);
    if (rest > 0)
        return left == 1 ? rest : 3;
    return left <= 2 ? left : 3;
}

/* y = x / signal and lambda = -log sigma, sigma = sigma / signal; a step of h from y: y - sigma' (expm1(h) e + ...). */
typedef struct single_step {
    const solver_chain *chain;
    const solver_step *step;
    double lambda, h;
} single_step;

static noise_level place(const single_step *of, double part)
{
    return part == 1.0 ? of->step->aim : solver_level_at(of->chain, 2.0 * (of->lambda + part * of->h));
}

/* x at `part` of the step, with the slope of order 1, and `bend` times what `other` differs from it. */
static void move(const single_step *of, double *out, double part, double sigma, const noise_level *at, double bend,
                 const double *other)
{
    const double grown = expm1(part * of->h), *first = linear_array(of->chain, FIRST);
    linear_sum(of->chain, out,
               (linear_term[]){{at->signal / of->step->from.signal, of->chain->x},
                               {-at->signal * sigma * (grown - bend), first},
                               {-at->signal * sigma * bend, other}},
               3);
}

/* What the model sees at `part` of the step. */
static diffusion_status see(const single_step *of, double part, double bend, const double *other, double *out)
{
    double *moved = linear_array(of->chain, MOVED);
    const noise_level at = place(of, part);
    move(of, moved, part, level_ratio(&at), &at, bend, other);
    return linear_see(of->chain, SEES_NOISE, moved, &at, out, linear_array(of->chain, ROOM));
}

/* The evaluations between, the last of which is left in `last` with the weight that it has at the end. */
static diffusion_status look_ahead(const single_step *of, int32_t order, const double **last, double *weight)
{
    double *second = linear_array(of->chain, SECOND), *third = linear_array(of->chain, THIRD);
    const double part = order == 3 ? 1.0 / 3.0 : 0.5, h = of->h;
    *last = second;
    *weight = 0.0;
    if (order == 1)
        return DIFFUSION_OK;
    diffusion_status status = see(of, part, 0.0, second, second);
    *weight = expm1(h) / (2.0 * part);
    if (order == 2 || status != DIFFUSION_OK)
        return status;
    const double far = 2.0 / 3.0, bend = far / part * (expm1(far * h) / (far * h) - 1.0);
    *last = third;
    *weight = (expm1(h) / h - 1.0) / far;
    return see(of, far, bend, second, third);
}

static diffusion_status step(const solver_chain *chain, solver_step *step)
{
    const dpm_fast_options *options = chain->options;
    const double sigma = level_ratio(&step->from), to = level_ratio(&step->aim);
    ancestral_step noisy = ancestral_step_of(sigma, to, options->eta);
    noisy.down = fmax(noisy.down, level_ratio(solver_first_level(chain)));
    noisy.up = sqrt(fmax((to - noisy.down) * (to + noisy.down), 0.0));
    const single_step of = {chain, step, -log(sigma), log(sigma / noisy.down)};
    const double *last = NULL;
    double weight = 0.0;
    diffusion_status status =
        linear_see(chain, SEES_NOISE, chain->x, &step->from, linear_array(chain, FIRST), linear_array(chain, ROOM));
    if (status == DIFFUSION_OK)
        status = look_ahead(&of, order_at(options, step), &last, &weight);
    if (status != DIFFUSION_OK)
        return status;
    move(&of, step->next.mean, 1.0, noisy.down, &step->aim, weight, last);
    linear_spread(chain, step, step->aim.signal * noisy.up);
    return DIFFUSION_OK;
}

const solver dpm_fast_solver = {
    .spec = {"dpm_fast", "DPM-Solver-fast: single steps of order 3, in a number of evaluations (Gaussian kernel).",
             keys, SPEC_COUNT(keys)},
    .additive = 1,
    .needs_signal = linear_needs_signal,
    .plan = plan,
    .arrays = arrays,
    .step = step,
};

/* Pseudo linear multistep (Liu et al. 2022, arXiv:2202.09778): DDIM's transfer with Adams-Bashforth's combination of
 * the last noises, which takes steps for equal. `pndm` warms up by an improved Euler step or by Runge-Kutta steps, as
 * diffusers' PNDMScheduler; `ipndm` by lower orders, as IPNDMScheduler. */
#include "sample/linear.h"

#include <math.h>

typedef enum warm_up { WARM_UP_PLMS, WARM_UP_PRK } warm_up;

typedef enum combined { COMBINES_NOISE, COMBINES_V } combined;

typedef enum stride_kind { STRIDE_NEXT, STRIDE_EVEN } stride_kind;

typedef struct pndm_options {
    int32_t warm_up, stride, combine;
} pndm_options;
SPEC_OWN(pndm_options);

static const spec_key keys[] = {
    {"warm_up", SPEC_CHOICE, offsetof(pndm_options, warm_up), "plms", 0, 0, "plms|prk",
     "the first steps: one of two evaluations, or three of four (Runge-Kutta)"},
    {"stride", SPEC_CHOICE, offsetof(pndm_options, stride), "next", 0, 0, "next|even",
     "where a step goes: to the next one visited, or floor(T/steps) down, as diffusers' code has it (they differ where "
     "the spacing is uneven)"},
    {"combine", SPEC_CHOICE, offsetof(pndm_options, combine), "noise", 0, 0, "noise|v",
     "what the last steps are combined in; v = signal epsilon - sigma x_0, as diffusers has it where a network "
     "predicts v"},
};

enum { RUNGE_KUTTA_STEPS = 3 };

enum { SECOND = HISTORY, THIRD, FOURTH, MOVED, FIRST_X0, ROOM, ARRAYS };

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

static int is_even(const solver_chain *chain)
{
    return ((const pndm_options *)chain->options)->stride == STRIDE_EVEN;
}

static int combines_v(const solver_chain *chain)
{
    return ((const pndm_options *)chain->options)->combine == COMBINES_V;
}

/* DDIM's transfer: the noise stays what it is. v tells it as (signal v + sigma x) / (signal^2 + sigma^2). Where nothing
 * of x_0 is left, at the chain's begin, x_0 is what the model sees. */
static void transfer(const solver_chain *chain, double *out, const noise_level *from, const noise_level *to,
                     const linear_term *noises, size_t count)
{
    const int v = combines_v(chain);
    if (from->signal == 0.0) {
        linear_sum(chain, out, (linear_term[]){{to->sigma, chain->x}, {to->signal, linear_array(chain, FIRST_X0)}}, 2);
        return;
    }
    const double keep = to->signal / from->signal, scale = to->sigma - keep * from->sigma, whole = level_variance(from);
    linear_term terms[1 + HISTORY] = {{v ? keep + scale * from->sigma / whole : keep, chain->x}};
    for (size_t i = 0; i < count; i++)
        terms[1 + i] = (linear_term){(v ? from->signal / whole : 1.0) * scale * noises[i].weight, noises[i].values};
    linear_sum(chain, out, terms, count + 1);
}

/* Adams and Bashforth's weights for equal steps. */
static void multistep(const solver_chain *chain, solver_step *step)
{
    static const double weights[HISTORY][HISTORY] = {{1.0},
                                                     {3.0 / 2.0, -1.0 / 2.0},
                                                     {23.0 / 12.0, -16.0 / 12.0, 5.0 / 12.0},
                                                     {55.0 / 24.0, -59.0 / 24.0, 37.0 / 24.0, -9.0 / 24.0}};
    const history *seen = chain->state;
    linear_term noises[HISTORY];
    for (int32_t i = 0; i < seen->count; i++)
        noises[i] = (linear_term){weights[seen->count - 1][i], history_values(seen, chain, i)};
    transfer(chain, step->next.mean, &step->from, &step->aim, noises, (size_t)seen->count);
}

static diffusion_status see(const solver_chain *chain, const double *x, const noise_level *at, double *out)
{
    double *room = linear_array(chain, at->signal == 0.0 ? FIRST_X0 : ROOM);
    diffusion_status status = linear_see(chain, SEES_NOISE, x, at, out, room);
    if (status == DIFFUSION_OK && combines_v(chain))
        linear_sum(chain, out, (linear_term[]){{at->signal, out}, {-at->sigma, room}}, 2);
    return status;
}

/* The level that a step of the warm-up comes to: of even strides too the next one visited. */
static const noise_level *end_of_warm_up(const solver_chain *chain, const solver_step *step)
{
    return is_even(chain) && step->to.sigma > 0.0 ? &step->to : &step->aim;
}

/* The mean of the noises at both ends. Even strides are those of diffusers' code: the first comes out beside the next
 * level visited, whose noise is asked for all the same, and the second is taken as if from a stride above that. */
static diffusion_status improved_euler(const solver_chain *chain, solver_step *step)
{
    const history *seen = chain->state;
    double *after = linear_array(chain, SECOND), *x = step->next.mean;
    const noise_level *to = end_of_warm_up(chain, step), *last = solver_last_level(chain);
    const noise_level above = solver_level(chain, fmin(to->t + floor(last->t / step->steps), last->t));
    multistep(chain, step);
    diffusion_status status = see(chain, x, to, after);
    linear_term noises[] = {{0.5, history_values(seen, chain, 0)}, {0.5, after}};
    if (status == DIFFUSION_OK)
        transfer(chain, x, is_even(chain) ? &above : &step->from, to, noises, 2);
    return status;
}

/* Where a step's first stage goes, and what the model is told of its middle. */
typedef struct middles {
    noise_level first, told;
} middles;

/* Whole steps have a whole one for their middle. Even strides have it half of one below the begin, and half of one
 * above the end. */
static middles middles_of(const solver_chain *chain, const solver_step *step)
{
    const double to = end_of_warm_up(chain, step)->t, apart = step->from.t - to;
    const double half = floor(0.5 * floor(solver_last_level(chain)->t / step->steps));
    const double whole = apart == floor(apart) ? floor(0.5 * apart) : 0.5 * apart;
    if (is_even(chain))
        return (middles){solver_level(chain, step->from.t - half), solver_level(chain, to + half)};
    const noise_level middle = solver_level(chain, step->from.t - whole);
    return (middles){middle, middle};
}

/* The classical rule of order 4 on the noise, each stage a transfer from the step's begin. */
static diffusion_status runge_kutta(const solver_chain *chain, solver_step *step)
{
    const middles at = middles_of(chain, step);
    const noise_level middle = at.told, *from = &step->from, *to = end_of_warm_up(chain, step);
    const double *first = history_values(chain->state, chain, 0);
    double *second = linear_array(chain, SECOND), *third = linear_array(chain, THIRD);
    double *fourth = linear_array(chain, FOURTH), *x = linear_array(chain, MOVED);
    transfer(chain, x, from, &at.first, (linear_term[]){{1.0, first}}, 1);
    diffusion_status status = see(chain, x, &middle, second);
    if (status == DIFFUSION_OK) {
        transfer(chain, x, from, &middle, (linear_term[]){{1.0, second}}, 1);
        status = see(chain, x, &middle, third);
    }
    if (status == DIFFUSION_OK) {
        transfer(chain, x, from, to, (linear_term[]){{1.0, third}}, 1);
        status = see(chain, x, to, fourth);
    }
    if (status == DIFFUSION_OK)
        transfer(chain, step->next.mean, from, to,
                 (linear_term[]){{1.0 / 6, first}, {1.0 / 3, second}, {1.0 / 3, third}, {1.0 / 6, fourth}}, 4);
    return status;
}

static diffusion_status step_ipndm(const solver_chain *chain, solver_step *step)
{
    double *now = history_push(chain->state, chain, HISTORY, &step->from);
    diffusion_status status = see(chain, chain->x, &step->from, now);
    if (status != DIFFUSION_OK)
        return status;
    multistep(chain, step);
    linear_spread(chain, step, 0.0);
    return DIFFUSION_OK;
}

static diffusion_status step_pndm(const solver_chain *chain, solver_step *step)
{
    double *now = history_push(chain->state, chain, HISTORY, &step->from);
    diffusion_status status = see(chain, chain->x, &step->from, now);
    const int prk = ((const pndm_options *)chain->options)->warm_up == WARM_UP_PRK, inner = step->aim.sigma > 0.0;
    if (status == DIFFUSION_OK && prk && step->index < RUNGE_KUTTA_STEPS && inner)
        status = runge_kutta(chain, step);
    else if (status == DIFFUSION_OK && !prk && step->index == 0 && inner)
        status = improved_euler(chain, step);
    else if (status == DIFFUSION_OK)
        multistep(chain, step);
    if (status == DIFFUSION_OK)
        linear_spread(chain, step, 0.0);
    return status;
}

static noise_level target(const void *chosen, const chain_plan *plan, int32_t step)
{
    return ((const pndm_options *)chosen)->stride == STRIDE_NEXT ? plan_next(plan, step) : plan_stride_down(plan, step);
}

const solver pndm_solver = {
    .spec = {"pndm", "Pseudo linear multistep, of order 4 after a warm-up (Gaussian kernel).", keys, SPEC_COUNT(keys)},
    .additive = 1,
    .state_size = sizeof(history),
    .arrays = arrays,
    .target = target,
    .step = step_pndm,
};

const solver ipndm_solver = {
    .spec = {"ipndm", "Pseudo linear multistep, warmed up by lower orders (Gaussian kernel).", keys + 2, 1},
    .additive = 1,
    .state_size = sizeof(history),
    .arrays = arrays,
    .step = step_ipndm,
};

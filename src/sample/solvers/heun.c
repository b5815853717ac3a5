/* Heun's method (Karras et al. 2022, arXiv:2206.00364, algorithms 1 and 2): the slope at both ends of a step; to the
 * data Euler's. */
#include "sample/churn.h"

typedef enum path_kind { PATH_SIGMA, PATH_FLOW } path_kind;

typedef struct heun_options {
    churn_options churn;
    int32_t path;
} heun_options;
SPEC_OWN(heun_options);

#define PATH_KEY                                                                                                       \
    {                                                                                                                  \
        "path", SPEC_CHOICE, offsetof(heun_options, path), "sigma", 0, 0, "sigma|flow",                                \
            "what is integrated: x / signal over sigma / signal, with the slope epsilon; or x / (signal + sigma) "     \
            "over sigma / (signal + sigma), with the slope epsilon - x_0, as in flow matching"                         \
    }

static const spec_key keys[] = {CHURN_KEYS(heun_options, churn), PATH_KEY};
static const spec_key inverse_keys[] = {PATH_KEY};

enum { X, SEEN, AFTER, ROOM, ARRAYS };

/* A level on the path: y = x / scale at s. */
typedef struct place {
    double scale, s;
} place;

static place place_of(const heun_options *options, const noise_level *at)
{
    const double scale = options->path == PATH_FLOW ? at->signal + at->sigma : at->signal;
    return (place){scale, at->sigma / scale};
}

static int needs_signal(const void *options)
{
    return ((const heun_options *)options)->path == PATH_SIGMA;
}

/* dy/ds, in `out`. */
static diffusion_status slope(const solver_chain *chain, const double *x, const noise_level *at, double *out)
{
    const heun_options *options = chain->options;
    double *x0 = linear_array(chain, ROOM);
    diffusion_status status = linear_see(chain, SEES_NOISE, x, at, out, x0);
    if (status == DIFFUSION_OK && options->path == PATH_FLOW)
        linear_sum(chain, out, (linear_term[]){{1.0, out}, {-1.0, x0}}, 2);
    return status;
}

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

static diffusion_status step(const solver_chain *chain, solver_step *step)
{
    const heun_options *options = chain->options;
    const noise_level raised = churn_level(chain, &options->churn, step), *to = &step->aim;
    const place begin = place_of(options, &raised), end = place_of(options, to);
    const double length = end.scale * (end.s - begin.s);
    double *x = linear_array(chain, X), *seen = linear_array(chain, SEEN), *after = linear_array(chain, AFTER);
    linear_term terms[] = {{end.scale / begin.scale, x}, {length, seen}, {0.0, after}};
    diffusion_status status = churn_raise(chain, &options->churn, step, &raised, x);
    if (status == DIFFUSION_OK)
        status = slope(chain, x, &raised, seen);
    if (status == DIFFUSION_OK && to->sigma > 0.0) {
        linear_sum(chain, step->next.mean, terms, 3);
        status = slope(chain, step->next.mean, to, after);
        terms[1].weight = terms[2].weight = 0.5 * length;
    }
    if (status == DIFFUSION_OK)
        linear_finish(chain, step, terms, 3, 0.0);
    return status;
}

/* Upwards no noise is put back. */
static void plan_upwards(const void *options, plan_options *plan)
{
    (void)options;
    plan->way = WAY_UP_FROM_LOWEST;
}

const solver heun_solver = {
    .spec = {"heun", "Heun's method on the probability flow, two evaluations a step (Gaussian kernel).", keys,
             SPEC_COUNT(keys)},
    .additive = 1,
    .needs_signal = needs_signal,
    .arrays = arrays,
    .step = step,
};

const solver heun_inverse_solver = {
    .spec = {"heun_inverse",
             "Heun's method upwards: from data, taken for states of the lowest level visited, to the noise that heun "
             "makes them of (Gaussian kernel).",
             inverse_keys, SPEC_COUNT(inverse_keys)},
    .additive = 1,
    .needs_signal = needs_signal,
    .plan = plan_upwards,
    .arrays = arrays,
    .step = step,
};

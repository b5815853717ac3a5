/* Heun's method (Karras et al. 2022, arXiv:2206.00364, algorithms 1 and 2): the slope at both ends of a step; to the
 * data Euler's. With alpha the second slope is taken at that part of the step, and both are weighted so that the order
 * stays 2 (algorithm 3, section D.2). */
#include "sample/churn.h"
#include "sample/path.h"

#include <math.h>

typedef struct heun_options {
    churn_options churn;
    path_options path;
    double alpha;
} heun_options;
SPEC_OWN(heun_options);

#define ALPHA_KEY                                                                                                      \
    {                                                                                                                  \
        "alpha", SPEC_REAL, offsetof(heun_options, alpha), "1", 1e-3, 1, NULL,                                         \
            "where the second slope is taken, as a part of the step"                                                   \
    }

static const spec_key keys[] = {CHURN_KEYS(heun_options, churn), PATH_KEYS(heun_options, path), ALPHA_KEY};
static const spec_key inverse_keys[] = {PATH_KEYS(heun_options, path), ALPHA_KEY};

enum { X, SEEN, AFTER, ROOM, ARRAYS };

static int needs_signal(const void *options)
{
    return path_divides(&((const heun_options *)options)->path);
}

/* dy/dtime, in `out`. */
static diffusion_status slope(const solver_chain *chain, const path_place *place, const double *x,
                              const noise_level *at, double *out)
{
    double *x0 = linear_array(chain, ROOM);
    diffusion_status status = linear_see(chain, SEES_NOISE, x, at, out, x0);
    if (status == DIFFUSION_OK && !(place->x0 == 0.0 && place->epsilon == 1.0))
        linear_sum(chain, out, (linear_term[]){{place->epsilon, out}, {place->x0, x0}}, 2);
    return status;
}

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

/* The level where the second slope is taken. */
static noise_level look_ahead(const solver_chain *chain, const path_place *begin, const path_place *end,
                              const noise_level *to)
{
    const heun_options *options = chain->options;
    if (options->alpha == 1.0)
        return *to;
    const double ratio = path_ratio(&options->path, begin->time + options->alpha * (end->time - begin->time));
    return solver_level_at(chain, -2.0 * log(ratio));
}

static diffusion_status step(const solver_chain *chain, solver_step *step)
{
    const heun_options *options = chain->options;
    const noise_level raised = churn_level(chain, &options->churn, step), *to = &step->aim;
    const path_place begin = path_place_of(&options->path, &raised), end = path_place_of(&options->path, to);
    const double whole = end.time - begin.time, length = end.scale * whole, share = 0.5 / options->alpha;
    double *x = linear_array(chain, X), *seen = linear_array(chain, SEEN), *after = linear_array(chain, AFTER);
    linear_term terms[] = {{end.scale / begin.scale, x}, {length, seen}, {0.0, after}};
    diffusion_status status = churn_raise(chain, &options->churn, step, &raised, x);
    if (status == DIFFUSION_OK)
        status = slope(chain, &begin, x, &raised, seen);
    if (status == DIFFUSION_OK && to->sigma > 0.0) {
        const noise_level ahead = look_ahead(chain, &begin, &end, to);
        const path_place there = path_place_of(&options->path, &ahead);
        linear_sum(chain, step->next.mean,
                   (linear_term[]){{there.scale / begin.scale, x}, {options->alpha * there.scale * whole, seen}}, 2);
        status = slope(chain, &there, step->next.mean, &ahead, after);
        terms[1].weight = (1.0 - share) * length;
        terms[2].weight = share * length;
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

static diffusion_status check(const void *options)
{
    return churn_check(&((const heun_options *)options)->churn);
}

const solver heun_solver = {
    .spec = {"heun", "Heun's method on the probability flow, two evaluations a step (Gaussian kernel).", keys,
             SPEC_COUNT(keys)},
    .additive = 1,
    .check = check,
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

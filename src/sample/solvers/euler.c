/* Euler's method on the probability flow, of y = x / signal over sigma / signal or on another path; with noise put back
 * before each step (Karras et al. 2022). */
#include "sample/churn.h"
#include "sample/path.h"

typedef struct euler_options {
    churn_options churn;
    path_options path;
    int32_t early;
} euler_options;
SPEC_OWN(euler_options);

static const spec_key keys[] = {
    CHURN_KEYS(euler_options, churn),
    PATH_KEYS(euler_options, path),
    {"model_before_churn", SPEC_CHOICE, offsetof(euler_options, early), "no", 0, 0, "no|yes",
     "whether the model is asked before the noise is put back, as in diffusers (which may raise sigma beyond the "
     "schedule's largest then), or after"},
};

enum { X, SEEN, ROOM, ARRAYS };

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

/* The x_0 and noise at the raised level. Asked early, the model's output is kept. */
static diffusion_status see(const solver_chain *chain, const solver_step *step, const noise_level *raised, int early)
{
    double *x = linear_array(chain, X), *seen = linear_array(chain, SEEN), *room = linear_array(chain, ROOM);
    const euler_options *options = chain->options;
    diffusion_status status = DIFFUSION_OK;
    if (early)
        status = linear_see(chain, SEES_NOISE, chain->x, &step->from, seen, room);
    if (status == DIFFUSION_OK)
        status = churn_raise(chain, &options->churn, step, raised, x);
    if (status == DIFFUSION_OK && early && churn_has_raised(raised, step))
        solver_reread(chain, chain->x, &step->from, x, raised, room, seen);
    if (status == DIFFUSION_OK && !early)
        status = linear_see(chain, SEES_NOISE, x, raised, seen, room);
    return status;
}

static diffusion_status step(const solver_chain *chain, solver_step *step)
{
    const euler_options *options = chain->options;
    const noise_level raised =
        options->early ? churn_level_unseen(chain, &options->churn, step) : churn_level(chain, &options->churn, step);
    diffusion_status status = see(chain, step, &raised, options->early);
    if (status != DIFFUSION_OK)
        return status;
    double *x0 = linear_array(chain, ROOM), *epsilon = linear_array(chain, SEEN);
    if (path_is_straight(&options->path)) {
        linear_finish(chain, step, (linear_term[]){{step->aim.signal, x0}, {step->aim.sigma, epsilon}}, 2, 0.0);
        return DIFFUSION_OK;
    }
    const path_place begin = path_place_of(&options->path, &raised), end = path_place_of(&options->path, &step->aim);
    const double length = end.scale * (end.time - begin.time);
    linear_finish(chain, step,
                  (linear_term[]){{end.scale / begin.scale, linear_array(chain, X)},
                                  {length * begin.x0, x0},
                                  {length * begin.epsilon, epsilon}},
                  3, 0.0);
    return DIFFUSION_OK;
}

static int needs_signal(const void *options)
{
    const path_options *path = &((const euler_options *)options)->path;
    return !path_is_straight(path) && path_divides(path);
}

static diffusion_status check(const void *options)
{
    return churn_check(&((const euler_options *)options)->churn);
}

const solver euler_solver = {
    .spec = {"euler", "Euler's method on the probability flow in sigma (Gaussian kernel).", keys, SPEC_COUNT(keys)},
    .additive = 1,
    .check = check,
    .needs_signal = needs_signal,
    .arrays = arrays,
    .step = step,
};

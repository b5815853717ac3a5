/* k-diffusion's samplers with x_0 and noise between: euler_ancestral, dpmpp_2s (sample_dpmpp_2s_ancestral) and
 * dpmpp_sde, on y = x / signal and lambda = -log sigma. */
#include "sample/churn.h"

#include <math.h>

typedef struct dpmpp_options {
    double eta, r;
} dpmpp_options;
SPEC_OWN(dpmpp_options);

static const spec_key keys[] = {
    {"eta", SPEC_REAL, offsetof(dpmpp_options, eta), "1", 0, 1, NULL, "share of the noise that a step may draw"},
};
static const spec_key sde_keys[] = {
    {"eta", SPEC_REAL, offsetof(dpmpp_options, eta), "1", 0, 1, NULL, "share of the noise that a step may draw"},
    {"r", SPEC_REAL, offsetof(dpmpp_options, r), "0.5", 0.01, 1, NULL, "where between, of the step in lambda"},
};

enum { SEEN, BETWEEN, MIDDLE, ROOM, ARRAYS };

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

/* The exact flow from sigma to `down` for a constant x_0, in x at the level `at`. */
static linear_term kept(const solver_chain *chain, const solver_step *step, const noise_level *at, double down)
{
    return (linear_term){at->signal / step->from.signal * down / level_ratio(&step->from), chain->x};
}

static double gained(const solver_step *step, const noise_level *at, double down)
{
    return at->signal * (1.0 - down / level_ratio(&step->from));
}

static ancestral_step whole_of(const solver_step *step, double eta)
{
    return ancestral_step_of(level_ratio(&step->from), level_ratio(&step->aim), eta);
}

static diffusion_status see(const solver_chain *chain, const double *x, const noise_level *at, double *out)
{
    return linear_see(chain, SEES_X0, x, at, out, linear_array(chain, ROOM));
}

static void finish(const solver_chain *chain, solver_step *step, ancestral_step of, double first, double second)
{
    const double share = gained(step, &step->aim, of.down);
    linear_finish(chain, step,
                  (linear_term[]){kept(chain, step, &step->aim, of.down),
                                  {first * share, linear_array(chain, SEEN)},
                                  {second * share, linear_array(chain, BETWEEN)}},
                  3, step->aim.signal * of.up);
}

static diffusion_status step_euler(const solver_chain *chain, solver_step *step)
{
    const dpmpp_options *options = chain->options;
    diffusion_status status = see(chain, chain->x, &step->from, linear_array(chain, SEEN));
    if (status == DIFFUSION_OK)
        finish(chain, step, whole_of(step, options->eta), 1.0, 0.0);
    return status;
}

/* What the model sees at sigma `between`, to which x goes by way of `part`. */
static diffusion_status see_between(const solver_chain *chain, const solver_step *step, double between,
                                    ancestral_step part)
{
    double *x = linear_array(chain, MIDDLE), *seen = linear_array(chain, SEEN);
    const noise_level at = solver_level_at(chain, -2.0 * log(between));
    linear_term terms[] = {
        kept(chain, step, &at, part.down), {gained(step, &at, part.down), seen}, {at.signal * part.up, x}};
    diffusion_status status = part.up > 0.0 ? solver_draw(chain, x) : DIFFUSION_OK;
    if (status != DIFFUSION_OK)
        return status;
    linear_sum(chain, x, terms, 3);
    return see(chain, x, &at, linear_array(chain, BETWEEN));
}

static diffusion_status step_2s(const solver_chain *chain, solver_step *step)
{
    const dpmpp_options *options = chain->options;
    const ancestral_step whole = whole_of(step, options->eta);
    const double between = sqrt(level_ratio(&step->from) * whole.down);
    diffusion_status status = see(chain, chain->x, &step->from, linear_array(chain, SEEN));
    if (status == DIFFUSION_OK && between > 0.0)
        status = see_between(chain, step, between, (ancestral_step){between, 0.0});
    if (status == DIFFUSION_OK)
        finish(chain, step, whole, between > 0.0 ? 0.0 : 1.0, between > 0.0 ? 1.0 : 0.0);
    return status;
}

static diffusion_status step_sde(const solver_chain *chain, solver_step *step)
{
    const dpmpp_options *options = chain->options;
    const double sigma = level_ratio(&step->from), to = level_ratio(&step->aim), share = 0.5 / options->r;
    const double between = to > 0.0 ? sigma * pow(to / sigma, options->r) : 0.0;
    diffusion_status status = see(chain, chain->x, &step->from, linear_array(chain, SEEN));
    if (status == DIFFUSION_OK && to > 0.0)
        status = see_between(chain, step, between, ancestral_step_of(sigma, between, options->eta));
    if (status == DIFFUSION_OK)
        finish(chain, step, whole_of(step, options->eta), to > 0.0 ? 1.0 - share : 1.0, to > 0.0 ? share : 0.0);
    return status;
}

#define DPMPP(of, own_keys, title, text)                                                                               \
    {                                                                                                                  \
        .spec = {title, text, own_keys, SPEC_COUNT(own_keys)}, .additive = 1, .needs_signal = linear_needs_signal,     \
        .arrays = arrays, .step = of                                                                                   \
    }

const solver euler_ancestral_solver =
    DPMPP(step_euler, keys, "euler_ancestral", "Euler's method with noise drawn behind each step (Gaussian kernel).");
const solver dpmpp_2s_solver =
    DPMPP(step_2s, keys, "dpmpp_2s",
          "DPM-Solver++(2S), two evaluations a step, with noise drawn behind it (Gaussian kernel).");
const solver dpmpp_sde_solver =
    DPMPP(step_sde, sde_keys, "dpmpp_sde",
          "DPM-Solver++ on the reverse diffusion, two evaluations and draws a step (Gaussian kernel).");

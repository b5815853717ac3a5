/* SA-Solver (Xue et al. 2023, arXiv:2305.15881): stochastic Adams, a predictor and a corrector over several steps on
 * the reverse diffusion whose noise is tau times its own, tau = 0 being the flow. With u = lambda - lambda_to and L_i
 * the Lagrange polynomials of the levels where was seen what, going by x_0
 *
 *     x' = exp(-tau^2 h) sigma'/sigma x + signal' (1 + tau^2) sum_i m_i int_{-h}^0 exp((1 + tau^2) u) L_i(u) du
 *          + sigma' sqrt(1 - exp(-2 tau^2 h)) z
 *
 * As diffusers' SASolverScheduler with curvature=published, its term of third order for two points. */
#include "base/error.h"
#include "sample/linear.h"

#include <math.h>

typedef enum curvature_kind { CURVATURE_EXACT, CURVATURE_PUBLISHED } curvature_kind;
typedef enum sight_kind { SIGHT_X0, SIGHT_NOISE } sight_kind;

typedef struct sa_options {
    int64_t predictor, corrector;
    double tau, start, end;
    int32_t predict, curvature, lower_order_final;
} sa_options;
SPEC_OWN(sa_options);

static const spec_key keys[] = {
    {"predictor_order", SPEC_INTEGER, offsetof(sa_options, predictor), "2", 1, 3, NULL, "points of the predictor"},
    {"corrector_order", SPEC_INTEGER, offsetof(sa_options, corrector), "2", 0, 4, NULL,
     "points of the corrector, the newest among them; 0: none"},
    {"tau", SPEC_REAL, offsetof(sa_options, tau), "1", 0, 10, NULL, "noise, as a multiple of the reverse diffusion's"},
    {"tau_start", SPEC_REAL, offsetof(sa_options, start), "1e6", 0, 1e6, NULL, "the largest time that has noise"},
    {"tau_end", SPEC_REAL, offsetof(sa_options, end), "0", 0, 1e6, NULL, "the least time that has noise"},
    {"go_by", SPEC_CHOICE, offsetof(sa_options, predict), "x0", 0, 0, "x0|noise", "what the polynomial goes through"},
    {"curvature", SPEC_CHOICE, offsetof(sa_options, curvature), "exact", 0, 0, "exact|published",
     "two points of x0: the slope's term as integrated; or h^2 / 2, as the authors' code has it, which in long steps "
     "grows without bound"},
    {"lower_order_final", SPEC_CHOICE, offsetof(sa_options, lower_order_final), "yes", 0, 0, "no|yes",
     "whether the last steps have fewer points"},
};

enum { BEFORE = HISTORY, MEAN, NOW, ROOM, ARRAYS };

/* Of the step before: its points less one, its tau, and the points that mend it. */
typedef struct sa_state {
    history seen;
    double tau;
    int32_t corrector;
} sa_state;

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

/* int_{-h}^0 exp(k u) u^m du, m = 0..3. */
static void moments(double integral[HISTORY], double k, double h)
{
    integral[0] = -expm1(-k * h) / k;
    for (int m = 1; m < HISTORY; m++)
        integral[m] = -pow(-h, m) * exp(-k * h) / k - m / k * integral[m - 1];
}

/* The coefficients of the Lagrange polynomial that is 1 at node `own`, from u^0 on. */
static void lagrange(double coefficient[HISTORY], const double *nodes, int32_t points, int32_t own)
{
    coefficient[0] = 1.0;
    for (int32_t i = 1; i < HISTORY; i++)
        coefficient[i] = 0.0;
    for (int32_t i = 0; i < points; i++) {
        if (i == own)
            continue;
        const double scale = 1.0 / (nodes[own] - nodes[i]);
        for (int32_t m = HISTORY - 1; m >= 0; m--)
            coefficient[m] = scale * ((m > 0 ? coefficient[m - 1] : 0.0) - nodes[i] * coefficient[m]);
    }
}

/* What is added to the first of two points and taken from the second: empirical, of third order in h. */
static double trick(double k, double h, double apart, int is_corrector)
{
    const double part = (h * k - 1.0 + exp(-k * h)) / (k * k);
    return is_corrector ? h / 2.0 - part / h : (h * h / 2.0 - part) / apart;
}

/* The mean of x at `to`, from x at `from`, through the `points` newest of what was seen. */
static void sum(const solver_chain *chain, double *out, const noise_level *from, const noise_level *to, const double *x,
                int32_t points, double tau, int is_corrector)
{
    const sa_options *options = chain->options;
    const history *seen = &((const sa_state *)chain->state)->seen;
    const int by_x0 = options->predict == SIGHT_X0;
    const double h = level_lambda(to) - level_lambda(from), square = tau * tau, k = by_x0 ? 1.0 + square : -1.0;
    const double scale = (1.0 + square) * (by_x0 ? to->signal : -to->sigma);
    double integral[HISTORY], nodes[HISTORY], coefficient[HISTORY];
    linear_term terms[1 + HISTORY] = {
        {by_x0 ? exp(-square * h) * to->sigma / from->sigma : to->signal / from->signal, x}};
    moments(integral, k, h);
    for (int32_t i = 0; i < points; i++)
        nodes[i] = level_lambda(&seen->at[i]) - level_lambda(to);
    for (int32_t i = 0; i < points; i++) {
        double weight = 0.0;
        lagrange(coefficient, nodes, points, i);
        for (int m = 0; m < HISTORY; m++)
            weight += coefficient[m] * integral[m];
        if (by_x0 && points == 2 && options->curvature == CURVATURE_PUBLISHED)
            weight += (i == 0 ? 1.0 : -1.0) * trick(k, h, nodes[0] - nodes[1], is_corrector);
        terms[1 + i] = (linear_term){scale * weight, history_values(seen, chain, i)};
    }
    linear_sum(chain, out, terms, (size_t)points + 1);
}

static double deviation(const sa_options *options, const noise_level *from, const noise_level *to, double tau)
{
    const double h = level_lambda(to) - level_lambda(from);
    if (tau == 0.0 || to->sigma == 0.0)
        return 0.0;
    return options->predict == SIGHT_X0 ? to->sigma * sqrt(-expm1(-2.0 * tau * tau * h))
                                        : tau * to->sigma * sqrt(expm1(2.0 * h));
}

/* x mended: the step before again, with what is seen at its end, and its own noise, which is what parts x from its
 * mean. */
static void correct(const solver_chain *chain, const solver_step *step)
{
    const sa_state *state = chain->state;
    double *now = linear_array(chain, NOW), *mended = linear_array(chain, ROOM);
    sum(chain, mended, &state->seen.at[1], &step->from, linear_array(chain, BEFORE), state->corrector, state->tau, 1);
    linear_sum(chain, now, (linear_term[]){{1.0, mended}, {1.0, chain->x}, {-1.0, linear_array(chain, MEAN)}}, 3);
}

static int32_t least(int64_t a, int64_t b)
{
    return (int32_t)(a < b ? a : b);
}

static void predict(const solver_chain *chain, solver_step *step)
{
    const sa_options *options = chain->options;
    sa_state *state = chain->state;
    const int32_t left = step->steps - step->index;
    const int32_t points =
        least(options->lower_order_final ? least(options->predictor, left) : options->predictor, state->seen.count);
    state->tau = step->from.t <= options->start && step->from.t >= options->end ? options->tau : 0.0;
    state->corrector = least(options->lower_order_final ? least(options->corrector, left + 1) : options->corrector,
                             state->seen.count + 1);
    const double *x = linear_array(chain, NOW), *seen = history_values(&state->seen, chain, 0);
    const double ratio = level_ratio(&step->from), signal = step->from.signal;
    if (step->aim.sigma > 0.0)
        sum(chain, step->next.mean, &step->from, &step->aim, x, points, state->tau, 0);
    else if (options->predict == SIGHT_X0)
        linear_sum(chain, step->next.mean, (linear_term[]){{1.0, seen}}, 1);
    else
        linear_sum(chain, step->next.mean, (linear_term[]){{1.0 / signal, x}, {-ratio, seen}}, 2);
}

static diffusion_status step(const solver_chain *chain, solver_step *step)
{
    const sa_options *options = chain->options;
    sa_state *state = chain->state;
    const linear_sight sight = options->predict == SIGHT_X0 ? SEES_X0 : SEES_NOISE;
    double *seen = history_push(&state->seen, chain, HISTORY, &step->from), *now = linear_array(chain, NOW);
    diffusion_status status = linear_see(chain, sight, chain->x, &step->from, seen, linear_array(chain, ROOM));
    if (status != DIFFUSION_OK)
        return status;
    linear_sum(chain, now, (linear_term[]){{1.0, chain->x}}, 1);
    if (step->index > 0 && state->corrector > 0)
        correct(chain, step);
    predict(chain, step);
    linear_sum(chain, linear_array(chain, BEFORE), (linear_term[]){{1.0, now}}, 1);
    linear_sum(chain, linear_array(chain, MEAN), (linear_term[]){{1.0, step->next.mean}}, 1);
    linear_spread(chain, step, deviation(options, &step->from, &step->aim, state->tau));
    return DIFFUSION_OK;
}

static diffusion_status check(const void *own)
{
    const sa_options *options = own;
    if (options->end > options->start)
        return error_set(DIFFUSION_E_SPEC, "sampler: tau_end=%g, expected at most tau_start=%g", options->end,
                         options->start);
    return DIFFUSION_OK;
}

const solver sa_solver_solver = {
    .spec = {"sa_solver", "SA-Solver: stochastic Adams, predictor and corrector (Gaussian kernel).", keys,
             SPEC_COUNT(keys)},
    .additive = 1,
    .check = check,
    .needs_signal = linear_needs_signal,
    .state_size = sizeof(sa_state),
    .arrays = arrays,
    .step = step,
};

/* UniPC (Zhao et al. 2023, arXiv:2302.04867): a predictor in lambda = log(signal / sigma), and a corrector that mends
 * where the step before has led with what the model saw there, at no further evaluation. With phi_k(z) = (exp(z) - sum
 * of its first k terms) / z^k; B(h) is z or exp(z) - 1 (bh1, bh2), z = -h going by x_0 and h by the noise. As
 * diffusers' UniPCMultistepScheduler. */
#include "sample/linear.h"

#include <math.h>

typedef enum base_kind { BASE_BH1, BASE_BH2 } base_kind;
typedef enum sight_kind { SIGHT_X0, SIGHT_NOISE } sight_kind;

typedef struct unipc_options {
    int64_t order;
    spec_reals uncorrected;
    int32_t type, predict, lower_order_final, corrector;
} unipc_options;
SPEC_OWN(unipc_options);

static const spec_key keys[] = {
    {"order", SPEC_INTEGER, offsetof(unipc_options, order), "2", 1, 3, NULL, "order of the predictor"},
    {"type", SPEC_CHOICE, offsetof(unipc_options, type), "bh2", 0, 0, "bh1|bh2", "B(h): h, or exp(h) - 1"},
    {"go_by", SPEC_CHOICE, offsetof(unipc_options, predict), "x0", 0, 0, "x0|noise",
     "what the polynomial goes through"},
    {"lower_order_final", SPEC_CHOICE, offsetof(unipc_options, lower_order_final), "yes", 0, 0, "no|yes",
     "whether the last steps have lower orders"},
    {"corrector", SPEC_CHOICE, offsetof(unipc_options, corrector), "yes", 0, 0, "no|yes", "whether steps are mended"},
    {"disable_corrector", SPEC_REALS, offsetof(unipc_options, uncorrected), "", 0, 100000, NULL,
     "steps, counted from 0, that are not mended"},
};

enum { MOST = 3, BEFORE = HISTORY, MENDED, ROOM, ARRAYS };

typedef struct unipc_state {
    history seen;
    int32_t order; /* of the step before; 0: there was none */
} unipc_state;

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

/* A system of at most 3 unknowns, by elimination with row pivots. */
static void solve(double *x, double a[MOST][MOST], const double *b, int32_t n)
{
    double rows[MOST][MOST + 1];
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            rows[i][j] = a[i][j];
        rows[i][n] = b[i];
    }
    for (int32_t k = 0; k < n; k++) {
        int32_t pivot = k;
        for (int32_t i = k + 1; i < n; i++)
            if (fabs(rows[i][k]) > fabs(rows[pivot][k]))
                pivot = i;
        for (int32_t j = k; j <= n; j++) {
            const double kept = rows[k][j];
            rows[k][j] = rows[pivot][j];
            rows[pivot][j] = kept;
        }
        for (int32_t i = k + 1; i < n; i++)
            for (int32_t j = n; j >= k; j--)
                rows[i][j] -= rows[i][k] / rows[k][k] * rows[k][j];
    }
    for (int32_t i = n - 1; i >= 0; i--) {
        x[i] = rows[i][n];
        for (int32_t j = i + 1; j < n; j++)
            x[i] -= rows[i][j] * x[j];
        x[i] /= rows[i][i];
    }
}

/* A step from seen->at[first] to `to`: r[i] = (lambda_i - lambda) / h of the older evaluations, then 1 for the end's.
 */
typedef struct unipc_step {
    double h, z, base, phi;
    double r[MOST];
    double a[MOST][MOST], b[MOST];
} unipc_step;

/* Row i: sum over k of rho_k r_k^i = phi_{i+1}(z) i! / B. */
static unipc_step step_of(const unipc_options *options, const history *seen, int32_t first, const noise_level *to,
                          int32_t order)
{
    unipc_step of = {.h = level_lambda(to) - level_lambda(&seen->at[first])};
    of.z = options->predict == SIGHT_X0 ? -of.h : of.h;
    of.phi = expm1(of.z);
    of.base = options->type == BASE_BH1 ? of.z : of.phi;
    double factor = 1.0, phi = of.phi / of.z - 1.0;
    for (int32_t i = 0; i < order - 1; i++)
        of.r[i] = (level_lambda(&seen->at[first + 1 + i]) - level_lambda(&seen->at[first])) / of.h;
    of.r[order - 1] = 1.0;
    for (int32_t i = 0; i < order; i++) {
        for (int32_t k = 0; k < order; k++)
            of.a[i][k] = i == 0 ? 1.0 : of.a[i - 1][k] * of.r[k];
        of.b[i] = phi * factor / of.base;
        factor *= i + 2;
        phi = phi / of.z - 1.0 / factor;
    }
    return of;
}

/* x at `to`: the exact step for a constant, and `rho` times the differences from seen->at[first]; `now` is what was
 * seen at the end, of the corrector. */
static void sum(const solver_chain *chain, double *out, const unipc_options *options, const unipc_step *of,
                const noise_level *from, const noise_level *to, const double *x, int32_t first, const double *rho,
                int32_t order, const double *now)
{
    const history *seen = &((const unipc_state *)chain->state)->seen;
    const int by_x0 = options->predict == SIGHT_X0;
    const double scale = by_x0 ? -to->signal : -to->sigma;
    linear_term terms[MOST + 2] = {{by_x0 ? to->sigma / from->sigma : to->signal / from->signal, x}};
    double own = scale * of->phi;
    size_t count = 2;
    for (int32_t i = 0; i < order; i++) {
        const double *values = i < order - 1 ? history_values(seen, chain, first + 1 + i) : now;
        if (values == NULL)
            continue;
        const double weight = scale * of->base * rho[i] / of->r[i];
        own -= weight;
        terms[count++] = (linear_term){weight, values};
    }
    terms[1] = (linear_term){own, history_values(seen, chain, first)};
    linear_sum(chain, out, terms, count);
}

/* x where it stands, mended by what the model sees there; seen->at[0] is there and [1] where the step began. */
static void correct(const solver_chain *chain, const unipc_options *options, const solver_step *step)
{
    unipc_state *state = chain->state;
    const int32_t order = state->order;
    const history *seen = &state->seen;
    const unipc_step of = step_of(options, seen, 1, &step->from, order);
    double rho[MOST] = {0.5};
    unipc_step copy = of;
    if (order > 1)
        solve(rho, copy.a, of.b, order);
    sum(chain, linear_array(chain, MENDED), options, &of, &seen->at[1], &step->from, linear_array(chain, BEFORE), 1,
        rho, order, history_values(seen, chain, 0));
}

static void predict(const solver_chain *chain, const unipc_options *options, solver_step *step, int32_t order)
{
    const history *seen = &((unipc_state *)chain->state)->seen;
    const noise_level *to = &step->aim;
    const double *x = linear_array(chain, MENDED);
    if (to->sigma == 0.0) { /* the exact step for a constant; by noise, x_0 as it follows */
        const int by_x0 = options->predict == SIGHT_X0;
        const double keep = by_x0 ? 0.0 : to->signal / step->from.signal;
        const double gain = by_x0 ? to->signal : -step->from.sigma * keep;
        linear_finish(chain, step, (linear_term[]){{keep, x}, {gain, history_values(seen, chain, 0)}}, 2, 0.0);
        return;
    }
    if (level_lambda(to) == level_lambda(&step->from)) { /* nothing to predict, and a length to divide by */
        linear_finish(chain, step, (linear_term[]){{1.0, x}}, 1, 0.0);
        return;
    }
    unipc_step of = step_of(options, seen, 0, to, order);
    double rho[MOST] = {0.5};
    if (order == 3)
        solve(rho, of.a, of.b, 2);
    sum(chain, step->next.mean, options, &of, &step->from, to, x, 0, rho, order, NULL);
    linear_spread(chain, step, 0.0);
}

/* The step that led to step `index` is its number less 1. */
static int is_corrected(const unipc_options *options, int32_t index)
{
    int corrected = options->corrector && index > 0;
    for (size_t i = 0; i < options->uncorrected.count; i++)
        corrected = corrected && options->uncorrected.values[i] != (double)(index - 1);
    return corrected;
}

static int32_t order_of(const unipc_options *options, const solver_step *step, int32_t seen)
{
    const int32_t left = step->steps - step->index;
    if (step->aim.sigma == 0.0)
        return 1;
    return order_within(options->lower_order_final && left < options->order ? left : options->order, seen);
}

static diffusion_status step(const solver_chain *chain, solver_step *step)
{
    const unipc_options *options = chain->options;
    unipc_state *state = chain->state;
    double *now = history_push(&state->seen, chain, MOST + 1, &step->from);
    diffusion_status status = linear_see(chain, options->predict == SIGHT_X0 ? SEES_X0 : SEES_NOISE, chain->x,
                                         &step->from, now, linear_array(chain, ROOM));
    if (status != DIFFUSION_OK)
        return status;
    linear_sum(chain, linear_array(chain, MENDED), (linear_term[]){{1.0, chain->x}}, 1);
    if (is_corrected(options, step->index))
        correct(chain, options, step);
    state->order = order_of(options, step, state->seen.count);
    predict(chain, options, step, state->order);
    linear_sum(chain, linear_array(chain, BEFORE), (linear_term[]){{1.0, linear_array(chain, MENDED)}}, 1);
    return DIFFUSION_OK;
}

const solver unipc_solver = {
    .spec = {"unipc",
             "UniPC: a predictor over several steps and a corrector without further evaluations (Gaussian "
             "kernel).",
             keys, SPEC_COUNT(keys)},
    .additive = 1,
    .needs_signal = linear_needs_signal,
    .state_size = sizeof(unipc_state),
    .arrays = arrays,
    .step = step,
};

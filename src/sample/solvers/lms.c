/* Linear multistep for dy/dsigma = epsilon, y = x / signal, sigma = sigma / signal: the polynomial through the slopes
 * of the last steps, integrated (k-diffusion's sample_lms, diffusers' LMSDiscreteScheduler). */
#include "sample/linear.h"

typedef struct lms_options {
    int64_t order;
} lms_options;
SPEC_OWN(lms_options);

static const spec_key keys[] = {
    {"order", SPEC_INTEGER, offsetof(lms_options, order), "4", 1, HISTORY, NULL, "slopes that a step goes by"},
};

enum { ROOM = HISTORY, ARRAYS };

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

/* The integral from a to b of the Lagrange polynomial that is 1 at node k, by Gauss's rule of two points, which is
 * exact up to degree 3. */
static double integral(const double *nodes, int32_t order, int32_t k, double a, double b)
{
    static const double point = 0.57735026918962576451; /* 1 / sqrt(3) */
    double sum = 0.0;
    for (int side = -1; side <= 1; side += 2) {
        double at = 0.5 * (a + b) + side * point * 0.5 * (b - a), value = 1.0;
        for (int32_t i = 0; i < order; i++)
            if (i != k)
                value *= (at - nodes[i]) / (nodes[k] - nodes[i]);
        sum += value;
    }
    return 0.5 * (b - a) * sum;
}

static diffusion_status step(const solver_chain *chain, solver_step *step)
{
    history *seen = chain->state;
    double *now = history_push(seen, chain, HISTORY, &step->from), nodes[HISTORY];
    diffusion_status status = linear_see(chain, SEES_NOISE, chain->x, &step->from, now, linear_array(chain, ROOM));
    if (status != DIFFUSION_OK)
        return status;
    const int32_t order = order_within(((const lms_options *)chain->options)->order, seen->count);
    linear_term terms[1 + HISTORY] = {{step->aim.signal / step->from.signal, chain->x}};
    for (int32_t i = 0; i < order; i++)
        nodes[i] = level_ratio(&seen->at[i]);
    for (int32_t i = 0; i < order; i++)
        terms[1 + i] = (linear_term){step->aim.signal * integral(nodes, order, i, nodes[0], level_ratio(&step->aim)),
                                     history_values(seen, chain, i)};
    linear_finish(chain, step, terms, (size_t)order + 1, 0.0);
    return DIFFUSION_OK;
}

const solver lms_solver = {
    .spec = {"lms", "Linear multistep on the probability flow in sigma (Gaussian kernel).", keys, SPEC_COUNT(keys)},
    .additive = 1,
    .needs_signal = linear_needs_signal,
    .state_size = sizeof(history),
    .arrays = arrays,
    .step = step,
};

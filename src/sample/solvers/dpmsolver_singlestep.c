/* DPM-Solver's single steps as diffusers' DPMSolverSinglestepScheduler lays them over the levels: a step of order 1,
 * then one of order 2 from where it began, then one of order 3 from there. */
#include "sample/solvers/dpmsolver.h"

#include <math.h>

static int32_t order_at(const dpmsolver_options *options, const solver_step *step)
{
    const int32_t order = (int32_t)options->order, left = step->steps - step->index;
    const int32_t own = step->index % order + 1;
    if (step->aim.sigma == 0.0 || (left == 1 && options->euler_at_final))
        return 1;
    return options->lower_order_final && step->steps % order == 0 && left == 1 ? 1 : own;
}

/* From where nothing of x_0 is left lambda is infinitely far away: a state after it is the base of the higher orders.
 */
static int32_t order_from_signal(int32_t order, const history *seen)
{
    while (order > 1 && isinf(level_lambda(&seen->at[order - 1])))
        order--;
    return order;
}

/* In lambda from the base, as a share of the step. */
static double share_of(const noise_level *base, const noise_level *at, const noise_level *to)
{
    const double begin = level_lambda(base);
    return (level_lambda(at) - begin) / (level_lambda(to) - begin);
}

/* D1 and D2 of what was seen at the base m2, at m1 and at m0: by the last difference alone, or by both. */
static void finish_third(const solver_chain *chain, solver_step *step, const dpmsolver_weights *w)
{
    const dpmsolver_options *options = chain->options;
    const history *seen = chain->state;
    const double r1 = share_of(&seen->at[2], &seen->at[1], &step->aim);
    const double r0 = share_of(&seen->at[2], &seen->at[0], &step->aim), apart = r0 - r1;
    double of_m1 = 0.0, of_m0 = w->slope / r0; /* weights of (m1 - m2) and (m0 - m2) */
    if (options->type == TYPE_HEUN) {
        of_m1 = (w->slope * r0 - 2.0 * w->bend) / (apart * r1);
        of_m0 = (-w->slope * r1 + 2.0 * w->bend) / (apart * r0);
    }
    linear_finish(chain, step,
                  (linear_term[]){{w->keep, linear_array(chain, DPMSOLVER_BASE)},
                                  {w->level - of_m1 - of_m0, history_values(seen, chain, 2)},
                                  {of_m1, history_values(seen, chain, 1)},
                                  {of_m0, history_values(seen, chain, 0)}},
                  4, w->deviation);
}

void dpmsolver_singlestep(const solver_chain *chain, solver_step *step, dpmsolver_weights_fn *weights_of)
{
    const history *seen = chain->state;
    const int32_t order = order_from_signal(order_at(chain->options, step), seen);
    const noise_level *base = &seen->at[order - 1];
    const dpmsolver_weights w = weights_of(chain->options, base, &step->aim, order);
    double *began = linear_array(chain, DPMSOLVER_BASE);
    if (order == 1)
        linear_sum(chain, began, (linear_term[]){{1.0, chain->x}}, 1);
    if (order == 3) {
        finish_third(chain, step, &w);
        return;
    }
    const double slope = order == 2 ? w.slope / share_of(base, &seen->at[0], &step->aim) : 0.0;
    linear_finish(chain, step,
                  (linear_term[]){{w.keep, began},
                                  {w.level - slope, history_values(seen, chain, order - 1)},
                                  {slope, history_values(seen, chain, 0)}},
                  3, w.deviation);
}

#include "sample/churn.h"

#include <math.h>

noise_level churn_level(const solver_chain *chain, const churn_options *options, const solver_step *step)
{
    const double sigma = level_ratio(&step->from);
    const double most = level_ratio(solver_last_level(chain));
    const double gamma = fmin(options->churn / step->steps, sqrt(2.0) - 1.0);
    if (gamma == 0.0 || sigma < options->least || sigma > options->most || !(sigma < most))
        return step->from;
    return solver_level_at(chain, -2.0 * log(fmin(sigma * (1.0 + gamma), most)));
}

diffusion_status churn_raise(const solver_chain *chain, const churn_options *options, const solver_step *step,
                             const noise_level *raised, double *out)
{
    linear_term terms[] = {{1.0, chain->x}, {0.0, out}};
    if (raised->t > step->from.t) {
        const double sigma = level_ratio(&step->from), to = level_ratio(raised);
        diffusion_status status = solver_draw(chain, out);
        if (status != DIFFUSION_OK)
            return status;
        terms[0].weight = raised->signal / step->from.signal;
        terms[1].weight = raised->signal * options->noise * sqrt((to - sigma) * (to + sigma));
    }
    linear_sum(chain, out, terms, 2);
    return DIFFUSION_OK;
}

ancestral_step ancestral_step_of(double from, double to, double eta)
{
    const double up = fmin(to, eta * to * sqrt(fmax((from - to) * (from + to), 0.0)) / from);
    return (ancestral_step){sqrt((to - up) * (to + up)), up};
}

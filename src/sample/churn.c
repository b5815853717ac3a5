#include "sample/churn.h"

#include "base/error.h"

#include <math.h>

diffusion_status churn_check(const churn_options *options)
{
    if (options->least > options->most)
        return error_set(DIFFUSION_E_SPEC, "sampler: s_tmin=%g, expected at most s_tmax=%g", options->least,
                         options->most);
    return DIFFUSION_OK;
}

/* The ratio that a step begins at. */
static double raised_ratio(const churn_options *options, const solver_step *step)
{
    const double sigma = level_ratio(&step->from);
    const double gamma = fmin(options->churn / step->steps, sqrt(2.0) - 1.0), slack = 1.0 + 1e-12; /* of a log SNR */
    return sigma * slack < options->least || sigma > options->most * slack ? sigma : sigma * (1.0 + gamma);
}

noise_level churn_level(const solver_chain *chain, const churn_options *options, const solver_step *step)
{
    const double sigma = level_ratio(&step->from), most = level_ratio(solver_last_level(chain));
    const double raised = fmin(raised_ratio(options, step), most);
    return raised > sigma ? solver_level_at(chain, -2.0 * log(raised)) : step->from;
}

noise_level churn_level_unseen(const solver_chain *chain, const churn_options *options, const solver_step *step)
{
    const noise_level *from = &step->from, *last = solver_last_level(chain);
    const double raised = raised_ratio(options, step);
    if (!(raised > level_ratio(last)) || !isfinite(raised))
        return churn_level(chain, options, step);
    if (level_variance(from) == 1.0)
        return level_from_log_snr(last->t, -2.0L * logl((long double)raised));
    return level_from_signal_sigma(last->t, from->signal, from->signal * raised);
}

int churn_has_raised(const noise_level *raised, const solver_step *step)
{
    return level_ratio(raised) > level_ratio(&step->from);
}

diffusion_status churn_raise(const solver_chain *chain, const churn_options *options, const solver_step *step,
                             const noise_level *raised, double *out)
{
    linear_term terms[] = {{1.0, chain->x}, {0.0, out}};
    if (churn_has_raised(raised, step)) {
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

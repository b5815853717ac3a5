#include "process/quantity.h"

#include "base/error.h"
#include "base/nearest.h"

#include <math.h>
#include <string.h>

typedef double quantity_fn(const struct diffusion_schedule *schedule, int32_t t);

static double beta(const struct diffusion_schedule *schedule, int32_t t)
{
    return schedule->beta[t];
}

static double alpha(const struct diffusion_schedule *schedule, int32_t t)
{
    return 1.0 - schedule->beta[t];
}

static double log_alpha_bar(const struct diffusion_schedule *schedule, int32_t t)
{
    return level_log_signal_square(&schedule->levels[t]);
}

/* alpha_bar and 1 - alpha_bar each from the logarithm: neither can be had from the other near the ends. */
static double alpha_bar(const struct diffusion_schedule *schedule, int32_t t)
{
    return exp(log_alpha_bar(schedule, t));
}

static double one_minus_alpha_bar(const struct diffusion_schedule *schedule, int32_t t)
{
    return -expm1(log_alpha_bar(schedule, t));
}

static double snr(const struct diffusion_schedule *schedule, int32_t t)
{
    const double ratio = schedule->levels[t].signal / schedule->levels[t].sigma;
    return ratio * ratio;
}

/* Finite even where alpha_bar underflows. */
static double log_snr(const struct diffusion_schedule *schedule, int32_t t)
{
    return schedule->levels[t].log_snr;
}

static level_posterior posterior(const struct diffusion_schedule *schedule, int32_t t)
{
    return level_posterior_of(&schedule->levels[t - 1], &schedule->levels[t]);
}

static double posterior_variance(const struct diffusion_schedule *schedule, int32_t t)
{
    return posterior(schedule, t).variance;
}

/* At t = 1 that of t = 2 (of beta_1 if there is no t = 2), as DDPM's code has it. */
static double posterior_log_variance(const struct diffusion_schedule *schedule, int32_t t)
{
    if (schedule->steps == 1)
        return log(schedule->beta[1]);
    return log(posterior(schedule, t > 1 ? t : 2).variance);
}

static double posterior_mean_x0(const struct diffusion_schedule *schedule, int32_t t)
{
    return posterior(schedule, t).x0;
}

static double posterior_mean_xt(const struct diffusion_schedule *schedule, int32_t t)
{
    return posterior(schedule, t).xt;
}

enum { QUANTITIES = 11 };

/* Names stand apart from the rest because nearest_name() takes them alone. */
static const char *const names[QUANTITIES] = {
    "beta",
    "alpha",
    "alpha_bar",
    "one_minus_alpha_bar",
    "log_alpha_bar",
    "snr",
    "log_snr",
    "posterior_variance",
    "posterior_log_variance",
    "posterior_mean_x0",
    "posterior_mean_xt",
};

static const struct {
    quantity_fn *at;
    int additive;   /* has a meaning for additive kernels alone */
    int preserving; /* for curves that preserve variance alone */
} quantities[QUANTITIES] = {
    {beta, 0, 0},
    {alpha, 0, 1},
    {alpha_bar, 0, 1},
    {one_minus_alpha_bar, 0, 1},
    {log_alpha_bar, 0, 1},
    {snr, 0, 0},
    {log_snr, 0, 0},
    {posterior_variance, 1, 0},
    {posterior_log_variance, 1, 0},
    {posterior_mean_x0, 1, 0},
    {posterior_mean_xt, 1, 0},
};

/* Eleven names would make a long sentence: the nearest one, or an example. */
static diffusion_status unknown(const char *function, const char *name)
{
    const char *nearest = nearest_name(name, strlen(name), names, QUANTITIES);
    return error_set(DIFFUSION_E_NAME, "%s: unknown quantity '%.80s'%s%s%s", function, name,
                     nearest != NULL ? ", did you mean '" : ", expected one such as '",
                     nearest != NULL ? nearest : "alpha_bar", nearest != NULL ? "'?" : "'");
}

diffusion_status quantity_fill(double *out, const struct diffusion_schedule *schedule, const char *function,
                               const char *name)
{
    size_t which = 0;
    while (which < QUANTITIES && strcmp(name, names[which]) != 0)
        which++;
    if (which == QUANTITIES)
        return unknown(function, name);
    if (quantities[which].additive && !schedule->kernel.methods->additive)
        return error_set(DIFFUSION_E_KERNEL, "%s: '%s' of the %s, expected the Gaussian kernel", function, name,
                         schedule->kernel.methods->title);
    if (quantities[which].preserving && !schedule_preserves_variance(schedule))
        return error_set(DIFFUSION_E_NAME, "%s: '%s' of %s, which does not preserve variance; see schedule_level",
                         function, name, schedule->curve->spec.name);
    for (int32_t t = 1; t <= schedule->steps; t++)
        out[t - 1] = quantities[which].at(schedule, t);
    return DIFFUSION_OK;
}

#include "process/quantity.h"

#include "base/error.h"
#include "base/nearest.h"
#include "process/gaussian.h"

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

/* alpha_bar and 1 - alpha_bar are both kept: neither can be had from the other near the ends. */
static double alpha_bar(const struct diffusion_schedule *schedule, int32_t t)
{
    return schedule->alpha_bar[t];
}

static double one_minus_alpha_bar(const struct diffusion_schedule *schedule, int32_t t)
{
    return schedule->noise[t];
}

static double log_alpha_bar(const struct diffusion_schedule *schedule, int32_t t)
{
    return schedule->log_alpha_bar[t];
}

static double snr(const struct diffusion_schedule *schedule, int32_t t)
{
    return schedule->alpha_bar[t] / schedule->noise[t];
}

/* Finite even where alpha_bar underflows. */
static double log_snr(const struct diffusion_schedule *schedule, int32_t t)
{
    return schedule->log_alpha_bar[t] - log(schedule->noise[t]);
}

static double posterior_variance(const struct diffusion_schedule *schedule, int32_t t)
{
    return gaussian_posterior_at(schedule, t).variance;
}

static double posterior_mean_x0(const struct diffusion_schedule *schedule, int32_t t)
{
    return gaussian_posterior_at(schedule, t).x0;
}

static double posterior_mean_xt(const struct diffusion_schedule *schedule, int32_t t)
{
    return gaussian_posterior_at(schedule, t).xt;
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
    int gaussian; /* has no meaning for the binomial kernel */
} quantities[QUANTITIES] = {
    {beta, 0},
    {alpha, 0},
    {alpha_bar, 0},
    {one_minus_alpha_bar, 0},
    {log_alpha_bar, 0},
    {snr, 0},
    {log_snr, 0},
    {posterior_variance, 1},
    {gaussian_posterior_log_variance, 1},
    {posterior_mean_x0, 1},
    {posterior_mean_xt, 1},
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
    if (quantities[which].gaussian && schedule->kernel != KERNEL_GAUSSIAN)
        return error_set(DIFFUSION_E_KERNEL, "%s: '%s' of a binomial schedule, expected the Gaussian kernel", function,
                         name);
    for (int32_t t = 1; t <= schedule->steps; t++)
        out[t - 1] = quantities[which].at(schedule, t);
    return DIFFUSION_OK;
}

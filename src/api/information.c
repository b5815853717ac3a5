/* The divergences, likelihoods and entropies of process.h. */
#include <diffusion/process.h>

#include "base/array.h"
#include "base/error.h"
#include "process/binomial.h"
#include "process/bins.h"
#include "process/forward.h"
#include "process/gaussian.h"

#include <math.h>
#include <string.h>

static diffusion_status check_variances(const char *function, const char *name, const double *variance, size_t count)
{
    diffusion_status status = array_check_size(function, 1, count, sizeof *variance);
    if (status == DIFFUSION_OK)
        status = array_check_finite_double(function, name, variance, count);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        if (!(variance[i] > 0.0))
            status = error_set(DIFFUSION_E_ARGUMENT, "%s: %s[%zu]=%g, expected a finite number above 0", function, name,
                               i, variance[i]);
    return status;
}

static diffusion_status check_rates(const char *function, const char *name, const double *rate, size_t count)
{
    diffusion_status status = array_check_size(function, 1, count, sizeof *rate);
    if (status == DIFFUSION_OK)
        status = array_check_finite_double(function, name, rate, count);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        if (!(rate[i] >= 0.0 && rate[i] <= 1.0))
            status = error_set(DIFFUSION_E_ARGUMENT, "%s: %s[%zu]=%g, expected 0..1", function, name, i, rate[i]);
    return status;
}

diffusion_status diffusion_gaussian_kl(const double *mean1, const double *variance1, const double *mean2,
                                       const double *variance2, size_t count, double *nats)
{
    static const char function[] = "gaussian_kl";
    ERROR_IF_NULL(function, mean1);
    ERROR_IF_NULL(function, variance1);
    ERROR_IF_NULL(function, mean2);
    ERROR_IF_NULL(function, variance2);
    ERROR_IF_NULL(function, nats);
    diffusion_status status = check_variances(function, "variance1", variance1, count);
    if (status == DIFFUSION_OK)
        status = check_variances(function, "variance2", variance2, count);
    if (status == DIFFUSION_OK)
        status = array_check_finite_double(function, "mean1", mean1, count);
    if (status == DIFFUSION_OK)
        status = array_check_finite_double(function, "mean2", mean2, count);
    if (status != DIFFUSION_OK)
        return status;
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += gaussian_kl(mean1[i], variance1[i], mean2[i], variance2[i]);
    *nats = sum;
    return DIFFUSION_OK;
}

diffusion_status diffusion_bernoulli_kl(const double *rate1, const double *rate2, size_t count, double *nats)
{
    static const char function[] = "bernoulli_kl";
    ERROR_IF_NULL(function, rate1);
    ERROR_IF_NULL(function, rate2);
    ERROR_IF_NULL(function, nats);
    diffusion_status status = check_rates(function, "rate1", rate1, count);
    if (status == DIFFUSION_OK)
        status = check_rates(function, "rate2", rate2, count);
    if (status != DIFFUSION_OK)
        return status;
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += bernoulli_kl(rate1[i], rate2[i]);
    *nats = sum;
    return DIFFUSION_OK;
}

diffusion_status diffusion_discretized_log_likelihood(const char *cdf, const double *x, const double *mean,
                                                      const double *variance, size_t count, int32_t levels,
                                                      double *nats)
{
    static const char function[] = "discretized_log_likelihood";
    ERROR_IF_NULL(function, x);
    ERROR_IF_NULL(function, mean);
    ERROR_IF_NULL(function, variance);
    ERROR_IF_NULL(function, nats);
    if (levels < 2 || levels > 65536)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: levels=%d, expected 2..65536", function, levels);
    bins of = {.levels = levels};
    diffusion_status status = bins_find_cdf(&of.cdf, function, cdf);
    if (status == DIFFUSION_OK)
        status = check_variances(function, "variance", variance, count);
    if (status == DIFFUSION_OK)
        status = array_check_finite_double(function, "x", x, count);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        if (!(fabs(x[i]) <= 1.0))
            status = error_set(DIFFUSION_E_ARGUMENT, "%s: x[%zu]=%g, expected -1..1", function, i, x[i]);
    if (status == DIFFUSION_OK)
        status = array_check_finite_double(function, "mean", mean, count);
    if (status != DIFFUSION_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        nats[i] = bins_log_mass(of, x[i], mean[i], variance[i], NULL);
    return DIFFUSION_OK;
}

/* The arrays that an entropy is conditioned on, where it depends on them. */
static diffusion_status check_given(const kernel *of, const char *function, forward_law_of which, const double *first,
                                    const double *second, size_t count)
{
    ERROR_IF_NULL(function, first);
    if (which == FORWARD_POSTERIOR)
        ERROR_IF_NULL(function, second);
    diffusion_status status = kernel_check_means(of, function, "first", first, count);
    if (status == DIFFUSION_OK && which == FORWARD_POSTERIOR)
        status = kernel_check_values_double(of, function, "second", second, count);
    return status;
}

static diffusion_status find_entropy(forward_law_of *out, const char *function, const char *which)
{
    static const char *const names[] = {"step", "marginal", "posterior"}; /* in the order of forward_law_of */
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(which, names[i]) == 0) {
            *out = (forward_law_of)i;
            return DIFFUSION_OK;
        }
    return error_set(DIFFUSION_E_NAME, "%s: unknown entropy '%.80s', expected step, marginal or posterior", function,
                     which);
}

diffusion_status diffusion_entropy(const diffusion_schedule *schedule, const char *which, int32_t t,
                                   const double *first, const double *second, size_t count, double *nats)
{
    static const char function[] = "entropy";
    forward_law_of of = FORWARD_STEP;
    ERROR_IF_NULL(function, schedule);
    ERROR_IF_NULL(function, which);
    ERROR_IF_NULL(function, nats);
    diffusion_status status = find_entropy(&of, function, which);
    if (status == DIFFUSION_OK)
        status = schedule_check_step(schedule, function, t);
    if (status == DIFFUSION_OK)
        status = schedule_check_dim(schedule, function, count);
    if (status == DIFFUSION_OK)
        status = array_check_size(function, 1, count, sizeof *first);
    if (status == DIFFUSION_OK && !schedule->kernel.methods->additive)
        status = check_given(&schedule->kernel, function, of, first, second, count);
    if (status == DIFFUSION_OK)
        *nats = forward_entropy(schedule, of, t, first, second, count);
    return status;
}

diffusion_status diffusion_entropy_bounds(const diffusion_schedule *schedule, int32_t t, double *lower, double *upper)
{
    static const char function[] = "entropy_bounds";
    ERROR_IF_NULL(function, schedule);
    ERROR_IF_NULL(function, lower);
    ERROR_IF_NULL(function, upper);
    diffusion_status status = schedule_check_step(schedule, function, t);
    if (status == DIFFUSION_OK)
        schedule->kernel.methods->entropy_bounds(&schedule->kernel, &schedule->levels[t - 1], &schedule->levels[t],
                                                 lower, upper);
    return status;
}

#include <diffusion/process.h>

#include "base/error.h"
#include "process/binomial.h"
#include "process/forward.h"
#include "process/gaussian.h"

#include <math.h>

diffusion_status diffusion_forward_sample(const diffusion_schedule *schedule, const int32_t *t, const float *x0,
                                          const float *noise, size_t n, size_t dim, float *xt)
{
    static const char function[] = "forward_sample";
    ERROR_IF_NULL(function, schedule);
    ERROR_IF_NULL(function, t);
    ERROR_IF_NULL(function, x0);
    ERROR_IF_NULL(function, noise);
    ERROR_IF_NULL(function, xt);
    /* Every step is checked before anything is written. */
    diffusion_status status = schedule_check_dim(schedule, function, dim);
    for (size_t i = 0; i < n && status == DIFFUSION_OK; i++)
        status = schedule_check_step(schedule, function, t[i]);
    if (status != DIFFUSION_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        forward_marginal(xt + i * dim, schedule, t[i], x0 + i * dim, noise + i * dim, dim);
    return DIFFUSION_OK;
}

diffusion_status diffusion_forward_step(const diffusion_schedule *schedule, int32_t t, const float *previous,
                                        const float *noise, size_t n, size_t dim, float *xt)
{
    static const char function[] = "forward_step";
    ERROR_IF_NULL(function, schedule);
    ERROR_IF_NULL(function, previous);
    ERROR_IF_NULL(function, noise);
    ERROR_IF_NULL(function, xt);
    diffusion_status status = schedule_check_step(schedule, function, t);
    if (status == DIFFUSION_OK)
        status = schedule_check_dim(schedule, function, dim);
    if (status != DIFFUSION_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        forward_step(xt + i * dim, schedule, t, previous + i * dim, noise + i * dim, dim);
    return DIFFUSION_OK;
}

diffusion_status diffusion_forward_trajectory(const diffusion_schedule *schedule, const float *x0, const float *noise,
                                              size_t n, size_t dim, float *x)
{
    static const char function[] = "forward_trajectory";
    ERROR_IF_NULL(function, schedule);
    ERROR_IF_NULL(function, x0);
    ERROR_IF_NULL(function, noise);
    ERROR_IF_NULL(function, x);
    diffusion_status status = schedule_check_dim(schedule, function, dim);
    if (status != DIFFUSION_OK)
        return status;
    const float *previous = x0; /* then the step just written, so that x may be the noise itself */
    for (int32_t t = 1; t <= schedule->steps; t++) {
        float *xt = x + (size_t)(t - 1) * n * dim;
        for (size_t i = 0; i < n; i++)
            forward_step(xt + i * dim, schedule, t, previous + i * dim, noise + (size_t)(t - 1) * n * dim + i * dim,
                         dim);
        previous = xt;
    }
    return DIFFUSION_OK;
}

/* mean and variance of one bit. */
static void set_bit(double *mean, double *variance, double rate)
{
    *mean = rate;
    *variance = rate * (1.0 - rate);
}

diffusion_status diffusion_marginal(const diffusion_schedule *schedule, int32_t t, const double *x0, size_t count,
                                    double *mean, double *variance)
{
    static const char function[] = "marginal";
    ERROR_IF_NULL(function, schedule);
    ERROR_IF_NULL(function, x0);
    ERROR_IF_NULL(function, mean);
    ERROR_IF_NULL(function, variance);
    diffusion_status status = schedule_check_step(schedule, function, t);
    if (status == DIFFUSION_OK)
        status = schedule_check_dim(schedule, function, count);
    if (status != DIFFUSION_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        if (schedule->kernel == KERNEL_BINOMIAL) {
            set_bit(&mean[i], &variance[i], binomial_marginal_rate(schedule, t, x0[i], schedule_rate(schedule, i)));
            continue;
        }
        mean[i] = sqrt(schedule->alpha_bar[t]) * x0[i];
        variance[i] = schedule->noise[t];
    }
    return DIFFUSION_OK;
}

diffusion_status diffusion_posterior(const diffusion_schedule *schedule, int32_t t, const double *x0, const double *xt,
                                     size_t count, double *mean, double *variance)
{
    static const char function[] = "posterior";
    ERROR_IF_NULL(function, schedule);
    ERROR_IF_NULL(function, x0);
    ERROR_IF_NULL(function, xt);
    ERROR_IF_NULL(function, mean);
    ERROR_IF_NULL(function, variance);
    diffusion_status status = schedule_check_step(schedule, function, t);
    if (status == DIFFUSION_OK)
        status = schedule_check_dim(schedule, function, count);
    if (status != DIFFUSION_OK)
        return status;
    const gaussian_posterior gaussian = gaussian_posterior_at(schedule, t);
    for (size_t i = 0; i < count; i++) {
        if (schedule->kernel == KERNEL_BINOMIAL) {
            set_bit(&mean[i], &variance[i],
                    binomial_posterior_rate(schedule, t, x0[i], xt[i], schedule_rate(schedule, i)));
            continue;
        }
        mean[i] = gaussian.x0 * x0[i] + gaussian.xt * xt[i];
        variance[i] = gaussian.variance;
    }
    return DIFFUSION_OK;
}

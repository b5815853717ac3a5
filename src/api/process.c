#include <diffusion/process.h>

#include "base/array.h"
#include "base/error.h"
#include "base/size.h"
#include "process/forward.h"

/* Before anything is written. `name` is what the function calls its x; `times` arrays of noise [n, dim] follow one
 * another. */
static diffusion_status check_rows(const struct diffusion_schedule *schedule, const char *function, const char *name,
                                   const float *x, const float *noise, size_t n, size_t dim, size_t times)
{
    diffusion_status status = array_check_size(function, n, dim, times * sizeof *noise);
    if (status == DIFFUSION_OK)
        status = kernel_check_values(&schedule->kernel, function, name, x, n * dim);
    for (size_t i = 0; i < times * n * dim && status == DIFFUSION_OK; i++)
        status = kernel_check_draw(&schedule->kernel, function, i, (double)noise[i]);
    return status;
}

/* The same for a law's arrays in double; `xt` may be NULL. */
static diffusion_status check_values(const struct diffusion_schedule *schedule, const char *function, const double *x0,
                                     const double *xt, size_t count)
{
    diffusion_status status = array_check_size(function, 1, count, sizeof *x0);
    if (status == DIFFUSION_OK)
        status = kernel_check_means(&schedule->kernel, function, "x0", x0, count);
    if (status == DIFFUSION_OK && xt != NULL)
        status = kernel_check_values_double(&schedule->kernel, function, "xt", xt, count);
    return status;
}

diffusion_status diffusion_forward_sample(const diffusion_schedule *schedule, const int32_t *t, const float *x0,
                                          const float *noise, size_t n, size_t dim, float *xt)
{
    static const char function[] = "forward_sample";
    ERROR_IF_NULL(function, schedule);
    ERROR_IF_NULL(function, t);
    ERROR_IF_NULL(function, x0);
    ERROR_IF_NULL(function, noise);
    ERROR_IF_NULL(function, xt);
    diffusion_status status = schedule_check_dim(schedule, function, dim);
    if (status == DIFFUSION_OK)
        status = array_check_size(function, n, size_greater(dim, 1), sizeof *t);
    for (size_t i = 0; i < n && status == DIFFUSION_OK; i++)
        status = schedule_check_step(schedule, function, t[i]);
    if (status == DIFFUSION_OK)
        status = check_rows(schedule, function, "x0", x0, noise, n, dim, 1);
    if (status != DIFFUSION_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        forward_draw(xt + i * dim, schedule, &schedule->levels[0], &schedule->levels[t[i]], x0 + i * dim,
                     noise + i * dim, dim);
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
    if (status == DIFFUSION_OK)
        status = check_rows(schedule, function, "previous", previous, noise, n, dim, 1);
    if (status != DIFFUSION_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        forward_draw(xt + i * dim, schedule, &schedule->levels[t - 1], &schedule->levels[t], previous + i * dim,
                     noise + i * dim, dim);
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
    if (status == DIFFUSION_OK)
        status = check_rows(schedule, function, "x0", x0, noise, n, dim, (size_t)schedule->steps);
    if (status != DIFFUSION_OK)
        return status;
    const float *previous = x0; /* then the step just written, so that x may be the noise itself */
    for (int32_t t = 1; t <= schedule->steps; t++) {
        float *xt = x + (size_t)(t - 1) * n * dim;
        for (size_t i = 0; i < n; i++)
            forward_draw(xt + i * dim, schedule, &schedule->levels[t - 1], &schedule->levels[t], previous + i * dim,
                         noise + (size_t)(t - 1) * n * dim + i * dim, dim);
        previous = xt;
    }
    return DIFFUSION_OK;
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
    if (status == DIFFUSION_OK)
        status = check_values(schedule, function, x0, NULL, count);
    if (status == DIFFUSION_OK)
        forward_law((law){mean, variance}, schedule, FORWARD_MARGINAL, t, x0, NULL, count);
    return status;
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
    if (status == DIFFUSION_OK)
        status = check_values(schedule, function, x0, xt, count);
    if (status == DIFFUSION_OK)
        forward_law((law){mean, variance}, schedule, FORWARD_POSTERIOR, t, x0, xt, count);
    return status;
}

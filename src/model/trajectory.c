#include "model/trajectory.h"

#include "base/error.h"
#include "base/memory.h"
#include "math/least_cost.h"

#include <math.h>

static double snr_of(const noise_level *of)
{
    return exp(of->log_snr);
}

/* The posterior's variance is sigma_s^2 lost, the forward step's sigma_r^2 lost, and an x_0 that is off by e^2 moves
 * the posterior's mean by (SNR_s - SNR_r) e^2 times its variance. */
double trajectory_term(const struct diffusion_model *model, variance_asked asked, const noise_level *s,
                       const noise_level *r)
{
    const variance_kind own = (variance_kind)model->options.variance;
    const double gained = snr_of(s) - snr_of(r), narrower = s->sigma * s->sigma / (r->sigma * r->sigma);
    const double covariance = moments_covariance(model->moments, r, variance_is_ideal(asked));
    return variance_expected_kl(asked, own, narrower, gained * covariance, gained * moments_error(model->moments, r));
}

static diffusion_status check(const struct diffusion_model *model, const struct diffusion_schedule *schedule,
                              int32_t last, const char *object)
{
    diffusion_status status = schedule_check_additive(schedule, object, "spacing=optimal");
    if (status == DIFFUSION_OK)
        status = model_check_moments(model, schedule, object, "spacing=optimal");
    if (status == DIFFUSION_OK && last > TRAJECTORY_STEPS)
        status = error_set(DIFFUSION_E_SPEC, "%s: spacing=optimal with %d steps to choose from, expected at most %d",
                           object, (int)last, (int)TRAJECTORY_STEPS);
    return status;
}

/* Nodes are steps less one. */
static diffusion_status search(int32_t *steps, int32_t count, int32_t last, const struct diffusion_model *model,
                               const noise_level *levels, variance_asked asked)
{
    double *cost = memory_allocate(least_cost_size(last - 1), sizeof *cost);
    if (cost == NULL)
        return DIFFUSION_E_MEMORY;
    for (int32_t r = 1; r < last; r++)
        for (int32_t s = 0; s < r; s++)
            cost[least_cost_place(s, r)] = trajectory_term(model, asked, &levels[s + 1], &levels[r + 1]);
    diffusion_status status = least_cost_path(steps, NULL, cost, last - 1, count - 1);
    for (int32_t i = 0; i < count && status == DIFFUSION_OK; i++)
        steps[i]++;
    memory_release(cost);
    return status;
}

diffusion_status trajectory_optimal(int32_t *steps, int32_t count, int32_t last, const struct diffusion_model *model,
                                    const struct diffusion_schedule *schedule, variance_asked asked, const char *object)
{
    diffusion_status status = check(model, schedule, last, object);
    if (status == DIFFUSION_OK && count > 1 && count < last)
        return search(steps, count, last, model, schedule->levels, asked);
    for (int32_t i = 0; i < count && status == DIFFUSION_OK; i++)
        steps[i] = last - count + 1 + i;
    return status;
}

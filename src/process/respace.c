#include "process/schedule_options.h"

#include "base/error.h"
#include "base/memory.h"
#include "process/accurate_sum.h"

/* The beta of one step that does what the steps after `from`, up to `to`, do together: 1 - alpha_bar_to /
 * alpha_bar_from, summed from the steps themselves so that nothing cancels. */
static double beta_of_stride(const struct diffusion_schedule *schedule, int32_t from, int32_t to)
{
    accurate_sum log_alpha = {0.0, 0.0};
    if (to == from + 1) /* the same bits where nothing is left out */
        return schedule->beta[to];
    for (int32_t t = from + 1; t <= to; t++)
        accurate_add(&log_alpha, log1p(-schedule->beta[t]));
    return -expm1(accurate_value(&log_alpha));
}

diffusion_status schedule_respace(struct diffusion_schedule **out, const struct diffusion_schedule *schedule,
                                  int32_t steps, const int32_t *original)
{
    for (int32_t i = 1, before = 0; i <= steps; before = original[i++])
        if (original[i] <= before || original[i] > schedule->steps)
            return error_set(DIFFUSION_E_ARGUMENT,
                             "schedule: step %d to visit after %d, expected steps that rise to %d", original[i], before,
                             schedule->steps);
    double *betas = memory_allocate((size_t)steps, sizeof *betas);
    if (betas == NULL)
        return DIFFUSION_E_MEMORY;
    for (int32_t i = 1; i <= steps; i++)
        betas[i - 1] = beta_of_stride(schedule, i > 1 ? original[i - 1] : 0, original[i]);
    /* Betas as given: the new schedule's spec stands on its own. */
    const schedule_options options = {
        .steps = steps,
        .values = {betas, (size_t)steps},
        .kernel = (int32_t)schedule->kernel,
        .rate = {schedule->rates, schedule->rate_count},
    };
    diffusion_status status = schedule_make(out, &options, SCHEDULE_BETAS, "schedule", DIFFUSION_E_ARGUMENT);
    memory_release(betas);
    return status;
}

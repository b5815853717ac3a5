#include <diffusion/schedule.h>

#include "base/error.h"
#include "process/quantity.h"
#include "process/schedule.h"

#include <math.h>

diffusion_status diffusion_schedule_create(diffusion_schedule **out, const char *spec)
{
    ERROR_IF_NULL("schedule_create", out);
    ERROR_IF_NULL("schedule_create", spec);
    return schedule_create(out, spec);
}

diffusion_status diffusion_schedule_create_from_betas(diffusion_schedule **out, const double *betas, int32_t steps,
                                                      const char *spec)
{
    ERROR_IF_NULL("schedule_create_from_betas", out);
    ERROR_IF_NULL("schedule_create_from_betas", betas);
    return schedule_create_from_betas(out, betas, steps, spec);
}

int32_t diffusion_schedule_steps(const diffusion_schedule *schedule)
{
    return schedule != NULL ? schedule->steps : 0;
}

const char *diffusion_schedule_spec(const diffusion_schedule *schedule)
{
    return schedule != NULL ? schedule->spec : NULL;
}

diffusion_status diffusion_schedule_values(const diffusion_schedule *schedule, const char *quantity, double *out)
{
    ERROR_IF_NULL("schedule_values", schedule);
    ERROR_IF_NULL("schedule_values", quantity);
    ERROR_IF_NULL("schedule_values", out);
    return quantity_fill(out, schedule, "schedule_values", quantity);
}

diffusion_status diffusion_schedule_level(const diffusion_schedule *schedule, double t, double *signal, double *sigma,
                                          double *log_snr)
{
    ERROR_IF_NULL("schedule_level", schedule);
    if (!(t >= 0.0 && t <= (double)schedule->steps))
        return error_set(DIFFUSION_E_STEP, "schedule_level: t=%g, expected 0..%d", t, (int)schedule->steps);
    const noise_level level = schedule_level(schedule, t);
    if (signal != NULL)
        *signal = level.signal;
    if (sigma != NULL)
        *sigma = level.sigma;
    if (log_snr != NULL)
        *log_snr = level.log_snr;
    return DIFFUSION_OK;
}

diffusion_status diffusion_schedule_time(const diffusion_schedule *schedule, double log_snr, double *t)
{
    ERROR_IF_NULL("schedule_time", schedule);
    ERROR_IF_NULL("schedule_time", t);
    if (isnan(log_snr))
        return error_set(DIFFUSION_E_ARGUMENT, "schedule_time: log_snr=nan, expected a number");
    *t = schedule_time(schedule, log_snr);
    return DIFFUSION_OK;
}

void diffusion_schedule_free(diffusion_schedule *schedule)
{
    schedule_release(schedule);
}

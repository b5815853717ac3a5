#include <diffusion/schedule.h>

#include "base/error.h"
#include "process/quantity.h"
#include "process/schedule.h"

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

void diffusion_schedule_free(diffusion_schedule *schedule)
{
    schedule_release(schedule);
}

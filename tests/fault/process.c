#define _POSIX_C_SOURCE 200809L
#include "fault.h"

#include "base/memory.h"
#include "process/schedule.h"

static diffusion_status finish(diffusion_status status, struct diffusion_schedule *schedule)
{
    assert_true((status == DIFFUSION_OK) == (schedule != NULL)); /* the output is untouched on failure */
    schedule_release(schedule);
    return status;
}

static diffusion_status a_schedule_by_formula(void)
{
    struct diffusion_schedule *schedule = NULL;
    diffusion_status status = schedule_create(&schedule, "cosine steps=5 kernel=binomial zero_terminal_snr=yes");
    return finish(status, schedule);
}

static diffusion_status a_schedule_with_lists(void)
{
    struct diffusion_schedule *schedule = NULL;
    diffusion_status status = schedule_create(&schedule, "betas values=0.1,0.2 kernel=binomial rate=0.1,0.2");
    return finish(status, schedule);
}

static diffusion_status a_schedule_from_betas(void)
{
    const double betas[2] = {0.1, 0.2};
    struct diffusion_schedule *schedule = NULL;
    diffusion_status status = schedule_create_from_betas(&schedule, betas, 2, "kernel=binomial");
    return finish(status, schedule);
}

static diffusion_status a_schedule_that_visits_fewer_steps(void)
{
    struct diffusion_schedule *whole = NULL, *some = NULL;
    const int32_t original[3] = {0, 1, 6};
    diffusion_status status = schedule_create(&whole, "linear steps=10");
    if (status != DIFFUSION_OK)
        return finish(status, whole);
    status = schedule_respace(&some, whole, 2, original);
    schedule_release(whole);
    return finish(status, some);
}

static diffusion_status the_help_of_schedules(void)
{
    char *help = schedule_help();
    diffusion_status status = help != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    memory_release(help);
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(a_schedule_by_formula), FAULT_SCENARIO(a_schedule_with_lists),
        FAULT_SCENARIO(a_schedule_from_betas), FAULT_SCENARIO(a_schedule_that_visits_fewer_steps),
        FAULT_SCENARIO(the_help_of_schedules),
    };
    return cmocka_run_group_tests(tests, fault_enter, folder_leave);
}

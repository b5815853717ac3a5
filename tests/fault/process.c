#define _POSIX_C_SOURCE 200809L
#include "fault.h"

#include "base/memory.h"
#include "process/schedule.h"
#include "sample/plan.h"

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

static diffusion_status a_schedule_of_log_snrs(void)
{
    struct diffusion_schedule *schedule = NULL;
    diffusion_status status = schedule_create(&schedule, "log_snr steps=7 kernel=binomial rate=0.2,0.3");
    return finish(status, schedule);
}

static diffusion_status a_schedule_that_is_refused(void)
{
    struct diffusion_schedule *schedule = NULL;
    diffusion_status status = schedule_create(&schedule, "betas values=0.1,0 kernel=binomial rate=0.1,0.2");
    assert_null(schedule);
    if (status != DIFFUSION_E_SPEC)
        return status;
    status = schedule_create(&schedule, "linear rate=0.1,0.2");
    assert_null(schedule);
    return status == DIFFUSION_E_SPEC ? DIFFUSION_OK : status;
}

static diffusion_status a_plan_of_fewer_steps(void)
{
    struct diffusion_schedule *whole = NULL;
    chain_plan plan = {.levels = NULL};
    const plan_options options = {.steps = 2};
    diffusion_status status = schedule_create(&whole, "linear steps=10");
    if (status == DIFFUSION_OK)
        status = plan_open(&plan, whole, &options);
    assert_true((status == DIFFUSION_OK) == (plan.levels != NULL));
    plan_close(&plan);
    schedule_release(whole);
    return status;
}

/* Neither levels, laws nor draws allocate anything, whatever fails around them. */
static diffusion_status levels_and_laws(void)
{
    static const float x0[2] = {1, 0}, noise[4] = {0.25f, 0.75f, 0.5f, 0.1f};
    static const double bits[2] = {1, 0};
    const int32_t t = 2;
    diffusion_schedule *schedule = NULL;
    diffusion_status status = diffusion_schedule_create(&schedule, "betas values=0.1,0.2 kernel=binomial rate=0.1,0.2");
    if (status != DIFFUSION_OK)
        return status;
    const size_t asked = fault_blocks.asked;
    double signal, at, values[2], mean[2], variance[2];
    float drawn[4];
    assert_ok(diffusion_schedule_level(schedule, 1.5, &signal, NULL, NULL));
    assert_ok(diffusion_schedule_time(schedule, 1.0, &at));
    assert_ok(diffusion_schedule_values(schedule, "alpha_bar", values));
    assert_ok(diffusion_forward_sample(schedule, &t, x0, noise, 1, 2, drawn));
    assert_ok(diffusion_forward_step(schedule, 2, x0, noise, 1, 2, drawn));
    assert_ok(diffusion_forward_trajectory(schedule, x0, noise, 1, 2, drawn));
    assert_ok(diffusion_marginal(schedule, 2, bits, 2, mean, variance));
    assert_ok(diffusion_posterior(schedule, 2, bits, bits, 2, mean, variance));
    assert_ok(diffusion_entropy(schedule, "posterior", 2, bits, bits, 2, values));
    assert_ok(diffusion_entropy_bounds(schedule, 2, mean, variance));
    assert_int_equal(fault_blocks.asked, asked);
    diffusion_schedule_free(schedule);
    return DIFFUSION_OK;
}

static diffusion_status one_prediction_as_another(void)
{
    static const double x[2] = {1, 0}, output[2] = {0.5, -1};
    double out[2] = {-7, 0};
    diffusion_schedule *schedule = NULL;
    diffusion_status status = diffusion_schedule_create(&schedule, "vp steps=10");
    if (status == DIFFUSION_OK)
        status = diffusion_prediction_convert(schedule, 5, "edm sigma_data=1", "velocity", x, output, 2, out);
    assert_true((out[0] == -7) == (status != DIFFUSION_OK));
    diffusion_schedule_free(schedule);
    return status;
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
        FAULT_SCENARIO(a_schedule_by_formula),
        FAULT_SCENARIO(a_schedule_with_lists),
        FAULT_SCENARIO(a_schedule_from_betas),
        FAULT_SCENARIO(a_schedule_of_log_snrs),
        FAULT_SCENARIO(a_schedule_that_is_refused),
        FAULT_SCENARIO(a_plan_of_fewer_steps),
        FAULT_SCENARIO(levels_and_laws),
        FAULT_SCENARIO(one_prediction_as_another),
        FAULT_SCENARIO(the_help_of_schedules),
    };
    return cmocka_run_group_tests(tests, fault_enter, folder_leave);
}

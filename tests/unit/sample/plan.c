/* Which levels a chain visits. */
#include "schedule.h"

#include "sample/plan.h"

static chain_plan plan_of(const struct diffusion_schedule *schedule, plan_options options)
{
    chain_plan plan;
    assert_ok(plan_open(&plan, schedule, &options));
    return plan;
}

/* The plan's levels are the schedule's own, from the data up. */
static void check(const char *spec, plan_options options, const double *times, int32_t count)
{
    struct diffusion_schedule *schedule = schedule_of(spec);
    chain_plan plan = plan_of(schedule, options);
    const noise_level data = level_of_data();
    assert_int_equal(plan.steps, count);
    assert_memory_equal(&plan.levels[0], &data, sizeof data);
    for (int32_t i = 1; i <= count; i++) {
        assert_true(plan.levels[i].t == times[i - 1]);
        assert_memory_equal(&plan.levels[i], &schedule->levels[(int32_t)times[i - 1]], sizeof data);
        assert_ptr_equal(plan_above(&plan, i), i < count ? &plan.levels[i + 1] : NULL);
    }
    plan_close(&plan);
    plan_close(&plan); /* of one closed too */
    schedule_release(schedule);
}

static void a_whole_chain_visits_every_step(void **state)
{
    (void)state;
    const double all[] = {1, 2, 3, 4, 5};
    for (int32_t spacing = SPACING_TRAILING; spacing <= SPACING_LEADING; spacing++) {
        check("linear steps=5", (plan_options){.steps = 0, .spacing = spacing}, all, 5);
        check("linear steps=5", (plan_options){.steps = 5, .spacing = spacing}, all, 5);
    }
}

/* As diffusers' set_timesteps() counts, from 0 there: arange(0, steps) * (T // steps); linspace(0, T - 1, steps)
 * rounded; round(arange(T, 0, -T / steps)) - 1. */
static void spacings_are_those_of_diffusers(void **state)
{
    (void)state;
    const double leading[] = {1, 4, 7}, offset[] = {2, 5, 8}, linspace[] = {1, 5, 10}, trailing[] = {3, 7, 10};
    check("linear steps=10", (plan_options){.steps = 3, .spacing = SPACING_LEADING}, leading, 3);
    check("linear steps=10", (plan_options){.steps = 3, .steps_offset = 1, .spacing = SPACING_LEADING}, offset, 3);
    check("linear steps=10", (plan_options){.steps = 3, .spacing = SPACING_LINSPACE}, linspace, 3); /* 4.5 goes to 4 */
    check("linear steps=10", (plan_options){.steps = 3, .spacing = SPACING_TRAILING}, trailing, 3);
    /* 12.5 and 37.5 to numpy are a little more: its stride is the difference of the first two values. */
    const double twelve[] = {4, 8, 13, 17, 21, 25, 29, 33, 38, 42, 46, 50};
    check("linear steps=50", (plan_options){.steps = 12, .spacing = SPACING_TRAILING}, twelve, 12);
    const double one[] = {1}, last[] = {10};
    check("linear steps=10", (plan_options){.steps = 1, .spacing = SPACING_LEADING}, one, 1);
    check("linear steps=10", (plan_options){.steps = 1, .spacing = SPACING_TRAILING}, last, 1);
}

/* FNV-1a of all steps of all counts 2..T, from the chain's end, as numpy 1.24 computes diffusers' formulas. */
static void every_count_visits_the_steps_of_numpy(void **state)
{
    (void)state;
    static const struct {
        int32_t total;
        int32_t spacing;
        uint64_t hash;
    } cases[] = {
        {7, SPACING_LEADING, UINT64_C(0xadf19b4159429cb3)},     {50, SPACING_LEADING, UINT64_C(0xce9014c24a570145)},
        {333, SPACING_LEADING, UINT64_C(0x47f971692b49c92f)},   {1000, SPACING_LEADING, UINT64_C(0xde195bde5013e76f)},
        {1500, SPACING_LEADING, UINT64_C(0x35b8938fb8ca141c)},  {7, SPACING_LINSPACE, UINT64_C(0x894fbb067a7eba3d)},
        {50, SPACING_LINSPACE, UINT64_C(0x52fac3fd200efa67)},   {333, SPACING_LINSPACE, UINT64_C(0xdef4c425f7660772)},
        {1000, SPACING_LINSPACE, UINT64_C(0xd91aa513a621cb11)}, {1500, SPACING_LINSPACE, UINT64_C(0x8ca32baaa22a0b15)},
        {7, SPACING_TRAILING, UINT64_C(0x4801eae58f694415)},    {50, SPACING_TRAILING, UINT64_C(0xeffbeb42bc0026f4)},
        {333, SPACING_TRAILING, UINT64_C(0xf1e1bfe382ecff95)},  {1000, SPACING_TRAILING, UINT64_C(0x0eedc5456b2eee3f)},
        {1500, SPACING_TRAILING, UINT64_C(0x828706e56861db25)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char spec[32];
        snprintf(spec, sizeof spec, "linear steps=%d", cases[i].total);
        struct diffusion_schedule *schedule = schedule_of(spec);
        uint64_t hash = UINT64_C(0xcbf29ce484222325);
        for (int32_t steps = 2; steps <= cases[i].total; steps++) {
            chain_plan plan = plan_of(schedule, (plan_options){.steps = steps, .spacing = cases[i].spacing});
            for (int32_t step = 1; step <= steps; step++)
                hash = (hash ^ (uint64_t)plan.levels[step].t) * UINT64_C(0x100000001b3);
            plan_close(&plan);
        }
        if (hash != cases[i].hash)
            fail_msg("T=%d, spacing %d: the steps differ", cases[i].total, (int)cases[i].spacing);
        schedule_release(schedule);
    }
}

/* A chain of fewer steps has the schedule's alpha_bar where it stops, and its own steps between them. */
static void leaving_steps_out_keeps_alpha_bar_where_it_stops(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        int32_t steps;
    } cases[] = {{"linear", 50}, {"linear", 1000},           {"cosine", 1},
                 {"cosine", 7},  {"linear steps=4000", 600}, {"log_snr", 13}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct diffusion_schedule *schedule = schedule_of(cases[i].spec);
        chain_plan plan = plan_of(schedule, (plan_options){.steps = cases[i].steps, .spacing = SPACING_LEADING});
        const int32_t stride = schedule->steps / cases[i].steps;
        double signal = 1.0;
        for (int32_t t = 1; t <= plan.steps; t++) {
            const int32_t original = 1 + (t - 1) * stride;
            signal *= level_step_signal(&plan.levels[t - 1], &plan.levels[t]);
            assert_close(signal, schedule->levels[original].signal, 1e-13, 0);
            assert_close(plan.levels[t].sigma, schedule->levels[original].sigma, 0, 0);
        }
        plan_close(&plan);
        schedule_release(schedule);
    }
}

static void what_cannot_be_visited_is_refused(void **state)
{
    (void)state;
    static const struct {
        plan_options options;
        const char *sentence;
    } cases[] = {
        {{.steps = 3, .steps_offset = 4, .spacing = SPACING_LEADING},
         "steps_offset=4 makes step 11 the chain's first, expected at most 10"},
        {{.steps = 0, .steps_offset = 1, .spacing = SPACING_LEADING}, "makes step 11 the chain's first"},
        {{.steps = 1, .spacing = SPACING_LINSPACE}, "steps=1 with spacing=linspace"},
    };
    struct diffusion_schedule *schedule = schedule_of("linear steps=10");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        chain_plan plan;
        assert_refused(plan_open(&plan, schedule, &cases[i].options), DIFFUSION_E_SPEC, cases[i].sentence);
    }
    schedule_release(schedule);
}

/* Whatever the spacing, the steps rise and stay within the schedule. */
static void steps_rise_within_the_schedule(void **state)
{
    (void)state;
    for (int32_t total = 1; total <= 60; total++) {
        char spec[32];
        snprintf(spec, sizeof spec, "linear steps=%d", total);
        struct diffusion_schedule *schedule = schedule_of(spec);
        for (int32_t steps = 1; steps <= total; steps++)
            for (int32_t spacing = SPACING_TRAILING; spacing <= SPACING_LEADING; spacing++) {
                if (spacing == SPACING_LINSPACE && steps == 1)
                    continue;
                chain_plan plan = plan_of(schedule, (plan_options){.steps = steps, .spacing = spacing});
                for (int32_t i = 1; i <= steps; i++)
                    assert_true(plan.levels[i].t > plan.levels[i - 1].t && plan.levels[i].t <= total);
                if (spacing != SPACING_LEADING)
                    assert_true(plan.levels[steps].t == total);
                if (spacing != SPACING_TRAILING)
                    assert_true(plan.levels[1].t == 1.0);
                plan_close(&plan);
            }
        schedule_release(schedule);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_chain_visits_every_step),
        cmocka_unit_test(spacings_are_those_of_diffusers),
        cmocka_unit_test(every_count_visits_the_steps_of_numpy),
        cmocka_unit_test(leaving_steps_out_keeps_alpha_bar_where_it_stops),
        cmocka_unit_test(what_cannot_be_visited_is_refused),
        cmocka_unit_test(steps_rise_within_the_schedule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

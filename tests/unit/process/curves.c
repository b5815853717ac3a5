/* Curves in closed form: levels by the words of the header, the way back from a level to its time, and slopes beside
 * differences. */
#include "schedule.h"

static const char *const specs[] = {"linear steps=50",
                                    "cosine steps=20",
                                    "sigmoid steps=20",
                                    "log_snr steps=30",
                                    "log_snr steps=1",
                                    "log_snr steps=30 shares=1,2,0.5",
                                    "log_snr steps=2 shares=5,2",
                                    "trigonometric steps=12",
                                    "edm steps=18",
                                    "edm steps=1 sigma_max=3",
                                    "flow steps=10",
                                    "flow steps=10 shift=3",
                                    "flow steps=7 power=2",
                                    "flow steps=7 power=0.5 shift=2",
                                    "vp steps=1000",
                                    "vp steps=10 beta_min=2 beta_max=2",
                                    "vp steps=1 beta_min=0.5 beta_max=4",
                                    "ve steps=40",
                                    "ve steps=1 sigma_max=7",
                                    "linear_vp steps=9"};

/* Within a step: curves of betas have corners at whole ones. */
static void slopes_are_those_of_the_levels(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        struct diffusion_schedule *schedule = schedule_of(specs[i]);
        const double steps = schedule->steps;
        for (double part = 0.013; part < 1.0; part += 0.0431) {
            const double t = part * steps, h = 1e-5 * fmin(t, fmin(1.0, steps - t));
            const noise_level at = schedule_level(schedule, t);
            const noise_level below = schedule_level(schedule, t - h), above = schedule_level(schedule, t + h);
            const level_slope slope = schedule_slope(schedule, &at);
            if (floor(t - h) != floor(t + h))
                continue;
            assert_close(slope.signal, (above.signal - below.signal) / (2.0 * h), 1e-5, 1e-8);
            assert_close(slope.sigma, (above.sigma - below.sigma) / (2.0 * h), 1e-5, 1e-8);
        }
        schedule_release(schedule);
    }
}

static void times_come_back_from_levels(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        struct diffusion_schedule *schedule = schedule_of(specs[i]);
        for (double part = 0.01; part <= 1.0; part += 0.033) {
            const double t = part * schedule->steps;
            const noise_level at = schedule_level(schedule, t);
            assert_close(schedule_time(schedule, at.log_snr), t, 1e-10, 1e-12);
            assert_close(at.log_snr, 2.0 * log(at.signal / at.sigma), 1e-12, 1e-9);
        }
        schedule_release(schedule);
    }
}

/* As many as there are steps between 1 and 9. */
static void shares_are_parts_of_the_time(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule =
        schedule_of("log_snr steps=9 maximum=7 minimum=-9 shares=1,1,0.5,2.5,1.5,1.5");
    static const double truth[] = {7, 7 - 8.0 / 3.0, 7 - 16.0 / 3.0, 7 - 16.0 / 2.0 - 16.0 * 0.2 / 6.0};
    for (int t = 1; t <= 4; t++)
        assert_close(schedule_level(schedule, t).log_snr, truth[t - 1], 1e-14, 1e-14);
    assert_close(schedule_level(schedule, 1.5).log_snr, 7 - 4.0 / 3.0, 1e-14, 0);
    assert_close(schedule_level(schedule, 8.25).log_snr, -9 + 16.0 / 6.0 / 2.0, 1e-14, 0);
    assert_true(schedule_level(schedule, 9.0).log_snr == -9.0);
    schedule_release(schedule);
}

static void shares_all_alike_are_a_straight_line(void **state)
{
    (void)state;
    struct diffusion_schedule *shared = schedule_of("log_snr steps=50 shares=3,3,3,3,3"),
                              *straight = schedule_of("log_snr steps=50");
    for (double t = 0.3; t <= 50.0; t += 0.7)
        assert_close(schedule_level(shared, t).log_snr, schedule_level(straight, t).log_snr, 1e-14, 1e-14);
    schedule_release(shared);
    schedule_release(straight);
}

/* By the formulas of their papers. */
static void new_curves_are_their_formulas(void **state)
{
    (void)state;
    struct diffusion_schedule *vp = schedule_of("vp steps=1000 beta_min=0.2 beta_max=15"),
                              *ve = schedule_of("ve steps=1001 sigma_min=0.01 sigma_max=50"),
                              *straight = schedule_of("linear_vp steps=10"),
                              *convex = schedule_of("flow steps=8 power=3");
    for (int k = 1; k <= 10; k++) {
        const double u = 0.1 * k;
        const noise_level a = schedule_level(vp, 1000.0 * u), b = schedule_level(ve, 1.0 + 1000.0 * u);
        const noise_level c = schedule_level(straight, 10.0 * u), d = schedule_level(convex, 8.0 * u);
        assert_close(a.signal, exp(-0.25 * u * u * 14.8 - 0.1 * u), 1e-14, 0);
        assert_close(a.sigma, sqrt(-expm1(-0.5 * u * u * 14.8 - 0.2 * u)), 1e-14, 0);
        assert_close(b.sigma, 0.01 * pow(5000.0, u), 1e-12, 0);
        assert_true(b.signal == 1.0);
        assert_close(c.signal, 1.0 - u, 1e-14, 1e-15);
        assert_close(c.sigma, sqrt(u * (2.0 - u)), 1e-14, 0);
        assert_close(d.signal, pow(1.0 - u, 3.0), 1e-12, 1e-15);
        assert_close(d.sigma, 1.0 - pow(1.0 - u, 3.0), 1e-12, 0);
    }
    assert_true(schedule_level(ve, 1.0).sigma == 0.01 && schedule_level(ve, 1001.0).sigma == 50.0);
    schedule_release(vp);
    schedule_release(ve);
    schedule_release(straight);
    schedule_release(convex);
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = NULL;
    assert_refused(schedule_create(&schedule, "vp beta_min=3 beta_max=2"), DIFFUSION_E_SPEC,
                   "beta_min=3, expected at most beta_max=2");
    assert_refused(schedule_create(&schedule, "ve sigma_min=3 sigma_max=2"), DIFFUSION_E_SPEC,
                   "sigma_min=3, expected less than sigma_max=2");
    assert_refused(schedule_create(&schedule, "ve kernel=binomial"), DIFFUSION_E_SPEC, "does not preserve variance");
    assert_refused(schedule_create(&schedule, "flow power=0"), DIFFUSION_E_SPEC, "power=0");
    assert_refused(schedule_create(&schedule, "log_snr shares=1,0"), DIFFUSION_E_SPEC, "shares=0, expected");
    assert_refused(schedule_create(&schedule, "log_snr steps=1 shares=1,2"), DIFFUSION_E_SPEC,
                   "shares= with steps=1, expected at least 2 steps");
    char many[4096] = "log_snr shares=1";
    for (int i = 0; i < 1000; i++)
        strcat(many, ",1");
    assert_refused(schedule_create(&schedule, many), DIFFUSION_E_SPEC, "shares= has 1001 numbers, expected 1000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slopes_are_those_of_the_levels), cmocka_unit_test(times_come_back_from_levels),
        cmocka_unit_test(shares_are_parts_of_the_time),   cmocka_unit_test(shares_all_alike_are_a_straight_line),
        cmocka_unit_test(new_curves_are_their_formulas),  cmocka_unit_test(contradictions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

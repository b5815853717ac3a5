/* The noise level at any time, whole or not, and the time of a log SNR, for every curve. */
#include "make.h"

enum { MOST = 200 };

static const char *const curves[] = {
    "linear steps=50",
    "linear steps=1",
    "linear steps=200 zero_terminal_snr=yes",
    "scaled_linear steps=60",
    "cosine steps=50",
    "cosine steps=20 zero_terminal_snr=yes",
    "sigmoid steps=40",
    "constant_rate steps=30",
    "constant_rate steps=1",
    "constant_rate steps=25 kernel=binomial rate=0.3",
    "betas values=0.1,1e-7,0.9,0.25",
    "betas values=0.5,0.25,1",
    "betas values=1e-12",
    "betas values=1",
    "log_snr steps=50",
    "log_snr steps=7 maximum=2 minimum=-3",
    "log_snr steps=1",
    "log_snr steps=1 maximum=9 minimum=4",
    "log_snr steps=20 maximum=500 minimum=-500",
    "log_snr steps=9 kernel=binomial",
};
enum { CURVES = sizeof curves / sizeof curves[0] };

typedef struct level {
    double signal, sigma, log_snr;
} level;

static level level_at(const diffusion_schedule *schedule, double t)
{
    level at;
    assert_ok(diffusion_schedule_level(schedule, t, &at.signal, &at.sigma, &at.log_snr));
    return at;
}

static double time_at(const diffusion_schedule *schedule, double log_snr)
{
    double t = -7;
    assert_ok(diffusion_schedule_time(schedule, log_snr, &t));
    return t;
}

static void whole_steps_are_the_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        double alpha_bar[MOST], rest[MOST], log_snr[MOST];
        diffusion_schedule *schedule = make_schedule(curves[i]);
        assert_ok(diffusion_schedule_values(schedule, "alpha_bar", alpha_bar));
        assert_ok(diffusion_schedule_values(schedule, "one_minus_alpha_bar", rest));
        assert_ok(diffusion_schedule_values(schedule, "log_snr", log_snr));
        for (int32_t t = 1; t <= diffusion_schedule_steps(schedule); t++) {
            const level at = level_at(schedule, t);
            assert_close(at.signal * at.signal, alpha_bar[t - 1], 1e-14, 1e-300);
            assert_close(at.sigma * at.sigma, rest[t - 1], 1e-14, 0);
            assert_close(at.log_snr, log_snr[t - 1], 1e-14, 1e-15);
        }
        diffusion_schedule_free(schedule);
    }
}

static void the_ends_are_the_data_and_the_last_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        diffusion_schedule *schedule = make_schedule(curves[i]);
        const double steps = diffusion_schedule_steps(schedule);
        const level data = level_at(schedule, 0.0), last = level_at(schedule, steps);
        assert_true(data.signal == 1.0 && data.sigma == 0.0 && data.log_snr == HUGE_VAL);
        assert_true(time_at(schedule, HUGE_VAL) == 0.0);
        assert_true(time_at(schedule, -HUGE_VAL) == steps);
        assert_true(time_at(schedule, last.log_snr) == steps);
        assert_true(time_at(schedule, 1e300) == 0.0);
        if (isfinite(last.log_snr))
            assert_true(time_at(schedule, last.log_snr - 1.0) == steps);
        else
            assert_true(last.signal == 0.0 && last.sigma == 1.0 && last.log_snr == -HUGE_VAL);
        diffusion_schedule_free(schedule);
    }
}

/* Times between 0 and T that are not whole, those next to whole ones among them. */
static double time_of(int32_t steps, size_t k)
{
    static const double parts[] = {1e-9, 1e-3, 0.25, 0.5, 0.7320508, 0.999, 1 - 1e-9};
    return (double)(k / 7 % (size_t)steps) + parts[k % 7];
}

static void times_between_steps_are_levels_between_theirs(void **state)
{
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        diffusion_schedule *schedule = make_schedule(curves[i]);
        const int32_t steps = diffusion_schedule_steps(schedule);
        level before = level_at(schedule, 0.0);
        for (size_t k = 0; k < 7 * (size_t)steps; k++) {
            const level at = level_at(schedule, time_of(steps, k));
            assert_true(at.signal <= before.signal && at.sigma >= before.sigma && at.log_snr < before.log_snr);
            assert_close(at.signal * at.signal + at.sigma * at.sigma, 1.0, 1e-14, 0);
            assert_close(2.0 * (log(at.signal) - log(at.sigma)), at.log_snr, 1e-11, 1e-11);
            before = at;
        }
        assert_true(level_at(schedule, steps).log_snr < before.log_snr);
        diffusion_schedule_free(schedule);
    }
}

/* Rounding of the log SNR, whose slope by t is steepest at the ends, is what a round trip may lose. */
static void a_time_comes_back_from_its_log_snr(void **state)
{
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        diffusion_schedule *schedule = make_schedule(curves[i]);
        const int32_t steps = diffusion_schedule_steps(schedule);
        for (size_t k = 0; k < 7 * (size_t)steps; k++) {
            const double t = time_of(steps, k), at = level_at(schedule, t).log_snr;
            const double slope =
                (level_at(schedule, t - 1e-10).log_snr - level_at(schedule, t + 1e-10).log_snr) / 2e-10;
            const double back = time_at(schedule, at);
            assert_close(back, t, 1e-12, 4e-15 * fmax(fabs(at), 1.0) / slope);
            assert_close(level_at(schedule, back).log_snr, at, 1e-13, 1e-13);
        }
        for (int32_t t = 1; t <= steps; t++)
            assert_close(time_at(schedule, level_at(schedule, t).log_snr), t,
                         strncmp(curves[i], "log_snr", 7) == 0 ? 1e-15 : 0, 0);
        diffusion_schedule_free(schedule);
    }
}

/* Between two steps of betas the log of signal^2 is linear; toward a last step without signal, the signal. */
static void between_betas_the_logarithm_of_the_signal_is_linear(void **state)
{
    (void)state;
    static const char *const specs[] = {"linear steps=6 beta_start=0.1 beta_end=0.5", "constant_rate steps=6"};
    for (size_t i = 0; i < 2; i++) {
        diffusion_schedule *schedule = make_schedule(specs[i]);
        for (double t = 0.0; t < 6.0; t += 0.125) {
            const double part = t - floor(t);
            const level low = level_at(schedule, floor(t)), high = level_at(schedule, floor(t) + 1.0);
            const double truth = high.signal > 0.0 ? exp((1.0 - part) * log(low.signal) + part * log(high.signal))
                                                   : (1.0 - part) * low.signal;
            assert_close(level_at(schedule, t).signal, truth, 1e-13, 0);
        }
        diffusion_schedule_free(schedule);
    }
}

static void the_log_snr_falls_in_equal_steps(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("log_snr steps=11 maximum=6 minimum=-4");
    assert_int_equal(diffusion_schedule_steps(schedule), 11);
    for (double t = 1.0; t <= 11.0; t += 0.0625)
        assert_close(level_at(schedule, t).log_snr, 6.0 - (t - 1.0), 1e-14, 1e-14);
    for (double x = 6.0; x >= -4.0; x -= 0.125)
        assert_close(time_at(schedule, x), 7.0 - x, 1e-14, 0);
    assert_string_equal(diffusion_schedule_spec(schedule),
                        "log_snr steps=11 maximum=6 minimum=-4 kernel=gaussian zero_terminal_snr=no");
    diffusion_schedule_free(schedule);
}

/* What such a schedule's betas say is what a schedule of these betas is, at whole steps. */
static void its_betas_make_the_same_levels(void **state)
{
    (void)state;
    double beta[30];
    diffusion_schedule *schedule = make_schedule("log_snr steps=30 maximum=8"), *same = NULL;
    assert_ok(diffusion_schedule_values(schedule, "beta", beta));
    assert_ok(diffusion_schedule_create_from_betas(&same, beta, 30, NULL));
    for (int32_t t = 1; t <= 30; t++)
        assert_close(level_at(same, t).log_snr, level_at(schedule, t).log_snr, 1e-12, 1e-12);
    diffusion_schedule_free(same);
    diffusion_schedule_free(schedule);
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const double wrong[] = {-1e-9, -1.0, 50.000001, 1e9, NAN, HUGE_VAL, -HUGE_VAL};
    const diffusion_status argument = DIFFUSION_E_ARGUMENT;
    diffusion_schedule *schedule = make_schedule("linear steps=50"), *none = NULL;
    level at = {7, 7, 7};
    double t = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_refused(diffusion_schedule_level(schedule, wrong[i], &at.signal, &at.sigma, &at.log_snr),
                       DIFFUSION_E_STEP, "schedule_level: t=");
    assert_refused(diffusion_schedule_time(schedule, NAN, &t), argument, "schedule_time: log_snr=nan");
    assert_refused(diffusion_schedule_level(NULL, 1, &at.signal, &at.sigma, &at.log_snr), argument,
                   "schedule_level: schedule is NULL");
    assert_refused(diffusion_schedule_time(NULL, 1, &t), argument, "schedule_time: schedule is NULL");
    assert_refused(diffusion_schedule_time(schedule, 1, NULL), argument, "schedule_time: t is NULL");
    assert_true(at.signal == 7 && at.sigma == 7 && at.log_snr == 7 && t == 7);
    assert_ok(diffusion_schedule_level(schedule, 3, NULL, NULL, NULL)); /* each may be left out */
    assert_ok(diffusion_schedule_level(schedule, 3, NULL, &at.sigma, NULL));
    assert_true(at.sigma == level_at(schedule, 3).sigma && at.signal == 7 && at.log_snr == 7);
    assert_refused(diffusion_schedule_create(&none, "log_snr maximum=1 minimum=1"), DIFFUSION_E_SPEC,
                   "schedule: minimum=1, expected less than maximum=1");
    assert_refused(diffusion_schedule_create(&none, "log_snr maximum=1e9"), DIFFUSION_E_SPEC, "maximum=1e9");
    assert_refused(diffusion_schedule_create(&none, "log_snr zero_terminal_snr=yes"), DIFFUSION_E_SPEC,
                   "schedule: zero_terminal_snr=yes with log_snr, expected a curve of betas");
    assert_null(none);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_steps_are_the_tables),
        cmocka_unit_test(the_ends_are_the_data_and_the_last_step),
        cmocka_unit_test(times_between_steps_are_levels_between_theirs),
        cmocka_unit_test(a_time_comes_back_from_its_log_snr),
        cmocka_unit_test(between_betas_the_logarithm_of_the_signal_is_linear),
        cmocka_unit_test(the_log_snr_falls_in_equal_steps),
        cmocka_unit_test(its_betas_make_the_same_levels),
        cmocka_unit_test(what_is_no_time_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

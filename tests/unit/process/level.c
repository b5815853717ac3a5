/* Levels between any two times beside long double arithmetic, and the way from time to level and back. */
#include "schedule.h"

static const char *const specs[] = {
    "linear",
    "linear steps=100000",
    "cosine steps=4000",
    "cosine steps=1",
    "sigmoid steps=20",
    "scaled_linear steps=50",
    "constant_rate steps=100",
    "linear steps=1000 zero_terminal_snr=yes",
    "betas values=0.5,1e-9,1e-9,0.3,1",
};
enum { SPECS = sizeof specs / sizeof specs[0] };

/* What the steps s + 1 .. t do: x_t = sqrt(kept) x_s + sqrt(added) epsilon. Both are made of positive terms. */
typedef struct true_step {
    long double kept, added;
} true_step;

static true_step true_step_of(const double *beta, int32_t s, int32_t t)
{
    true_step step = {1.0L, 0.0L};
    for (int32_t i = s + 1; i <= t; i++) {
        step.kept *= 1.0L - (long double)beta[i];
        step.added = step.added * (1.0L - (long double)beta[i]) + (long double)beta[i];
    }
    return step;
}

/* An absolute error of what underflows is one of nothing. */
static void check_pair(const struct diffusion_schedule *schedule, int32_t s, int32_t t)
{
    const noise_level *below = &schedule->levels[s], *at = &schedule->levels[t];
    const true_step to_s = true_step_of(schedule->beta, 0, s), between = true_step_of(schedule->beta, s, t);
    const long double noise = to_s.added * between.kept + between.added, share = between.added / noise;
    const level_posterior q = level_posterior_of(below, at);
    assert_close(level_step_signal(below, at), (double)sqrtl(between.kept), 1e-13, 0x1p-1000);
    assert_close(level_step_variance(below, at), (double)between.added, 1e-15, 0);
    assert_close(level_lost(below, at), (double)share, 1e-15, 0);
    assert_close(q.x0, (double)(sqrtl(to_s.kept) * share), 1e-13, 0x1p-1000);
    assert_close(q.xt, (double)(sqrtl(between.kept) * to_s.added / noise), 1e-13, 0x1p-1000);
    assert_close(q.variance, (double)(to_s.added * share), 2e-15, 0);
}

static void steps_and_posteriors_between_any_two_levels_have_thirteen_digits(void **state)
{
    (void)state;
    need_long_double();
    for (size_t i = 0; i < SPECS; i++) {
        struct diffusion_schedule *schedule = schedule_of(specs[i]);
        const int32_t steps = schedule->steps, stride = 1 + steps / 12;
        for (int32_t s = 0; s < steps; s += stride)
            for (int32_t t = s + 1; t <= steps; t += stride)
                check_pair(schedule, s, t);
        for (int32_t s = 0; s < steps; s += stride) {
            check_pair(schedule, s, steps);
            check_pair(schedule, steps - 1, steps);
        }
        schedule_release(schedule);
    }
}

/* Two steps in a row are one. */
static void steps_add_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPECS; i++) {
        struct diffusion_schedule *schedule = schedule_of(specs[i]);
        const double end = schedule->steps;
        for (double part = 0.01; part < 1.0; part += 0.07) {
            const noise_level r = schedule_level(schedule, 0.3 * part * end), s = schedule_level(schedule, part * end);
            const noise_level t = schedule_level(schedule, (0.4 + 0.6 * part) * end);
            const noise_level *a = part < 2.0 / 3.0 ? &s : &r;
            const double first = level_step_signal(&r, a), second = level_step_signal(a, &t);
            if (!(a->t < t.t))
                continue;
            assert_close(level_step_signal(&r, &t), first * second, 1e-13, 0x1p-1000);
            assert_close(level_step_variance(&r, &t),
                         level_step_variance(&r, a) * second * second + level_step_variance(a, &t), 1e-13, 0);
        }
        schedule_release(schedule);
    }
}

static void the_posterior_at_the_data_is_x0_itself(void **state)
{
    (void)state;
    const noise_level data = level_of_data();
    assert_true(data.t == 0.0 && data.signal == 1.0 && data.sigma == 0.0 && data.log_snr == INFINITY);
    assert_true(level_log_signal_square(&data) == 0.0);
    for (size_t i = 0; i < SPECS; i++) {
        struct diffusion_schedule *schedule = schedule_of(specs[i]);
        for (int32_t t = 1; t <= schedule->steps; t += 1 + schedule->steps / 50) {
            const level_posterior q = level_posterior_of(&data, &schedule->levels[t]);
            assert_true(q.x0 == 1.0 && q.xt == 0.0 && q.variance == 0.0);
            assert_true(level_lost(&data, &schedule->levels[t]) == 1.0);
        }
        schedule_release(schedule);
    }
}

static void a_level_of_a_log_snr_is_the_logistic_function(void **state)
{
    (void)state;
    for (double log_snr = -700.0; log_snr <= 700.0; log_snr += 0.37) {
        const noise_level level = level_from_log_snr(3.0, (long double)log_snr);
        const long double signal2 = 1.0L / (1.0L + expl(-(long double)log_snr));
        const long double sigma2 = 1.0L / (1.0L + expl((long double)log_snr));
        assert_true(level.t == 3.0 && level.log_snr == log_snr);
        assert_close(level.signal, (double)sqrtl(signal2), 1e-13, 0);
        assert_close(level.sigma, (double)sqrtl(sigma2), 1e-15, 0);
        assert_close(level_log_signal_square(&level), (double)(log_snr > 0.0 ? log1pl(-sigma2) : logl(signal2)), 1e-15,
                     0);
        /* And back, from the logarithm of signal^2: signal^2 + sigma^2 = 1. Near the data only sigma tells. */
        const noise_level again = level_from_log_signal_square(3.0, level.log_signal_square);
        assert_close(again.log_snr, log_snr, 1e-15, 1e-15);
        assert_close(again.sigma, level.sigma, 1e-15, 0);
        assert_close(again.signal, level.signal, 0, 0);
    }
}

/* ---- levels that do not preserve variance ---- */

/* Signal 1 with a variance that explodes; signal 1 - sigma; and one that is preserved after all. */
static noise_level any_level(int kind, double sigma)
{
    const double signals[] = {1.0, 1.0 - sigma, sqrt((1.0 - sigma) * (1.0 + sigma))};
    return level_from_signal_sigma(sigma, signals[kind], sigma);
}

static void any_signal_and_sigma_make_steps_and_posteriors(void **state)
{
    (void)state;
    need_long_double();
    for (int kind = 0; kind < 3; kind++)
        for (double low = 1e-6; low < 0.9; low *= 1.9)
            for (double gap = 1e-3; gap < 1.0; gap *= 3.1) {
                const double high = low + gap * (1.0 - low);
                const noise_level s = any_level(kind, low), t = any_level(kind, high);
                const long double r = (long double)t.signal / (long double)s.signal, sigma_s = s.sigma,
                                  sigma_t = t.sigma;
                const long double added = (sigma_t - r * sigma_s) * (sigma_t + r * sigma_s),
                                  share = added / (sigma_t * sigma_t);
                const level_posterior q = level_posterior_of(&s, &t);
                assert_close(s.log_snr, (double)(2.0L * logl((long double)s.signal / sigma_s)), 1e-15, 1e-15);
                assert_close(level_variance(&s), s.signal * s.signal + s.sigma * s.sigma, 1e-15, 0);
                assert_close(level_step_signal(&s, &t), (double)r, 1e-15, 0);
                /* As sharp as sigma_t - r sigma_s is; where variance is preserved but for rounding, likewise. */
                assert_close(level_step_variance(&s, &t), (double)added, 1e-13, 0);
                assert_close(q.x0, (double)(s.signal * share), 1e-13, 0);
                assert_close(q.xt, (double)(r * sigma_s * sigma_s / (sigma_t * sigma_t)), 1e-14, 0);
                assert_close(q.variance, (double)(sigma_s * sigma_s * share), 1e-13, 0);
            }
    const noise_level nothing = level_from_signal_sigma(1.0, 0.0, 2.0), before = level_from_signal_sigma(0.5, 0.5, 1.0);
    assert_true(nothing.log_snr == -INFINITY && level_variance(&nothing) == 4.0);
    assert_true(level_step_signal(&before, &nothing) == 0.0 && level_step_variance(&before, &nothing) == 4.0);
}

/* ---- time to level and back ---- */

static void whole_times_are_the_levels_of_the_steps(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPECS; i++) {
        struct diffusion_schedule *schedule = schedule_of(specs[i]);
        for (int32_t t = 0; t <= schedule->steps; t += 1 + schedule->steps / 50) {
            const noise_level level = schedule_level(schedule, t);
            assert_memory_equal(&level, &schedule->levels[t], sizeof level);
        }
        const noise_level before = schedule_level(schedule, -1.0), after = schedule_level(schedule, 1e6);
        assert_memory_equal(&before, &schedule->levels[0], sizeof before);
        assert_memory_equal(&after, schedule_last(schedule), sizeof after);
        schedule_release(schedule);
    }
}

/* Between two steps log signal^2 is linear in t; before a step that leaves nothing the signal is. */
static void between_two_steps_log_signal_square_is_linear(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPECS; i++) {
        struct diffusion_schedule *schedule = schedule_of(specs[i]);
        for (int32_t t = 1; t <= schedule->steps; t += 1 + schedule->steps / 50)
            for (double part = 0.125; part < 1.0; part += 0.125) {
                const noise_level at = schedule_level(schedule, t - 1 + part), *below = &schedule->levels[t - 1];
                const long double alpha = 1.0L - (long double)schedule->beta[t];
                const long double kept = alpha > 0.0L ? powl(alpha, (long double)part)
                                                      : (1.0L - (long double)part) * (1.0L - (long double)part);
                const long double added =
                    alpha > 0.0L ? -expm1l((long double)part * log1pl(-(long double)schedule->beta[t])) : 1.0L - kept;
                assert_true(at.t == t - 1 + part);
                assert_close(level_step_signal(below, &at), (double)sqrtl(kept), 1e-13, 0);
                assert_close(level_step_variance(below, &at), (double)added, 1e-13, 0);
            }
        schedule_release(schedule);
    }
}

static const char *const falling[] = {"log_snr",
                                      "log_snr steps=7 maximum=4 minimum=-3.5",
                                      "log_snr steps=2 maximum=700 minimum=-700",
                                      "log_snr steps=1 maximum=2 minimum=-1",
                                      "log_snr steps=100000",
                                      "log_snr steps=40 shares=1,20,1,3"};

static void the_log_snr_falls_in_equal_steps(void **state)
{
    (void)state;
    need_long_double();
    static const struct {
        int32_t steps;
        double maximum, minimum;
    } ends[] = {{1000, 13.3, -5.0}, {7, 4.0, -3.5}, {2, 700.0, -700.0}, {1, 2.0, -1.0}, {100000, 13.3, -5.0}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct diffusion_schedule *schedule = schedule_of(falling[i]);
        const int32_t steps = ends[i].steps;
        assert_int_equal(schedule->steps, steps);
        assert_true(schedule->levels[1].log_snr == (steps > 1 ? ends[i].maximum : ends[i].minimum));
        assert_true(schedule_last(schedule)->log_snr == ends[i].minimum);
        for (double t = 1.0; t < steps; t += steps / 997.0 + 0.01) {
            const noise_level at = schedule_level(schedule, t);
            const long double slope = ((long double)ends[i].minimum - (long double)ends[i].maximum) / (steps - 1);
            const long double truth = (long double)ends[i].maximum + ((long double)t - 1.0L) * slope;
            assert_close(at.log_snr, (double)truth, 1e-15, 1e-15);
            assert_close(at.sigma, (double)sqrtl(1.0L / (1.0L + expl(truth))), 1e-13, 0);
        }
        /* The steps' betas: 1 - alpha_bar_t / alpha_bar_{t-1}, by sums of positive terms alone. */
        for (int32_t t = 2; t <= steps; t += 1 + steps / 997) {
            const long double slope = ((long double)ends[i].minimum - (long double)ends[i].maximum) / (steps - 1);
            const long double before = (long double)ends[i].maximum + (t - 2.0L) * slope, now = before + slope;
            assert_close(schedule->beta[t], (double)(-expm1l(slope) / (1.0L + expl(now))), 1e-12, 0);
        }
        assert_close(schedule->beta[1], schedule->levels[1].sigma * schedule->levels[1].sigma, 1e-15, 0);
        schedule_release(schedule);
    }
}

/* By how much the log SNR falls with time near t, within its step. */
static double slope_at(const struct diffusion_schedule *schedule, double t)
{
    const double here = schedule_level(schedule, t).log_snr, below = ceil(t) - 1.0, above = floor(t) + 1.0;
    const double before = (schedule_level(schedule, below).log_snr - here) / (t - below);
    return above <= schedule->steps ? fmin(before, (here - schedule_level(schedule, above).log_snr) / (above - t))
                                    : before;
}

/* t to log SNR to t, at real times and whole ones: as sharp as the log SNR's last bits let the time be. */
static void check_there_and_back(const struct diffusion_schedule *schedule)
{
    const double steps = schedule->steps;
    for (double t = 1e-3; t < steps; t += 0.0131 * steps + 1e-3)
        for (int whole = 0; whole <= 1; whole++) {
            const double at = whole ? ceil(t) : t, log_snr = schedule_level(schedule, at).log_snr;
            if (at < steps)
                assert_close(schedule_time(schedule, log_snr), at, 1e-14,
                             0x1p-51 * (fabs(log_snr) + 1.0) / slope_at(schedule, at));
            const noise_level back = schedule_level_at(schedule, log_snr), level = schedule_level(schedule, at);
            assert_close(back.signal, level.signal, 1e-10, 1e-12);
            assert_close(back.sigma, level.sigma, 1e-10, 1e-12);
        }
}

static void time_is_the_inverse_of_level(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPECS + sizeof falling / sizeof falling[0]; i++) {
        struct diffusion_schedule *schedule = schedule_of(i < SPECS ? specs[i] : falling[i - SPECS]);
        check_there_and_back(schedule);
        assert_true(schedule_time(schedule, INFINITY) == 0.0);
        assert_true(schedule_time(schedule, -INFINITY) == (double)schedule->steps);
        assert_true(schedule_time(schedule, schedule_last(schedule)->log_snr) == (double)schedule->steps);
        schedule_release(schedule);
    }
}

static void log_snr_falls_with_time_from_infinity(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPECS + sizeof falling / sizeof falling[0]; i++) {
        struct diffusion_schedule *schedule = schedule_of(i < SPECS ? specs[i] : falling[i - SPECS]);
        double last = INFINITY;
        for (double t = 1e-9; t < schedule->steps; t = t < 1e-3 ? 7.0 * t : t + 1e-3 * schedule->steps) {
            const noise_level at = schedule_level(schedule, t);
            if (!(at.log_snr < last && at.sigma > 0.0 && at.sigma <= 1.0))
                fail_msg("'%s' at t=%.17g: log SNR %.17g after %.17g, sigma %g", schedule->spec, t, at.log_snr, last,
                         at.sigma);
            last = at.log_snr;
        }
        schedule_release(schedule);
    }
}

/* However near to the data. */
static void a_time_just_after_0_has_a_finite_level(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("linear");
    const noise_level at = schedule_level(schedule, 1e-300);
    assert_true(at.signal == 1.0 && at.sigma > 0.0 && isfinite(at.log_snr));
    assert_close(at.sigma, sqrt(1e-4) * 1e-150, 1e-4, 0);
    assert_close(schedule_time(schedule, at.log_snr), 1e-300, 1e-12, 0);
    schedule_release(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_and_posteriors_between_any_two_levels_have_thirteen_digits),
        cmocka_unit_test(steps_add_up),
        cmocka_unit_test(the_posterior_at_the_data_is_x0_itself),
        cmocka_unit_test(a_level_of_a_log_snr_is_the_logistic_function),
        cmocka_unit_test(any_signal_and_sigma_make_steps_and_posteriors),
        cmocka_unit_test(whole_times_are_the_levels_of_the_steps),
        cmocka_unit_test(between_two_steps_log_signal_square_is_linear),
        cmocka_unit_test(the_log_snr_falls_in_equal_steps),
        cmocka_unit_test(time_is_the_inverse_of_level),
        cmocka_unit_test(log_snr_falls_with_time_from_infinity),
        cmocka_unit_test(a_time_just_after_0_has_a_finite_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

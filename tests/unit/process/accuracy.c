/* Long chains and both ends of alpha_bar, beside long double arithmetic. */
#include "schedule.h"

#include "process/quantity.h"

#define PI_LONG 3.14159265358979323846264338327950288L

static const char *const specs[] = {
    "linear steps=1000",
    "linear steps=4000",
    "linear steps=100000 beta_end=0.001", /* so long that plain sums would lose the thirteenth digit */
    "cosine steps=4000",
    "cosine steps=50",
    "cosine steps=1",
    "scaled_linear steps=1000",
    "sigmoid steps=2000",
    "constant_rate steps=4000",
    "linear steps=1000 zero_terminal_snr=yes",
    "cosine steps=4000 zero_terminal_snr=yes",
    "scaled_linear steps=2 zero_terminal_snr=yes",
};
enum { SPECS = sizeof specs / sizeof specs[0] };

static long double squared_cosine(long double share)
{
    long double root = cosl((share + 0.008L) / 1.008L * PI_LONG / 2.0L);
    return root * root;
}

static long double logistic(long double x)
{
    return 1.0L / (1.0L + expl(-x));
}

typedef long double beta_fn(int32_t t, int32_t steps);

static long double linear(int32_t t, int32_t steps)
{
    return 1e-4L + (0.02L - 1e-4L) * (t - 1) / (steps - 1);
}

static long double scaled_linear(int32_t t, int32_t steps)
{
    long double root = sqrtl(0.00085L) + (sqrtl(0.012L) - sqrtl(0.00085L)) * (t - 1) / (steps - 1);
    return root * root;
}

static long double cosine(int32_t t, int32_t steps)
{
    return fminl(1.0L - squared_cosine((long double)t / steps) / squared_cosine((t - 1.0L) / steps), 0.999L);
}

static long double sigmoid(int32_t t, int32_t steps)
{
    return logistic(-6.0L + 12.0L * (t - 1) / (steps - 1)) * (0.02L - 1e-4L) + 1e-4L;
}

static long double constant_rate(int32_t t, int32_t steps)
{
    return 1.0L / (steps - t + 1);
}

static const struct {
    const char *kind;
    beta_fn *truth;
} formulas[] = {
    {"linear", linear},   {"scaled_linear", scaled_linear}, {"cosine", cosine},
    {"sigmoid", sigmoid}, {"constant_rate", constant_rate},
};

static void betas_are_the_formulas_to_thirteen_digits(void **state)
{
    (void)state;
    need_long_double();
    static const int32_t lengths[] = {2, 50, 1000, 4000};
    for (size_t i = 0; i < sizeof formulas / sizeof formulas[0]; i++)
        for (size_t j = 0; j < sizeof lengths / sizeof lengths[0]; j++) {
            char spec[64];
            snprintf(spec, sizeof spec, "%s steps=%d", formulas[i].kind, lengths[j]);
            struct diffusion_schedule *schedule = schedule_of(spec);
            for (int32_t t = 1; t <= lengths[j]; t++)
                assert_close(schedule->beta[t], (double)formulas[i].truth(t, lengths[j]), 1e-13, 0);
            schedule_release(schedule);
        }
}

/* Algorithm 1 of arXiv:2305.08891 as it is printed. */
static void check_rescaled(const char *plain_spec, const char *rescaled_spec)
{
    struct diffusion_schedule *plain = schedule_of(plain_spec), *rescaled = schedule_of(rescaled_spec);
    const int32_t steps = plain->steps;
    true_chain chain = true_chain_of(plain->beta, steps);
    long double first = sqrtl(chain.alpha_bar[1]), last = sqrtl(chain.alpha_bar[steps]), before = 1.0L;
    for (int32_t t = 1; t <= steps; t++) {
        long double now = (sqrtl(chain.alpha_bar[t]) - last) * first / (first - last);
        assert_close(rescaled->beta[t], (double)(1.0L - now * now / (before * before)), 1e-13, 0);
        before = now;
    }
    assert_true(rescaled->beta[steps] == 1.0);
    true_chain_free(&chain);
    schedule_release(plain);
    schedule_release(rescaled);
}

static void zero_terminal_snr_is_the_printed_algorithm(void **state)
{
    (void)state;
    need_long_double();
    check_rescaled("linear steps=1000", "linear steps=1000 zero_terminal_snr=yes");
    check_rescaled("scaled_linear steps=1000", "scaled_linear steps=1000 zero_terminal_snr=yes");
    check_rescaled("cosine steps=1000", "cosine steps=1000 zero_terminal_snr=yes");
    check_rescaled("linear steps=2", "linear steps=2 zero_terminal_snr=yes");
}

/* The quantities that follow from the betas, to thirteen digits; logarithms near 0 to thirteen decimals. */
enum { ALPHA_BAR, NOISE, LOG_ALPHA_BAR, SNR, LOG_SNR, VARIANCE, LOG_VARIANCE, MEAN_X0, MEAN_XT, QUANTITIES };

static const char *const names[QUANTITIES] = {
    "alpha_bar",        "one_minus_alpha_bar", "log_alpha_bar",          "snr",
    "log_snr",          "posterior_variance",  "posterior_log_variance", "posterior_mean_x0",
    "posterior_mean_xt"};

static void check_quantities(const struct diffusion_schedule *schedule, const true_chain *chain)
{
    static double values[QUANTITIES][100000];
    for (size_t i = 0; i < QUANTITIES; i++)
        assert_ok(quantity_fill(values[i], schedule, "test", names[i]));
    for (int32_t t = 1; t <= schedule->steps; t++) {
        long double alpha_bar = chain->alpha_bar[t], noise = chain->noise[t], snr = alpha_bar / noise;
        long double variance = true_posterior_variance(chain, schedule->beta, t);
        assert_close(values[ALPHA_BAR][t - 1], (double)alpha_bar, 1e-13, 0);
        assert_close(values[NOISE][t - 1], (double)noise, 1e-15, 0);
        assert_close(values[LOG_ALPHA_BAR][t - 1], (double)(noise < 0.5L ? log1pl(-noise) : logl(alpha_bar)), 1e-13, 0);
        assert_close(values[SNR][t - 1], (double)snr, 1e-13, 0);
        assert_close(values[LOG_SNR][t - 1], (double)logl(snr), 1e-13, 1e-13);
        assert_close(values[VARIANCE][t - 1], (double)variance, 1e-13, 0);
        assert_close(values[MEAN_X0][t - 1], (double)true_posterior_mean_x0(chain, schedule->beta, t), 1e-13, 0);
        assert_close(values[MEAN_XT][t - 1], (double)true_posterior_mean_xt(chain, schedule->beta, t), 1e-13, 0);
        if (t > 1)
            assert_close(values[LOG_VARIANCE][t - 1], (double)logl(variance), 1e-13, 1e-13);
    }
}

/* Each level by itself, and each step between two. */
static void check_levels(const struct diffusion_schedule *schedule, const true_chain *chain)
{
    for (int32_t t = 1; t <= schedule->steps; t++) {
        const noise_level *s = &schedule->levels[t - 1], *at = &schedule->levels[t];
        assert_true(at->t == (double)t);
        assert_close(at->signal, (double)sqrtl(chain->alpha_bar[t]), 1e-13, 0);
        assert_close(at->sigma, (double)sqrtl(chain->noise[t]), 1e-15, 0);
        assert_close(level_step_variance(s, at), schedule->beta[t], 1e-13, 0);
        assert_close(level_step_signal(s, at), (double)sqrtl(1.0L - (long double)schedule->beta[t]), 4e-16, 0);
        assert_close(level_lost(s, at), (double)(schedule->beta[t] / chain->noise[t]), 1e-13, 0);
    }
}

static void check_follows(const struct diffusion_schedule *schedule)
{
    true_chain chain = true_chain_of(schedule->beta, schedule->steps);
    check_quantities(schedule, &chain);
    check_levels(schedule, &chain);
    true_chain_free(&chain);
}

static void what_follows_from_the_betas_has_thirteen_digits(void **state)
{
    (void)state;
    need_long_double();
    for (size_t i = 0; i < SPECS; i++) {
        struct diffusion_schedule *schedule = schedule_of(specs[i]);
        check_follows(schedule);
        schedule_release(schedule);
    }
}

/* Betas in geometric steps take alpha_bar from 1 - 1e-7 to below 1e-9. */
static void both_ends_of_alpha_bar_keep_their_digits(void **state)
{
    (void)state;
    need_long_double();
    double betas[400];
    for (int i = 0; i < 400; i++)
        betas[i] = 1e-7 * pow(0.8e7, i / 399.0);
    struct diffusion_schedule *schedule;
    assert_ok(schedule_create_from_betas(&schedule, betas, 400, NULL));
    assert_close(noise_at(schedule, 1), 1e-7, 1e-15, 0);
    assert_true(alpha_bar_at(schedule, 400) < 1e-9);
    check_follows(schedule);
    schedule_release(schedule);
}

static void quantities_are_finite_and_signal_only_falls(void **state)
{
    (void)state;
    static const char *const all[] = {"beta",
                                      "alpha_bar",
                                      "one_minus_alpha_bar",
                                      "snr",
                                      "posterior_variance",
                                      "posterior_log_variance",
                                      "posterior_mean_x0",
                                      "posterior_mean_xt"};
    static const char *const more[] = {"linear steps=100000", "linear steps=100000 beta_end=0.5", "log_snr steps=1000",
                                       "log_snr steps=3 maximum=700 minimum=-700", "log_snr steps=1"};
    static double values[100000];
    for (size_t i = 0; i < SPECS + sizeof more / sizeof more[0]; i++) {
        struct diffusion_schedule *schedule = schedule_of(i < SPECS ? specs[i] : more[i - SPECS]);
        for (size_t j = 0; j < sizeof all / sizeof all[0]; j++) {
            assert_ok(quantity_fill(values, schedule, "test", all[j]));
            for (int32_t t = 1; t <= schedule->steps; t++)
                if (!isfinite(values[t - 1]))
                    fail_msg("%s of '%s' at t=%d is %g", all[j], schedule->spec, t, values[t - 1]);
        }
        assert_ok(quantity_fill(values, schedule, "test", "log_snr"));
        for (int32_t t = 2; t <= schedule->steps; t++)
            if (!(values[t - 1] < values[t - 2]))
                fail_msg("log_snr of '%s' rises at t=%d", schedule->spec, t);
        schedule_release(schedule);
    }
}

/* Where almost nothing of x_0 is left and almost nothing happens any more: beside a log SNR of -70 a difference of
 * 1e-10 has few digits, and beyond -1490 no signal is left that a double could hold. */
static void small_steps_far_down_keep_their_digits(void **state)
{
    (void)state;
    static double betas[2000];
    for (int32_t far = 10; far <= 1000; far += 990) {
        for (int32_t i = 0; i < 2000; i++)
            betas[i] = i < far ? 0.999 : 1e-10 * (1.0 + sin((double)i) / 2);
        struct diffusion_schedule *schedule;
        assert_ok(schedule_create_from_betas(&schedule, betas, 2000, NULL));
        for (int32_t t = far + 1; t <= 2000; t++) {
            const noise_level *s = &schedule->levels[t - 1], *at = &schedule->levels[t];
            const double beta = betas[t - 1], share = beta / noise_at(schedule, t);
            assert_close(level_step_variance(s, at), beta, 1e-15, 0);
            assert_close(level_step_signal(s, at), sqrt(1.0 - beta), 2e-16, 0);
            assert_close(posterior_at(schedule, t).variance, noise_at(schedule, t - 1) * share, 1e-15, 0);
            assert_close(posterior_at(schedule, t).x0, s->signal * share, 1e-15, 0);
            assert_close(posterior_at(schedule, t).xt, sqrt(1.0 - beta), 1e-15, 0);
        }
        schedule_release(schedule);
    }
}

/* A hundred thousand steps near the data: log SNR falls by 1e-5 from one to the next. */
static void small_steps_near_the_data_keep_their_digits(void **state)
{
    (void)state;
    need_long_double();
    static double betas[100000];
    for (int32_t i = 0; i < 100000; i++)
        betas[i] = 1e-12 * (1.0 + sin((double)i) / 2);
    struct diffusion_schedule *schedule;
    assert_ok(schedule_create_from_betas(&schedule, betas, 100000, NULL));
    check_follows(schedule);
    schedule_release(schedule);
}

static void a_last_beta_of_one_leaves_nothing_of_x0(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("linear steps=1000 zero_terminal_snr=yes");
    const noise_level *last = schedule_last(schedule), *before = last - 1;
    level_posterior posterior = posterior_at(schedule, 1000);
    assert_true(alpha_bar_at(schedule, 1000) == 0.0 && noise_at(schedule, 1000) == 1.0);
    assert_true(last->signal == 0.0 && last->sigma == 1.0 && last->log_snr == -INFINITY);
    assert_true(level_log_signal_square(last) == -INFINITY);
    assert_true(level_step_signal(before, last) == 0.0 && level_step_variance(before, last) == 1.0);
    assert_true(posterior.x0 == before->signal && posterior.xt == 0.0);
    assert_close(posterior.variance, noise_at(schedule, 999), 1e-15, 0);
    schedule_release(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(betas_are_the_formulas_to_thirteen_digits),
        cmocka_unit_test(zero_terminal_snr_is_the_printed_algorithm),
        cmocka_unit_test(what_follows_from_the_betas_has_thirteen_digits),
        cmocka_unit_test(both_ends_of_alpha_bar_keep_their_digits),
        cmocka_unit_test(small_steps_far_down_keep_their_digits),
        cmocka_unit_test(small_steps_near_the_data_keep_their_digits),
        cmocka_unit_test(quantities_are_finite_and_signal_only_falls),
        cmocka_unit_test(a_last_beta_of_one_leaves_nothing_of_x0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Long chains and both ends of alpha_bar, beside long double arithmetic. */
#include "schedule.h"

#include "process/gaussian.h"
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
    free(chain.alpha_bar);
    schedule_release(plain);
    schedule_release(rescaled);
}

static void zero_terminal_snr_is_the_printed_algorithm(void **state)
{
    (void)state;
    check_rescaled("linear steps=1000", "linear steps=1000 zero_terminal_snr=yes");
    check_rescaled("scaled_linear steps=1000", "scaled_linear steps=1000 zero_terminal_snr=yes");
    check_rescaled("cosine steps=1000", "cosine steps=1000 zero_terminal_snr=yes");
    check_rescaled("linear steps=2", "linear steps=2 zero_terminal_snr=yes");
}

/* Everything that follows from the betas, to thirteen digits; logarithms near 0 to thirteen decimals. */
static void check_follows(const struct diffusion_schedule *schedule)
{
    static double snr[100000], log_snr[100000];
    true_chain chain = true_chain_of(schedule->beta, schedule->steps);
    assert_ok(quantity_fill(snr, schedule, "test", "snr"));
    assert_ok(quantity_fill(log_snr, schedule, "test", "log_snr"));
    for (int32_t t = 1; t <= schedule->steps; t++) {
        long double true_snr = chain.alpha_bar[t] / (1.0L - chain.alpha_bar[t]);
        gaussian_posterior posterior = gaussian_posterior_at(schedule, t);
        long double variance = true_posterior_variance(&chain, schedule->beta, t);
        assert_close(schedule->alpha_bar[t], (double)chain.alpha_bar[t], 1e-13, 0);
        assert_close(schedule->noise[t], (double)(1.0L - chain.alpha_bar[t]), 1e-13, 0);
        assert_close(schedule->log_alpha_bar[t], (double)logl(chain.alpha_bar[t]), 1e-13, 0);
        assert_close(snr[t - 1], (double)true_snr, 1e-13, 0);
        assert_close(log_snr[t - 1], (double)logl(true_snr), 1e-13, 1e-13);
        assert_close(posterior.variance, (double)variance, 1e-13, 0);
        assert_close(posterior.x0, (double)true_posterior_mean_x0(&chain, schedule->beta, t), 1e-13, 0);
        assert_close(posterior.xt, (double)true_posterior_mean_xt(&chain, schedule->beta, t), 1e-13, 0);
        if (t > 1)
            assert_close(gaussian_posterior_log_variance(schedule, t), (double)logl(variance), 1e-13, 1e-13);
    }
    free(chain.alpha_bar);
}

static void what_follows_from_the_betas_has_thirteen_digits(void **state)
{
    (void)state;
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
    double betas[400];
    for (int i = 0; i < 400; i++)
        betas[i] = 1e-7 * pow(0.8e7, i / 399.0);
    struct diffusion_schedule *schedule;
    assert_ok(schedule_create_from_betas(&schedule, betas, 400, NULL));
    assert_close(schedule->noise[1], 1e-7, 1e-15, 0);
    assert_true(schedule->alpha_bar[400] < 1e-9);
    check_follows(schedule);
    schedule_release(schedule);
}

static void quantities_are_finite_and_signal_only_falls(void **state)
{
    (void)state;
    static const char *const names[] = {"beta",
                                        "alpha_bar",
                                        "one_minus_alpha_bar",
                                        "snr",
                                        "posterior_variance",
                                        "posterior_log_variance",
                                        "posterior_mean_x0",
                                        "posterior_mean_xt"};
    static double values[100000];
    for (size_t i = 0; i <= SPECS; i++) {
        struct diffusion_schedule *schedule = schedule_of(i < SPECS ? specs[i] : "linear steps=100000");
        for (size_t j = 0; j < sizeof names / sizeof names[0]; j++) {
            assert_ok(quantity_fill(values, schedule, "test", names[j]));
            for (int32_t t = 1; t <= schedule->steps; t++)
                if (!isfinite(values[t - 1]))
                    fail_msg("%s of '%s' at t=%d is %g", names[j], schedule->spec, t, values[t - 1]);
        }
        assert_ok(quantity_fill(values, schedule, "test", "log_snr"));
        for (int32_t t = 2; t <= schedule->steps; t++)
            if (!(values[t - 1] < values[t - 2]))
                fail_msg("log_snr of '%s' rises at t=%d", schedule->spec, t);
        schedule_release(schedule);
    }
}

static void a_last_beta_of_one_leaves_nothing_of_x0(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("linear steps=1000 zero_terminal_snr=yes");
    gaussian_posterior posterior = gaussian_posterior_at(schedule, 1000);
    assert_true(schedule->alpha_bar[1000] == 0.0 && schedule->noise[1000] == 1.0);
    assert_true(isinf(schedule->log_alpha_bar[1000]) && schedule->log_alpha_bar[1000] < 0);
    assert_close(posterior.x0, sqrt(schedule->alpha_bar[999]), 1e-15, 0);
    assert_close(posterior.xt, 0.0, 0, 0);
    assert_close(posterior.variance, schedule->noise[999], 1e-15, 0);
    schedule_release(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(betas_are_the_formulas_to_thirteen_digits),
        cmocka_unit_test(zero_terminal_snr_is_the_printed_algorithm),
        cmocka_unit_test(what_follows_from_the_betas_has_thirteen_digits),
        cmocka_unit_test(both_ends_of_alpha_bar_keep_their_digits),
        cmocka_unit_test(quantities_are_finite_and_signal_only_falls),
        cmocka_unit_test(a_last_beta_of_one_leaves_nothing_of_x0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

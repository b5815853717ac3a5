/* The binomial closed forms beside exhaustive enumeration: all strings of 3 bits, all chains of T = 1..4 steps. The
 * enumeration knows one thing only, q(x_t | x_{t-1}) of one bit as Table App.1 has it. */
#include "schedule.h"

#include "process/forward.h"

enum { BITS = 3, STRINGS = 8 };

static const double rates[BITS] = {0.2, 0.5, 0.9};

static int bit(int string, int i)
{
    return string >> i & 1;
}

static double chance(int value, double rate)
{
    return value ? rate : 1 - rate;
}

static double transition(int from, int to, double beta)
{
    double product = 1;
    for (int i = 0; i < BITS; i++)
        product *= chance(bit(to, i), bit(from, i) * (1 - beta) + rates[i] * beta);
    return product;
}

static double prior(int string)
{
    double product = 1;
    for (int i = 0; i < BITS; i++)
        product *= chance(bit(string, i), rates[i]);
    return product;
}

/* The joint of (x_0, x_{t-1}, x_t): p(x_0) p(x_1 | x_0) ... p(x_T | x_{T-1}) summed over every path x_0..x_T. A path is
 * a number with one octal digit for each state. */
typedef double joint[STRINGS][STRINGS][STRINGS];

static void enumerate(joint sum, const struct diffusion_schedule *schedule, int32_t t)
{
    memset(sum, 0, sizeof(joint));
    for (int path = 0; path >> BITS * (schedule->steps + 1) == 0; path++) {
        double probability = prior(path % STRINGS);
        for (int32_t step = 1; step <= schedule->steps; step++)
            probability *= transition((path >> BITS * (step - 1)) % STRINGS, (path >> BITS * step) % STRINGS,
                                      schedule->beta[step]);
        sum[path % STRINGS][(path >> BITS * (t - 1)) % STRINGS][(path >> BITS * t) % STRINGS] += probability;
    }
}

/* The chain's lengths, with a beta of 1 at the end, too. */
static const char *const specs[] = {
    "betas values=0.3 kernel=binomial rate=0.2,0.5,0.9",
    "betas values=0.3,1 kernel=binomial rate=0.2,0.5,0.9",
    "betas values=0.01,0.6,0.3 kernel=binomial rate=0.2,0.5,0.9",
    "constant_rate steps=4 kernel=binomial rate=0.2,0.5,0.9",
    "betas values=0.2,0.9999,0.5,0.1 kernel=binomial rate=0.2,0.5,0.9",
    "log_snr steps=3 maximum=2 minimum=-4 kernel=binomial rate=0.2,0.5,0.9",
};

/* The kernel's answers for one bit with this rate of the prior. */
static double marginal_rate(const struct diffusion_schedule *schedule, int32_t t, double x0, double prior_rate)
{
    const kernel of = {&binomial_kernel, &prior_rate, 1, 1};
    double rate, variance;
    kernel_marginal(&of, (law){&rate, &variance}, &schedule->levels[t], &x0, 1);
    assert_close(variance, rate * (1 - rate), 1e-15, 0);
    return rate;
}

static double posterior_rate(const struct diffusion_schedule *schedule, int32_t t, double x0, double xt,
                             double prior_rate)
{
    const kernel of = {&binomial_kernel, &prior_rate, 1, 1};
    double rate, variance;
    of.methods->posterior(&of, (law){&rate, &variance}, &schedule->levels[t - 1], &schedule->levels[t], &x0, &xt, 1);
    assert_close(variance, rate * (1 - rate), 1e-15, 0);
    return rate;
}

static void bounds_at(const struct diffusion_schedule *schedule, int32_t t, double *lower, double *upper)
{
    binomial_kernel.entropy_bounds(&schedule->kernel, &schedule->levels[t - 1], &schedule->levels[t], lower, upper);
}

typedef void check_fn(const struct diffusion_schedule *schedule, int32_t t, joint q);

static void for_every_step(check_fn *check)
{
    static joint q;
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        struct diffusion_schedule *schedule = schedule_of(specs[i]);
        for (int32_t t = 1; t <= schedule->steps; t++) {
            enumerate(q, schedule, t);
            check(schedule, t, q);
        }
        schedule_release(schedule);
    }
}

static void check_marginals(const struct diffusion_schedule *schedule, int32_t t, joint q)
{
    for (int x0 = 0; x0 < STRINGS; x0++)
        for (int i = 0; i < BITS; i++) {
            double all = 0, one = 0;
            for (int before = 0; before < STRINGS; before++)
                for (int now = 0; now < STRINGS; now++) {
                    all += q[x0][before][now];
                    one += bit(now, i) * q[x0][before][now];
                }
            assert_close(marginal_rate(schedule, t, bit(x0, i), rates[i]), one / all, 1e-12, 0);
        }
}

static void check_posteriors(const struct diffusion_schedule *schedule, int32_t t, joint q)
{
    for (int x0 = 0; x0 < STRINGS; x0++)
        for (int now = 0; now < STRINGS; now++)
            for (int before = 0; before < STRINGS; before++) {
                double all = 0, product = 1;
                for (int other = 0; other < STRINGS; other++)
                    all += q[x0][other][now];
                for (int i = 0; i < BITS; i++)
                    product *= chance(bit(before, i), posterior_rate(schedule, t, bit(x0, i), bit(now, i), rates[i]));
                assert_close(product, q[x0][before][now] / all, 1e-12, 1e-16);
            }
}

static double minus_p_log(double p, double given)
{
    return p > 0 ? -p * log(p / given) : 0;
}

/* H(X_t | X_{t-1}), H(X_{t-1} | X_t) and H(X_{t-1} | X_t, X_0) of the strings, nats. */
static void true_entropies(joint q, double *step, double *reverse, double *posterior)
{
    double pair[STRINGS][STRINGS] = {{0}}, ends[STRINGS][STRINGS] = {{0}}, before_sum[STRINGS] = {0},
           sum[STRINGS] = {0};
    *step = *reverse = *posterior = 0;
    for (int x0 = 0; x0 < STRINGS; x0++)
        for (int before = 0; before < STRINGS; before++)
            for (int now = 0; now < STRINGS; now++) {
                double p = q[x0][before][now];
                pair[before][now] += p;
                ends[x0][now] += p;
                before_sum[before] += p;
                sum[now] += p;
            }
    for (int before = 0; before < STRINGS; before++)
        for (int now = 0; now < STRINGS; now++) {
            *step += minus_p_log(pair[before][now], before_sum[before]);
            *reverse += minus_p_log(pair[before][now], sum[now]);
            for (int x0 = 0; x0 < STRINGS; x0++)
                *posterior += minus_p_log(q[x0][before][now], ends[x0][now]);
        }
}

static void check_entropies(const struct diffusion_schedule *schedule, int32_t t, joint q)
{
    double step, reverse, posterior, lower, upper;
    true_entropies(q, &step, &reverse, &posterior);
    bounds_at(schedule, t, &lower, &upper);
    assert_close(upper * BITS, step, 1e-12, 1e-12);
    assert_close(lower * BITS, posterior, 1e-12, 1e-12);
    if (!(lower * BITS <= reverse + 1e-12 && reverse <= upper * BITS + 1e-12))
        fail_msg("t=%d: %.17g <= %.17g <= %.17g does not hold", t, lower * BITS, reverse, upper * BITS);
}

/* The lower bound as equation 36 writes it: H(X_t | X_{t-1}) + H(X_{t-1} | X_0) - H(X_t | X_0). */
static void check_conditionals(const struct diffusion_schedule *schedule, int32_t t, joint q)
{
    double step = 0, before_given_x0 = 0, now_given_x0 = 0, lower, upper;
    for (int x0 = 0; x0 < STRINGS; x0++)
        for (int before = 0; before < STRINGS; before++)
            for (int now = 0; now < STRINGS; now++) {
                double data[BITS], previous[BITS];
                for (int i = 0; i < BITS; i++) {
                    data[i] = bit(x0, i);
                    previous[i] = bit(before, i);
                }
                double p = q[x0][before][now];
                step += p * forward_entropy(schedule, FORWARD_STEP, t, previous, NULL, BITS);
                now_given_x0 += p * forward_entropy(schedule, FORWARD_MARGINAL, t, data, NULL, BITS);
                if (t > 1)
                    before_given_x0 += p * forward_entropy(schedule, FORWARD_MARGINAL, t - 1, data, NULL, BITS);
            }
    bounds_at(schedule, t, &lower, &upper);
    assert_close(lower * BITS, step + before_given_x0 - now_given_x0, 1e-12, 1e-12);
    assert_close(upper * BITS, step, 1e-12, 0);
}

static void marginals_are_the_enumerated_ones(void **state)
{
    (void)state;
    for_every_step(check_marginals);
}

static void posteriors_are_the_enumerated_ones(void **state)
{
    (void)state;
    for_every_step(check_posteriors);
}

static void entropy_bounds_are_enumerated_entropies_and_hold(void **state)
{
    (void)state;
    for_every_step(check_entropies);
}

static void conditional_entropies_make_up_the_bounds(void **state)
{
    (void)state;
    for_every_step(check_conditionals);
}

static void a_probability_for_x0_mixes_the_two_posteriors(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("constant_rate steps=5 kernel=binomial rate=0.3");
    for (int32_t t = 1; t <= 5; t++)
        for (int xt = 0; xt <= 1; xt++) {
            double one = posterior_rate(schedule, t, 1, xt, 0.3);
            double zero = posterior_rate(schedule, t, 0, xt, 0.3);
            assert_close(posterior_rate(schedule, t, 0.25, xt, 0.3), 0.25 * one + 0.75 * zero, 1e-15, 0);
        }
    assert_true(posterior_rate(schedule, 1, 0.25, 1, 0.3) == 0.25);
    schedule_release(schedule);
}

/* With a prior that never sets a bit, x_t = 1 cannot come of x_0 = 0; the answer is then q(x_{t-1} | x_0). */
static void impossible_evidence_is_ignored(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("betas values=0.1,0.2,1 kernel=binomial rate=0");
    assert_true(posterior_rate(schedule, 2, 0, 1, 0) == 0.0);
    assert_true(posterior_rate(schedule, 2, 1, 1, 0) == 1.0);
    assert_close(posterior_rate(schedule, 3, 1, 1, 0), 0.9 * 0.8, 1e-15, 0);
    schedule_release(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marginals_are_the_enumerated_ones),
        cmocka_unit_test(posteriors_are_the_enumerated_ones),
        cmocka_unit_test(entropy_bounds_are_enumerated_entropies_and_hold),
        cmocka_unit_test(conditional_entropies_make_up_the_bounds),
        cmocka_unit_test(a_probability_for_x0_mixes_the_two_posteriors),
        cmocka_unit_test(impossible_evidence_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

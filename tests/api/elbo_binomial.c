/* The binomial bound against exhaustive enumeration: with 3 bits and T steps, every trajectory x_1..x_T can be listed,
 * and K is by definition (equation 10 of the paper) the mean of log2 p(x_0..x_T) / q(x_1..x_T | x_0) over them. */
#include "make.h"

enum { BITS = 3, STATES = 8, STEPS_MOST = 4 };

static const double rates[BITS] = {0.3, 0.5, 0.85};

static int bit(int state, size_t j)
{
    return state >> j & 1;
}

/* Some reverse process, different at every state and step. */
static double reverse_rate(int state, int32_t t, size_t j)
{
    return 0.5 + 0.4 * sin(1.0 + state * 1.7 + t * 0.9 + (double)j * 2.3);
}

static int32_t reverse(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition;
    (void)user;
    for (size_t i = 0; i < n; i++) {
        int state = 0;
        for (size_t j = 0; j < BITS; j++)
            state |= (x[i * BITS + j] > 0.5) << j;
        for (size_t j = 0; j < BITS; j++)
            out[i * BITS + j] = reverse_rate(state, (int32_t)time[i], j);
    }
    return 0;
}

static double chance(int value, double rate)
{
    return value ? rate : 1.0 - rate;
}

/* q(to | from) of step t, and the same kernel as the edge rule's p(x_0 | x_1). */
static double forward_chance(const double *beta, int32_t t, int from, int to)
{
    double product = 1.0;
    for (size_t j = 0; j < BITS; j++)
        product *= chance(bit(to, j), bit(from, j) * (1.0 - beta[t - 1]) + rates[j] * beta[t - 1]);
    return product;
}

static double reverse_chance(const double *beta, int32_t t, int from, int to)
{
    double product = 1.0;
    if (t == 1)
        return forward_chance(beta, 1, from, to);
    for (size_t j = 0; j < BITS; j++)
        product *= chance(bit(to, j), reverse_rate(from, t, j));
    return product;
}

/* The sum over all continuations of a trajectory that stands at x_{t-1}; weight and ratio so far. */
static double enumerate(const double *beta, int32_t steps, int32_t t, int at, double weight, double log_ratio)
{
    double sum = 0.0;
    if (t > steps) {
        for (size_t j = 0; j < BITS; j++)
            log_ratio += log2(chance(bit(at, j), rates[j]));
        return weight * log_ratio;
    }
    for (int to = 0; to < STATES; to++) {
        double q = forward_chance(beta, t, at, to);
        if (q > 0.0)
            sum += enumerate(beta, steps, t + 1, to, weight * q,
                             log_ratio + log2(reverse_chance(beta, t, to, at)) - log2(q));
    }
    return sum;
}

/* Puts x_t at a given state, whatever the step: 0 is below any rate, the number next to 1 below none. */
static int32_t force(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)sample;
    (void)step;
    for (size_t j = 0; j < count; j++)
        values[j] = bit(*(const int *)user, j) ? 0.0 : nextafter(1.0, 0.0);
    return 0;
}

/* q(x_t | x_0) by multiplying the kernels out. */
static void marginals(const double *beta, int32_t steps, int start, double q[STEPS_MOST + 1][STATES])
{
    for (int state = 0; state < STATES; state++)
        q[0][state] = state == start;
    for (int32_t t = 1; t <= steps; t++)
        for (int to = 0; to < STATES; to++) {
            q[t][to] = 0.0;
            for (int from = 0; from < STATES; from++)
                q[t][to] += q[t - 1][from] * forward_chance(beta, t, from, to);
        }
}

static double library_bound(const diffusion_model *model, const diffusion_schedule *schedule, const double *beta,
                            int start)
{
    int32_t steps = diffusion_schedule_steps(schedule);
    double q[STEPS_MOST + 1][STATES], k = 0.0, prior = 0.0;
    float x0[BITS];
    for (size_t j = 0; j < BITS; j++)
        x0[j] = (float)bit(start, j);
    marginals(beta, steps, start, q);
    diffusion_evaluator *elbo = make_evaluator(model, schedule, "elbo");
    for (int state = 0; state < STATES; state++) {
        double terms[STEPS_MOST];
        assert_ok(diffusion_evaluator_set_noise(elbo, force, &state));
        assert_ok(diffusion_evaluator_run(elbo, x0, NULL, 1));
        assert_ok(diffusion_evaluator_terms(elbo, terms, NULL));
        prior = figure(elbo, "prior_bits");
        for (int32_t t = 1; t <= steps; t++)
            k -= q[t][state] * terms[t - 1];
    }
    diffusion_evaluator_free(elbo);
    return k - prior;
}

static void check(const char *spec)
{
    diffusion_schedule *schedule = make_schedule(spec);
    diffusion_model *model = make_callback_double("shape=3 predict=mean", reverse, NULL);
    double beta[STEPS_MOST];
    assert_ok(diffusion_schedule_values(schedule, "beta", beta));
    for (int start = 0; start < STATES; start++)
        assert_close(library_bound(model, schedule, beta, start),
                     enumerate(beta, diffusion_schedule_steps(schedule), 1, start, 1.0, 0.0), 1e-12, 1e-12);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void k_is_the_sum_over_all_trajectories(void **state)
{
    (void)state;
    check("betas values=0.1,0.3 kernel=binomial rate=0.3,0.5,0.85");
    check("betas values=0.05,0.2,0.6 kernel=binomial rate=0.3,0.5,0.85");
    check("betas values=0.01,0.5,0.25,0.9 kernel=binomial rate=0.3,0.5,0.85");
    check("constant_rate steps=4 kernel=binomial rate=0.3,0.5,0.85");
}

static void l_null_is_the_priors_probability(void **state)
{
    (void)state;
    const float x0[BITS] = {1, 0, 1};
    diffusion_schedule *schedule = make_schedule("constant_rate steps=4 kernel=binomial rate=0.3,0.5,0.85");
    diffusion_model *model = make_callback_double("shape=3 predict=mean", reverse, NULL);
    diffusion_evaluator *elbo = make_evaluator(model, schedule, "elbo");
    assert_ok(diffusion_evaluator_run(elbo, x0, NULL, 1));
    assert_close(figure(elbo, "null_bits"), log2(0.3 * 0.5 * 0.85), 1e-14, 0);
    diffusion_evaluator_free(elbo);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(k_is_the_sum_over_all_trajectories),
        cmocka_unit_test(l_null_is_the_priors_probability),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Draws from the forward process: exact agreement with the formula, and statistics over many draws. */
#include "schedule.h"

#include "base/rng.h"
#include "process/binomial.h"
#include "process/forward.h"

enum { DRAWS = 200000 };

static float noise[DRAWS], data[DRAWS], drawn[DRAWS];

static void fill_normal(float *out, uint64_t step)
{
    rng_normal_float(out, DRAWS, (rng_stream){.seed = 7, .purpose = RNG_NOISE, .step = step, .sample = 0});
}

static void fill_uniform(float *out, uint64_t step)
{
    static double uniform[DRAWS];
    rng_uniform(uniform, DRAWS, (rng_stream){.seed = 7, .purpose = RNG_NOISE, .step = step, .sample = 1});
    for (size_t i = 0; i < DRAWS; i++)
        out[i] = (float)uniform[i];
}

static void fill_data(float value)
{
    for (size_t i = 0; i < DRAWS; i++)
        data[i] = value;
}

/* Five standard errors of a mean and of a Gaussian's variance (that of the sample variance is 2 v^2 / n). */
static void check_gaussian(double mean, double variance)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < DRAWS; i++)
        sum += drawn[i];
    for (size_t i = 0; i < DRAWS; i++)
        squares += (drawn[i] - sum / DRAWS) * (drawn[i] - sum / DRAWS);
    assert_close(sum / DRAWS, mean, 0, 5 * sqrt(variance / DRAWS));
    assert_close(squares / DRAWS, variance, 0, 5 * variance * sqrt(2.0 / DRAWS));
}

static void check_bits(double rate)
{
    double sum = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        assert_true(drawn[i] == 0.0F || drawn[i] == 1.0F);
        sum += drawn[i];
    }
    assert_close(sum / DRAWS, rate, 0, 5 * sqrt(rate * (1 - rate) / DRAWS));
}

static void gaussian_draws_are_the_formula_rounded_once(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("cosine steps=50");
    fill_normal(noise, 1);
    fill_normal(data, 2);
    for (int32_t t = 1; t <= 50; t += 7) {
        forward_marginal(drawn, schedule, t, data, noise, 1000);
        for (size_t i = 0; i < 1000; i++)
            assert_true(drawn[i] == (float)(sqrt(schedule->alpha_bar[t]) * (double)data[i] +
                                            sqrt(schedule->noise[t]) * (double)noise[i]));
        forward_step(drawn, schedule, t, data, noise, 1000);
        for (size_t i = 0; i < 1000; i++)
            assert_true(drawn[i] == (float)(sqrt(1 - schedule->beta[t]) * (double)data[i] +
                                            sqrt(schedule->beta[t]) * (double)noise[i]));
    }
    schedule_release(schedule);
}

static void gaussian_marginals_have_their_mean_and_variance(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("linear steps=10 beta_start=0.05 beta_end=0.4");
    fill_data(1.5F);
    for (int32_t t = 1; t <= 10; t += 3) {
        fill_normal(noise, (uint64_t)t);
        forward_marginal(drawn, schedule, t, data, noise, DRAWS);
        check_gaussian(1.5 * sqrt(schedule->alpha_bar[t]), schedule->noise[t]);
    }
    schedule_release(schedule);
}

/* Step by step the chain reaches the marginal that the closed form gives in one. */
static void gaussian_steps_add_up_to_the_marginal(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("linear steps=6 beta_start=0.05 beta_end=0.4");
    fill_data(1.5F);
    memcpy(drawn, data, sizeof drawn);
    for (int32_t t = 1; t <= 6; t++) {
        fill_normal(noise, 100 + (uint64_t)t);
        forward_step(drawn, schedule, t, drawn, noise, DRAWS);
        check_gaussian(1.5 * sqrt(schedule->alpha_bar[t]), schedule->noise[t]);
    }
    schedule_release(schedule);
}

static void binomial_draws_have_their_rates(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("constant_rate steps=6 kernel=binomial rate=0.3");
    for (int x0 = 0; x0 <= 1; x0++) {
        fill_data((float)x0);
        for (int32_t t = 1; t <= 6; t++) {
            fill_uniform(noise, (uint64_t)t);
            forward_marginal(drawn, schedule, t, data, noise, DRAWS);
            check_bits(binomial_marginal_rate(schedule, t, x0, 0.3));
        }
        memcpy(drawn, data, sizeof drawn);
        for (int32_t t = 1; t <= 6; t++) {
            fill_uniform(noise, 50 + (uint64_t)t);
            forward_step(drawn, schedule, t, drawn, noise, DRAWS);
            check_bits(binomial_marginal_rate(schedule, t, x0, 0.3));
        }
    }
    schedule_release(schedule);
}

static void each_bit_has_its_own_rate(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("betas values=1 kernel=binomial rate=0,0.5,1");
    const float x0[3] = {1, 1, 0}, low[3] = {0, 0.49F, 0.99F}, high[3] = {0.5F, 0.5F, 0.5F};
    float xt[3];
    forward_marginal(xt, schedule, 1, x0, low, 3);
    assert_true(xt[0] == 0 && xt[1] == 1 && xt[2] == 1);
    forward_step(xt, schedule, 1, x0, high, 3);
    assert_true(xt[0] == 0 && xt[1] == 0 && xt[2] == 1);
    schedule_release(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaussian_draws_are_the_formula_rounded_once),
        cmocka_unit_test(gaussian_marginals_have_their_mean_and_variance),
        cmocka_unit_test(gaussian_steps_add_up_to_the_marginal),
        cmocka_unit_test(binomial_draws_have_their_rates),
        cmocka_unit_test(each_bit_has_its_own_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

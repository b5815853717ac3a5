/* Draws from the forward process: exact agreement with the formula, and statistics over many draws. */
#include "schedule.h"

#include "base/rng.h"
#include "process/forward.h"

enum { DRAWS = 200000 };

/* From x_0, and from the step before. */
static void draw_marginal(float *xt, const struct diffusion_schedule *schedule, int32_t t, const float *x0,
                          const float *noise, size_t count)
{
    forward_draw(xt, schedule, &schedule->levels[0], &schedule->levels[t], x0, noise, count);
}

static void draw_step(float *xt, const struct diffusion_schedule *schedule, int32_t t, const float *before,
                      const float *noise, size_t count)
{
    forward_draw(xt, schedule, &schedule->levels[t - 1], &schedule->levels[t], before, noise, count);
}

static double marginal_rate(const struct diffusion_schedule *schedule, int32_t t, double x0)
{
    double rate, variance;
    forward_law((law){&rate, &variance}, schedule, FORWARD_MARGINAL, t, &x0, NULL, 1);
    return rate;
}

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
        draw_marginal(drawn, schedule, t, data, noise, 1000);
        for (size_t i = 0; i < 1000; i++)
            assert_true(drawn[i] == (float)(schedule->levels[t].signal * (double)data[i] +
                                            schedule->levels[t].sigma * (double)noise[i]));
        draw_step(drawn, schedule, t, data, noise, 1000);
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
        draw_marginal(drawn, schedule, t, data, noise, DRAWS);
        check_gaussian(1.5 * sqrt(alpha_bar_at(schedule, t)), noise_at(schedule, t));
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
        draw_step(drawn, schedule, t, drawn, noise, DRAWS);
        check_gaussian(1.5 * sqrt(alpha_bar_at(schedule, t)), noise_at(schedule, t));
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
            draw_marginal(drawn, schedule, t, data, noise, DRAWS);
            check_bits(marginal_rate(schedule, t, x0));
        }
        memcpy(drawn, data, sizeof drawn);
        for (int32_t t = 1; t <= 6; t++) {
            fill_uniform(noise, 50 + (uint64_t)t);
            draw_step(drawn, schedule, t, drawn, noise, DRAWS);
            check_bits(marginal_rate(schedule, t, x0));
        }
    }
    schedule_release(schedule);
}

/* Any two levels, those between two steps too: from 0 to 2.5 to 5.75 is from 0 to 5.75. */
static void draws_between_real_times_add_up(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("linear steps=6 beta_start=0.05 beta_end=0.4");
    const noise_level s = schedule_level(schedule, 2.5), t = schedule_level(schedule, 5.75);
    fill_data(1.5F);
    fill_normal(noise, 200);
    forward_draw(drawn, schedule, &schedule->levels[0], &s, data, noise, DRAWS);
    check_gaussian(1.5 * s.signal, s.sigma * s.sigma);
    fill_normal(noise, 201);
    forward_draw(drawn, schedule, &s, &t, drawn, noise, DRAWS);
    check_gaussian(1.5 * t.signal, t.sigma * t.sigma);
    schedule_release(schedule);
}

static void each_bit_has_its_own_rate(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("betas values=1 kernel=binomial rate=0,0.5,1");
    const float x0[3] = {1, 1, 0}, low[3] = {0, 0.49F, 0.99F}, high[3] = {0.5F, 0.5F, 0.5F};
    float xt[3];
    draw_marginal(xt, schedule, 1, x0, low, 3);
    assert_true(xt[0] == 0 && xt[1] == 1 && xt[2] == 1);
    draw_step(xt, schedule, 1, x0, high, 3);
    assert_true(xt[0] == 0 && xt[1] == 0 && xt[2] == 1);
    schedule_release(schedule);
}

/* Rows are drawn and measured in blocks: each bit of a long one still has its own rate. */
static void long_rows_keep_their_rates(void **state)
{
    (void)state;
    enum { LONG = 300 };
    double rates[LONG], ones[LONG], one, variance, sum = 0;
    char spec[4096] = "betas values=1 kernel=binomial rate=";
    float x0[LONG], low[LONG], xt[LONG];
    for (size_t i = 0; i < LONG; i++) {
        rates[i] = (double)(1 + i % 99) / 128;
        ones[i] = x0[i] = 1;
        low[i] = (float)(rates[i] + (i % 2 == 0 ? -0x1p-20 : 0x1p-20));
        snprintf(spec + strlen(spec), sizeof spec - strlen(spec), "%s%.10g", i > 0 ? "," : "", rates[i]);
    }
    struct diffusion_schedule *schedule = schedule_of(spec);
    draw_marginal(xt, schedule, 1, x0, low, LONG);
    for (size_t i = 0; i < LONG; i++) {
        const kernel bit = kernel_from(&schedule->kernel, i);
        assert_true(xt[i] == (i % 2 == 0 ? 1.0F : 0.0F));
        bit.methods->prior(&bit, (law){&one, &variance}, schedule_last(schedule), 1);
        assert_true(one == rates[i]);
        sum -= rates[i] * log(rates[i]) + (1 - rates[i]) * log1p(-rates[i]);
    }
    assert_close(forward_entropy(schedule, FORWARD_MARGINAL, 1, ones, NULL, LONG), sum, 1e-13, 0);
    schedule_release(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaussian_draws_are_the_formula_rounded_once),
        cmocka_unit_test(gaussian_marginals_have_their_mean_and_variance),
        cmocka_unit_test(gaussian_steps_add_up_to_the_marginal),
        cmocka_unit_test(binomial_draws_have_their_rates),
        cmocka_unit_test(draws_between_real_times_add_up),
        cmocka_unit_test(each_bit_has_its_own_rate),
        cmocka_unit_test(long_rows_keep_their_rates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The ancestral chain, draw by draw: with recorded noise it is what a few lines of double make of the formulas. */
#include "make.h"

enum { STEPS = 6, N = 3, DIM = 2, MOST = N * (STEPS + 2) };

/* Every draw that was asked for. */
typedef struct recorder {
    size_t calls;
    int64_t sample[MOST];
    int32_t step[MOST];
    double values[MOST][DIM];
    int32_t stop_at, value; /* number of the call that stops the run */
    int uniform;
} recorder;

static int32_t record(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    recorder *self = user;
    uint32_t seed = (uint32_t)(step * 100 + sample + 1);
    assert_int_equal(count, DIM);
    assert_true(self->calls < MOST);
    for (size_t j = 0; j < count; j++) {
        values[j] = (double)make_number(&seed);
        values[j] = self->uniform ? 0.5 + 0.5 * values[j] : 2.0 * values[j];
        self->values[self->calls][j] = values[j];
    }
    self->sample[self->calls] = sample;
    self->step[self->calls++] = step;
    return (int32_t)self->calls == self->stop_at ? self->value : 0;
}

/* The analytic reverse model of coordinates that are +1 or -1: E[x_0 | x_t] = tanh(sqrt(alpha_bar) x / (1 -
 * alpha_bar)). Also notes the steps that it was asked for. */
typedef struct truth {
    diffusion_schedule *schedule;
    double beta[STEPS + 1], alpha_bar[STEPS + 1];
    int32_t asked[2 * STEPS];
    size_t calls;
} truth;

static double expected_x0(const truth *q, int32_t t, double x)
{
    return 1.5 * tanh(sqrt(q->alpha_bar[t]) * x / (1.0 - q->alpha_bar[t])); /* 1.5: beyond clip=1 */
}

static int32_t predict(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    truth *q = user;
    (void)condition;
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = expected_x0(q, (int32_t)time[i / DIM], x[i]);
    q->asked[q->calls++] = (int32_t)time[0];
    return 0;
}

static void set_up(truth *q, const char *spec)
{
    *q = (truth){.schedule = make_schedule(spec)};
    assert_ok(diffusion_schedule_values(q->schedule, "beta", q->beta + 1));
    q->alpha_bar[0] = 1.0;
    for (int t = 1; t <= STEPS; t++)
        q->alpha_bar[t] = q->alpha_bar[t - 1] * (1.0 - q->beta[t]);
}

/* The posterior's mean and, as variance=fixed_large, beta (at t = 1 the posterior's variance of t = 2). */
static double descend(const truth *q, int32_t t, double x, double noise, double clip, const char *last)
{
    if (t == 1 && strcmp(last, "forward") == 0)
        return sqrt(1.0 - q->beta[1]) * x + sqrt(q->beta[1]) * noise;
    double x0 = expected_x0(q, t, x), rest = 1.0 - q->alpha_bar[t];
    if (clip > 0.0)
        x0 = fmax(-clip, fmin(clip, x0));
    double mean = sqrt(q->alpha_bar[t - 1]) * q->beta[t] / rest * x0 +
                  sqrt(1.0 - q->beta[t]) * (1.0 - q->alpha_bar[t - 1]) / rest * x;
    double variance = t > 1 ? q->beta[t] : q->beta[2] * (1.0 - q->alpha_bar[1]) / (1.0 - q->alpha_bar[2]);
    return t == 1 && strcmp(last, "mean") == 0 ? mean : mean + sqrt(variance) * noise;
}

static void assert_order(const recorder *noise, int32_t last_step)
{
    size_t call = 0;
    for (int32_t step = STEPS + 1; step >= last_step; step--)
        for (int64_t i = 0; i < N; i++, call++) {
            assert_int_equal(noise->step[call], step);
            assert_int_equal(noise->sample[call], i);
        }
    assert_int_equal(noise->calls, call);
}

static void check_chain(const char *last, double clip)
{
    truth q;
    recorder noise = {0};
    char spec[64];
    float x0[N * DIM];
    set_up(&q, "linear steps=6 beta_start=0.1 beta_end=0.5");
    diffusion_model *model = make_callback_double("shape=2 predict=x0", predict, &q);
    snprintf(spec, sizeof spec, "ancestral last=%s clip=%g", last, clip);
    diffusion_sampler *sampler = make_sampler(model, q.schedule, spec);
    assert_ok(diffusion_sampler_set_noise(sampler, record, &noise));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    int draws_last = strcmp(last, "mean") != 0, network_last = strcmp(last, "forward") != 0;
    assert_order(&noise, draws_last ? 1 : 2);
    assert_int_equal(q.calls, network_last ? STEPS : STEPS - 1);
    for (size_t i = 0; i < q.calls; i++)
        assert_int_equal(q.asked[i], STEPS - (int32_t)i);
    for (size_t i = 0; i < N * DIM; i++) {
        double x = noise.values[i / DIM][i % DIM];
        for (int32_t t = STEPS; t >= 1; t--) {
            size_t call = (size_t)(STEPS - t + 1) * N + i / DIM;
            x = descend(&q, t, x, t > 1 || draws_last ? noise.values[call][i % DIM] : 0.0, clip, last);
        }
        assert_close((double)x0[i], x, 1e-7, 1e-12);
    }
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(q.schedule);
}

static void a_chain_with_recorded_noise_is_the_formulas(void **state)
{
    (void)state;
    static const char *const lasts[] = {"mean", "model", "forward"};
    for (size_t i = 0; i < 3; i++) {
        check_chain(lasts[i], 0.0);
        check_chain(lasts[i], 1.0);
    }
}

/* x = 1 where the uniform draw is below the rate; the rate is the network's own. */
static int32_t rates(const float *x, const double *time, const diffusion_condition *condition, size_t n, float *out,
                     void *user)
{
    (void)condition, (void)user;
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = 0.25f + 0.5f * x[i] + 0.02f * (float)time[i / DIM];
    return 0;
}

static double bit_below(double x, int32_t t, double noise, const char *last, double beta, double prior)
{
    double rate = (double)(0.25f + 0.5f * (float)x + 0.02f * (float)t);
    if (t == 1 && strcmp(last, "forward") == 0)
        rate = x * (1.0 - beta) + prior * beta;
    return t == 1 && strcmp(last, "mean") == 0 ? rate > 0.5 : noise < rate;
}

static void bits_are_drawn_below_the_rate(void **state)
{
    (void)state;
    static const char *const lasts[] = {"mean", "model", "forward"};
    static const double prior[DIM] = {0.3, 0.8};
    for (size_t which = 0; which < 3; which++) {
        truth q;
        recorder noise = {.uniform = 1};
        char spec[64];
        float x0[N * DIM];
        int draws_last = which > 0;
        set_up(&q, "linear steps=6 beta_start=0.1 beta_end=0.5 kernel=binomial rate=0.3,0.8");
        diffusion_model *model = make_callback("shape=2 predict=mean", rates, NULL);
        snprintf(spec, sizeof spec, "ancestral last=%s", lasts[which]);
        diffusion_sampler *sampler = make_sampler(model, q.schedule, spec);
        assert_ok(diffusion_sampler_set_noise(sampler, record, &noise));
        assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
        assert_order(&noise, draws_last ? 1 : 2);
        for (size_t i = 0; i < N * DIM; i++) {
            double x = noise.values[i / DIM][i % DIM] < prior[i % DIM];
            for (int32_t t = STEPS; t >= 1; t--) {
                size_t call = (size_t)(STEPS - t + 1) * N + i / DIM;
                double u = t > 1 || draws_last ? noise.values[call][i % DIM] : 0.0;
                x = bit_below(x, t, u, lasts[which], q.beta[1], prior[i % DIM]);
            }
            assert_true((double)x0[i] == x);
        }
        diffusion_sampler_free(sampler);
        diffusion_model_free(model);
        diffusion_schedule_free(q.schedule);
    }
}

/* Steps of the schedule's count: T + 1 for x_T, then those that the respaced chain visits. */
static void a_respaced_chain_tells_the_schedules_steps(void **state)
{
    (void)state;
    truth q;
    recorder noise = {0};
    float x0[N * DIM];
    set_up(&q, "linear steps=6 beta_start=0.1 beta_end=0.5");
    diffusion_model *model = make_callback_double("shape=2 predict=x0", predict, &q);
    diffusion_sampler *sampler = make_sampler(model, q.schedule, "ancestral steps=3 last=model");
    assert_ok(diffusion_sampler_set_noise(sampler, record, &noise));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    assert_int_equal(q.calls, 3);
    assert_int_equal(noise.calls, 4 * N);
    assert_int_equal(noise.step[0], STEPS + 1);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(noise.step[(i + 1) * N], q.asked[i]);
    assert_true(q.asked[0] > q.asked[1] && q.asked[1] > q.asked[2] && q.asked[0] == STEPS);
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(q.schedule);
}

static void a_noise_callback_may_stop_the_run_at_any_draw(void **state)
{
    (void)state;
    truth q;
    set_up(&q, "linear steps=6 beta_start=0.1 beta_end=0.5");
    diffusion_model *model = make_callback_double("shape=2 predict=x0", predict, &q);
    for (int32_t call = 1; call <= N * STEPS; call++) {
        recorder noise = {.stop_at = call, .value = 1000 + call};
        float x0[N * DIM] = {5};
        q.calls = 0;
        diffusion_sampler *sampler = make_sampler(model, q.schedule, "ancestral");
        assert_ok(diffusion_sampler_set_noise(sampler, record, &noise));
        assert_int_equal(diffusion_sampler_run(sampler, NULL, N, x0), 1000 + call);
        assert_int_equal(noise.calls, call);
        assert_true(x0[0] == 5);
        assert_refused(diffusion_sampler_step(sampler), DIFFUSION_E_STATE, "no chain has begun");
        diffusion_sampler_free(sampler);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(q.schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_with_recorded_noise_is_the_formulas),
        cmocka_unit_test(bits_are_drawn_below_the_rate),
        cmocka_unit_test(a_respaced_chain_tells_the_schedules_steps),
        cmocka_unit_test(a_noise_callback_may_stop_the_run_at_any_draw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

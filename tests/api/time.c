/* What a network is told of time: the step, or with time=log_snr the log SNR there, in every call. */
#include "guard.h"

enum { T = 6, N = 5, DIM = 2 };

static double log_snr[T + 1];
static diffusion_schedule *schedule;
static const float data[N * DIM] = {0.5f, -1.0f, 1.0f, 1.0f, -0.25f, 0.0f, -1.0f, 0.75f, 0.125f, 0.5f};

static int enter(void **state)
{
    (void)state;
    schedule = make_schedule("linear steps=6 beta_start=0.1 beta_end=0.5");
    assert_ok(diffusion_schedule_values(schedule, "log_snr", log_snr + 1));
    return 0;
}

static int leave(void **state)
{
    (void)state;
    diffusion_schedule_free(schedule);
    return 0;
}

/* How often each whole step was asked for, and any other time. */
typedef struct clock_watch {
    int tells_log_snr;
    size_t asked[T + 1], others;
} clock_watch;

static void watch(clock_watch *self, const double *time, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int32_t t = 1;
        while (t <= T && time[i] != (self->tells_log_snr ? log_snr[t] : (double)t))
            t++;
        if (t <= T)
            self->asked[t]++;
        else
            self->others++;
    }
}

static int32_t in_double(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                         double *out, void *user)
{
    (void)condition;
    watch(user, time, n);
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = 0.5 * x[i];
    return 0;
}

static void assert_all_asked(clock_watch *self, int32_t first, size_t times)
{
    for (int32_t t = 1; t <= T; t++)
        assert_int_equal(self->asked[t], t < first ? 0 : times);
    assert_int_equal(self->others, 0);
    *self = (clock_watch){.tells_log_snr = self->tells_log_snr};
}

static diffusion_model *watched(clock_watch *self)
{
    return make_callback_double(self->tells_log_snr ? "shape=2 predict=x0 time=log_snr" : "shape=2 predict=x0",
                                in_double, self);
}

static void every_caller_tells_the_models_time(void **state)
{
    (void)state;
    const int32_t t[T] = {1, 2, 3, 4, 5, 6};
    for (int kind = 0; kind < 2; kind++) {
        clock_watch user = {.tells_log_snr = kind};
        float mean[T * DIM], x[T * DIM] = {0}, x0[N * DIM];
        diffusion_model *model = watched(&user);
        assert_ok(diffusion_model_predict(model, schedule, x, t, NULL, T, mean, NULL));
        assert_all_asked(&user, 1, 1);
        diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral");
        assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
        assert_all_asked(&user, 1, N);
        diffusion_sampler_free(sampler);
        sampler = make_sampler(model, schedule, "ddim");
        assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
        assert_all_asked(&user, 1, N);
        diffusion_sampler_free(sampler);
        diffusion_evaluator *elbo = make_evaluator(model, schedule, "elbo draws=2");
        assert_ok(diffusion_evaluator_run(elbo, data, NULL, N));
        assert_all_asked(&user, 2, 2 * (size_t)N);
        diffusion_evaluator_free(elbo);
        diffusion_model_free(model);
    }
}

/* An observation whose level lies between two steps: the network is asked at the steps around it and those below. */
static void an_observation_between_two_steps_asks_at_theirs(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        clock_watch user = {.tells_log_snr = kind};
        const float y[DIM] = {1, -1};
        float x0[N * DIM];
        diffusion_model *model = watched(&user);
        diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral posterior=exact");
        assert_ok(diffusion_sampler_set_observed(sampler, y, exp(-0.5 * (log_snr[3] + log_snr[4])), 1));
        assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
        for (int32_t t = 1; t <= T; t++)
            assert_int_equal(user.asked[t], t <= 4 ? N : 0);
        assert_int_equal(user.others, 0);
        diffusion_sampler_free(sampler);
        diffusion_model_free(model);
    }
}

/* Real numbers between steps, and log SNRs of either sign, give outputs between those of their neighbours. */
static void networks_take_real_times(void **state)
{
    (void)state;
    static const char *const specs[] = {"mlp shape=2 width=16 depth=2 time_features=8",
                                        "unet shape=2,1,1 channels=8 blocks=1 groups=2",
                                        "mlp shape=2 width=16 depth=2 time_features=8 time=log_snr",
                                        "unet shape=2,1,1 channels=8 blocks=1 groups=2 time=log_snr"};
    for (size_t i = 0; i < 4; i++) {
        const double shift = i < 2 ? 0.0 : -5.0; /* so that log SNRs are negative too */
        const double times[3] = {2.0 + shift, 2.001 + shift, 2.5 + shift};
        const float x[3 * DIM] = {0.5f, -0.25f, 0.5f, -0.25f, 0.5f, -0.25f};
        float out[3 * DIM];
        diffusion_model *model = make_model(specs[i], 1);
        fill_weights(model, 3);
        assert_ok(diffusion_model_forward(model, x, times, NULL, 3, out));
        double near = fabs((double)out[0] - (double)out[DIM]), far = fabs((double)out[0] - (double)out[2 * DIM]);
        assert_true(near > 0.0 && near < 0.05 * far);
        diffusion_model_free(model);
    }
}

static void a_wrong_time_is_refused(void **state)
{
    (void)state;
    static const double bad[] = {NAN, INFINITY, -INFINITY, 100001, -100001};
    const float x[DIM] = {0};
    float out[DIM];
    const double none = 0.0, low = 0.999, negative = -12.5;
    diffusion_model *steps = make_model("mlp shape=2 width=4 depth=1 time_features=2", 1);
    diffusion_model *snrs = make_model("mlp shape=2 width=4 depth=1 time_features=2 time=log_snr", 1);
    guard(out, DIM);
    for (size_t i = 0; i < 5; i++) {
        assert_refused(diffusion_model_forward(steps, x, &bad[i], NULL, 1, out), DIFFUSION_E_STEP,
                       "expected 1..100000");
        assert_refused(diffusion_model_forward(snrs, x, &bad[i], NULL, 1, out), DIFFUSION_E_STEP,
                       "expected -100000..100000");
    }
    assert_refused(diffusion_model_forward(steps, x, &none, NULL, 1, out), DIFFUSION_E_STEP, "time[0]=0, expected 1..");
    assert_refused(diffusion_model_forward(steps, x, &low, NULL, 1, out), DIFFUSION_E_STEP, "time[0]=0.999");
    assert_untouched(out, DIM);
    assert_ok(diffusion_model_forward(snrs, x, &none, NULL, 1, out));
    assert_ok(diffusion_model_forward(snrs, x, &negative, NULL, 1, out));
    diffusion_model_free(steps);
    diffusion_model_free(snrs);
}

/* Nothing of x_0 is left at T: its log SNR is no number to tell. */
static void a_level_without_signal_has_no_log_snr_to_tell(void **state)
{
    (void)state;
    clock_watch user = {.tells_log_snr = 1};
    diffusion_schedule *zero = make_schedule("linear steps=6 zero_terminal_snr=yes");
    diffusion_model *model = watched(&user), *net = make_model("mlp shape=2 predict=x0 time=log_snr", 1);
    diffusion_sampler *sampler = NULL;
    diffusion_evaluator *elbo = NULL;
    diffusion_trainer *trainer = NULL;
    const char *sentence = "time=log_snr is infinite at step 6";
    assert_refused(diffusion_sampler_create(&sampler, model, zero, "ddim"), DIFFUSION_E_KERNEL, sentence);
    assert_refused(diffusion_evaluator_create(&elbo, model, zero, "elbo"), DIFFUSION_E_KERNEL, sentence);
    assert_refused(diffusion_trainer_create(&trainer, net, zero, ""), DIFFUSION_E_KERNEL, sentence);
    assert_true(sampler == NULL && elbo == NULL && trainer == NULL);
    diffusion_model_free(net);
    diffusion_model_free(model);
    diffusion_schedule_free(zero);
}

/* Data is (1, 1) or (-1, -1): E[x_0 | x_t] is a tanh whose slope is the SNR, so that the least square error, the mean
 * over levels of E[(1 - tanh(2 SNR + sqrt(2 SNR) z))^2], is reached by those alone who know the level. */
static double least_loss(const diffusion_schedule *of)
{
    double snr[64], sum = 0.0;
    const int32_t steps = diffusion_schedule_steps(of);
    assert_ok(diffusion_schedule_values(of, "snr", snr));
    for (int32_t t = 0; t < steps; t++)
        for (double z = -8.0; z <= 8.0; z += 0.01)
            sum += 0.01 * exp(-0.5 * z * z) / sqrt(2.0 * acos(-1.0)) *
                   pow(1.0 - tanh(2.0 * snr[t] + sqrt(2.0 * snr[t]) * z), 2) / steps;
    return sum;
}

static void check_training(const char *network)
{
    enum { BATCH = 64 };
    static float x0[BATCH * DIM], drawn[BATCH * DIM];
    for (size_t i = 0; i < BATCH * DIM; i++)
        x0[i] = i / DIM % 2 == 0 ? 1.0f : -1.0f;
    diffusion_schedule *steps = make_schedule("log_snr steps=20 maximum=7 minimum=-5");
    diffusion_model *model = make_model(network, 1);
    diffusion_trainer *trainer = make_trainer(model, steps, "rate=0.01 ema=0.98");
    double last = 0.0, loss, least = least_loss(steps);
    for (int step = 0; step < 400; step++) {
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, BATCH, &loss));
        last += step >= 300 ? loss / 100.0 : 0.0;
    }
    print_message("  %s: loss %.3f, least %.3f\n", network, last, least);
    assert_close(last, least, 0.05, 0.02); /* 6400 draws: their error is 0.006 */
    diffusion_sampler *sampler = make_sampler(diffusion_trainer_model(trainer), steps, "ancestral seed=3");
    assert_ok(diffusion_sampler_run(sampler, NULL, BATCH, drawn));
    for (size_t i = 0; i < BATCH * DIM; i++)
        assert_close(fabs((double)drawn[i]), 1.0, 0, 0.3);
    diffusion_sampler_free(sampler);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(steps);
}

static void networks_learn_by_the_log_snr(void **state)
{
    (void)state;
    check_training("mlp shape=2 width=32 depth=2 time_features=16 predict=x0 time=log_snr variance=fixed_small");
    check_training("unet shape=2,1,1 channels=16 blocks=1 groups=4 predict=x0 time=log_snr variance=fixed_small");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_caller_tells_the_models_time),
        cmocka_unit_test(an_observation_between_two_steps_asks_at_theirs),
        cmocka_unit_test(networks_take_real_times),
        cmocka_unit_test(a_wrong_time_is_refused),
        cmocka_unit_test(a_level_without_signal_has_no_log_snr_to_tell),
        cmocka_unit_test(networks_learn_by_the_log_snr),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}

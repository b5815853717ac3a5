/* How the bound draws: in the documented order, stoppable at any draw, each draw with its sample's label. */
#include "make.h"

enum { STEPS = 6, N = 4, DIM = 2, DRAWS = 3, MOST = 1024 };

static const float data[N * DIM] = {0.5f, -1.0f, 1.0f, 1.0f, -0.25f, 0.0f, -1.0f, 0.75f};

static int make_world(void **state)
{
    return make_world_of(state, "linear steps=6 beta_start=0.05 beta_end=0.5",
                         "mlp shape=2 width=8 depth=2 time_features=4 classes=3 variance=learned_range");
}

typedef struct recorder {
    size_t calls;
    int64_t sample[MOST];
    int32_t step[MOST];
    size_t stop_at;
    int32_t value;
} recorder;

static int32_t record(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    recorder *self = user;
    assert_int_equal(count, DIM);
    for (size_t j = 0; j < count; j++)
        values[j] = 0.125 * (double)((self->calls + j) % 8);
    self->sample[self->calls] = sample;
    self->step[self->calls] = step;
    return ++self->calls == self->stop_at ? self->value : 0;
}

static void noise_is_drawn_in_the_documented_order(void **state)
{
    static const struct {
        const char *spec;
        int dequantized;
        int32_t first;
    } cases[] = {{"elbo draws=3", 0, 2},
                 {"elbo draws=3 edge=model", 0, 1},
                 {"elbo draws=3 edge=discretized dequantize=0.1", 1, 1}};
    const world *self = *state;
    for (size_t i = 0; i < 3; i++) {
        recorder noise = {0};
        diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, cases[i].spec);
        size_t call = 0;
        assert_ok(diffusion_evaluator_set_noise(elbo, record, &noise));
        assert_ok(diffusion_evaluator_run(elbo, data, NULL, N));
        for (int64_t sample = 0; sample < N && cases[i].dequantized; sample++, call++)
            assert_true(noise.step[call] == 0 && noise.sample[call] == sample);
        for (int32_t t = cases[i].first; t <= STEPS; t++)
            for (int64_t draw = 0; draw < N * DRAWS; draw++, call++)
                assert_true(noise.step[call] == t && noise.sample[call] == draw);
        assert_int_equal(noise.calls, call);
        diffusion_evaluator_free(elbo);
    }
}

static void a_noise_callback_may_stop_at_any_draw(void **state)
{
    const world *self = *state;
    for (size_t stop = 1; stop <= N + N * STEPS; stop++) {
        recorder noise = {.stop_at = stop, .value = -17};
        double k = 5;
        diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, "elbo edge=model dequantize=0.5");
        assert_ok(diffusion_evaluator_set_noise(elbo, record, &noise));
        assert_int_equal(diffusion_evaluator_run(elbo, data, NULL, N), -17);
        assert_int_equal(noise.calls, stop);
        assert_refused(diffusion_evaluator_value(elbo, "k_bits", &k), DIFFUSION_E_STATE, "nothing has been measured");
        assert_true(k == 5);
        diffusion_evaluator_free(elbo);
    }
}

typedef struct listener {
    int64_t calls, stop_at;
} listener;

static int32_t listen(int64_t done, int64_t total, void *user)
{
    listener *self = user;
    assert_int_equal(done, N * ++self->calls);
    assert_int_equal(total, N * STEPS);
    return self->calls == self->stop_at ? 31 : 0;
}

static void progress_is_told_and_may_stop_it(void **state)
{
    const world *self = *state;
    for (int64_t stop = 0; stop <= STEPS; stop++) {
        listener user = {0, stop};
        double k;
        diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, "elbo");
        assert_ok(diffusion_evaluator_set_progress(elbo, listen, &user));
        assert_int_equal(diffusion_evaluator_run(elbo, data, NULL, N), stop == 0 ? 0 : 31);
        assert_int_equal(user.calls, stop == 0 ? STEPS : stop);
        assert_int_equal(diffusion_evaluator_value(elbo, "k_bits", &k), stop == 0 ? 0 : DIFFUSION_E_STATE);
        diffusion_evaluator_free(elbo);
    }
}

static int32_t by_label(const float *x, const double *time, const diffusion_condition *condition, size_t n, float *out,
                        void *user)
{
    (void)time, (void)user;
    const int32_t *labels = diffusion_condition_labels(condition);
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = labels == NULL ? NAN : 0.25f * (float)(labels[i / DIM] + 1) + 0.1f * x[i];
    return 0;
}

/* A sample's K is the same alone with its label and in the batch: every draw gets its own sample's label. */
static void every_draw_goes_with_its_samples_label(void **state)
{
    const world *self = *state;
    static const int32_t labels[N] = {2, -1, 0, 1};
    diffusion_model *model = make_callback("shape=2 classes=3 predict=x0", by_label, NULL);
    diffusion_evaluator *elbo = make_evaluator(model, self->schedule, "elbo");
    diffusion_condition *condition = make_labels(labels, N);
    double k[N];
    recorder noise = {0}, rest = {0};
    assert_ok(diffusion_evaluator_set_noise(elbo, record, &noise));
    assert_ok(diffusion_evaluator_run(elbo, data, condition, N));
    assert_ok(diffusion_evaluator_samples(elbo, k, NULL, N));
    assert_ok(diffusion_evaluator_set_noise(elbo, record, &rest));
    for (size_t i = 0; i < N; i++) {
        float repeated[N * DIM];
        double all[N];
        const int32_t same[N] = {labels[i], labels[i], labels[i], labels[i]};
        for (size_t j = 0; j < N * DIM; j++)
            repeated[j] = data[i * DIM + j % DIM];
        rest = (recorder){0};
        assert_ok(diffusion_condition_set_labels(condition, same));
        assert_ok(diffusion_evaluator_run(elbo, repeated, condition, N));
        assert_ok(diffusion_evaluator_samples(elbo, all, NULL, N));
        assert_close(k[i], all[i], 1e-12, 0);
    }
    diffusion_condition_free(condition);
    diffusion_evaluator_free(elbo);
    diffusion_model_free(model);
}

static void dequantised_data_pays_for_its_width(void **state)
{
    const world *self = *state;
    recorder noise = {0};
    diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, "elbo dequantize=0.25");
    assert_ok(diffusion_evaluator_set_noise(elbo, record, &noise));
    assert_ok(diffusion_evaluator_run(elbo, data, NULL, N));
    assert_close(figure(elbo, "bits_per_dimension"), -figure(elbo, "k_bits") / DIM - log2(0.25), 1e-12, 0);
    double nats = 0.0; /* x_0 is the data and a quarter of the first N draws */
    for (size_t i = 0; i < N * DIM; i++)
        nats -=
            0.5 * (log(2.0 * acos(-1.0)) + pow((double)data[i] + 0.25 * 0.125 * (double)((i / DIM + i % DIM) % 8), 2));
    assert_close(figure(elbo, "null_bits"), nats / N / log(2.0), 1e-12, 0);
    diffusion_evaluator_free(elbo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_is_drawn_in_the_documented_order),
        cmocka_unit_test(a_noise_callback_may_stop_at_any_draw),
        cmocka_unit_test(progress_is_told_and_may_stop_it),
        cmocka_unit_test(every_draw_goes_with_its_samples_label),
        cmocka_unit_test(dequantised_data_pays_for_its_width),
    };
    return cmocka_run_group_tests(tests, make_world, free_world);
}

/* How a bound draws: in the documented order, stoppable at any draw, each draw with its sample's label. */
#include "make.h"

enum { STEPS = 6, N = 4, DIM = 2, DRAWS = 3, MOST = 1024 };

static const float data[N * DIM] = {0.5f, -1.0f, 1.0f, 1.0f, -0.25f, 0.0f, -1.0f, 0.75f};

static int make_world(void **state)
{
    return make_world_of(state, "linear steps=6 beta_start=0.05 beta_end=0.5",
                         "mlp shape=2 width=8 depth=2 time=4 classes=3 variance=range");
}

static double value(const diffusion_bound *bound, const char *quantity)
{
    double number = -777;
    assert_ok(diffusion_bound_value(bound, quantity, &number));
    return number;
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
    } cases[] = {{"draws=3", 0, 2}, {"draws=3 edge=model", 0, 1}, {"draws=3 edge=discretized dequantize=0.1", 1, 1}};
    const world *self = *state;
    for (size_t i = 0; i < 3; i++) {
        recorder noise = {0};
        diffusion_bound *bound = NULL;
        size_t call = 0;
        assert_ok(diffusion_bound_evaluate_with(&bound, self->model, self->schedule, data, NULL, N, cases[i].spec,
                                                record, &noise, NULL, NULL));
        for (int64_t sample = 0; sample < N && cases[i].dequantized; sample++, call++)
            assert_true(noise.step[call] == 0 && noise.sample[call] == sample);
        for (int32_t t = cases[i].first; t <= STEPS; t++)
            for (int64_t draw = 0; draw < N * DRAWS; draw++, call++)
                assert_true(noise.step[call] == t && noise.sample[call] == draw);
        assert_int_equal(noise.calls, call);
        diffusion_bound_free(bound);
    }
}

static void a_noise_callback_may_stop_at_any_draw(void **state)
{
    const world *self = *state;
    for (size_t stop = 1; stop <= N + N * STEPS; stop++) {
        recorder noise = {.stop_at = stop, .value = -17};
        diffusion_bound *bound = NULL;
        assert_int_equal(diffusion_bound_evaluate_with(&bound, self->model, self->schedule, data, NULL, N,
                                                       "edge=model dequantize=0.5", record, &noise, NULL, NULL),
                         -17);
        assert_int_equal(noise.calls, stop);
        assert_null(bound);
    }
}

typedef struct listener {
    int64_t calls, stop_at;
} listener;

static int32_t listen(int64_t done, int64_t total, void *user)
{
    listener *self = user;
    assert_int_equal(done, ++self->calls);
    assert_int_equal(total, STEPS);
    return done == self->stop_at ? 31 : 0;
}

static void progress_is_told_and_may_stop_it(void **state)
{
    const world *self = *state;
    for (int64_t stop = 0; stop <= STEPS; stop++) {
        listener user = {0, stop};
        diffusion_bound *bound = NULL;
        diffusion_status status = diffusion_bound_evaluate_with(&bound, self->model, self->schedule, data, NULL, N,
                                                                NULL, NULL, NULL, listen, &user);
        assert_int_equal(status, stop == 0 ? 0 : 31);
        assert_int_equal(user.calls, stop == 0 ? STEPS : stop);
        assert_true((bound != NULL) == (stop == 0));
        diffusion_bound_free(bound);
    }
}

static int32_t by_label(const float *x, const int32_t *t, const int32_t *labels, size_t n, float *out, void *user)
{
    (void)t, (void)user;
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
    diffusion_bound *bound = NULL, *alone = NULL;
    double k[N], one;
    recorder noise = {0}, rest = {0};
    assert_ok(
        diffusion_bound_evaluate_with(&bound, model, self->schedule, data, labels, N, "", record, &noise, NULL, NULL));
    assert_ok(diffusion_bound_samples(bound, k, N));
    for (size_t i = 0; i < N; i++) {
        float repeated[N * DIM];
        int32_t same[N] = {labels[i], labels[i], labels[i], labels[i]};
        for (size_t j = 0; j < N * DIM; j++)
            repeated[j] = data[i * DIM + j % DIM];
        rest = (recorder){0};
        assert_ok(diffusion_bound_evaluate_with(&alone, model, self->schedule, repeated, same, N, "", record, &rest,
                                                NULL, NULL));
        double all[N];
        assert_ok(diffusion_bound_samples(alone, all, N));
        one = all[i];
        assert_close(k[i], one, 1e-12, 0);
        diffusion_bound_free(alone);
    }
    diffusion_bound_free(bound);
    diffusion_model_free(model);
}

static void dequantised_data_pays_for_its_width(void **state)
{
    const world *self = *state;
    recorder noise = {0};
    diffusion_bound *bound = NULL;
    assert_ok(diffusion_bound_evaluate_with(&bound, self->model, self->schedule, data, NULL, N, "dequantize=0.25",
                                            record, &noise, NULL, NULL));
    assert_close(value(bound, "bits_per_dimension"), -value(bound, "k_bits") / DIM - log2(0.25), 1e-12, 0);
    double nats = 0.0; /* x_0 is the data and a quarter of the first N draws */
    for (size_t i = 0; i < N * DIM; i++)
        nats -=
            0.5 * (log(2.0 * acos(-1.0)) + pow((double)data[i] + 0.25 * 0.125 * (double)((i / DIM + i % DIM) % 8), 2));
    assert_close(value(bound, "null_bits"), nats / N / log(2.0), 1e-12, 0);
    diffusion_bound_free(bound);
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

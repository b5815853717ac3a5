/* A trainer's steps against formulas: the order of the data, the rate, clipping, and the average of the weights. */
#include "make.h"

#include <math.h>

#define MLP "mlp shape=2 width=5 depth=1 time_features=2"

static const float data[12] = {1, -1, 0.5f, 0.25f, -0.75f, 1, 0, -0.5f, -1, -1, 0.125f, 0.875f};

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The indices of `steps` steps, sorted; the trainer goes on. */
static void draw_epoch(diffusion_trainer *trainer, int64_t count, size_t n, size_t steps, int64_t *indices)
{
    for (size_t i = 0; i < steps; i++) {
        assert_ok(diffusion_trainer_draw(trainer, count, n, indices + i * n));
        assert_ok(diffusion_trainer_step(trainer, data, NULL, 1, NULL));
    }
    qsort(indices, steps * n, sizeof *indices, compare);
}

static void an_epoch_is_a_permutation_and_the_next_another(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *model = make_model(MLP, 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "seed=3");
    int64_t first[20], again[20], other[20], sorted[20];
    assert_ok(diffusion_trainer_draw(trainer, 20, 20, first));
    assert_ok(diffusion_trainer_draw(trainer, 20, 20, again));
    assert_same(again, first, sizeof first); /* drawing moves nothing on */
    draw_epoch(trainer, 20, 4, 5, sorted);
    for (int64_t i = 0; i < 20; i++)
        assert_int_equal(sorted[i], i);
    assert_ok(diffusion_trainer_draw(trainer, 20, 20, other));
    assert_memory_not_equal(other, first, sizeof first);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void what_does_not_fill_a_batch_waits_for_another_epoch(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *model = make_model(MLP, 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "seed=3");
    int64_t indices[9];
    size_t seen[11] = {0};
    for (int epoch = 0; epoch < 40; epoch++) { /* 11 samples, 3 a batch: 3 steps an epoch */
        draw_epoch(trainer, 11, 3, 3, indices);
        for (size_t i = 0; i < 9; i++) {
            assert_true(indices[i] >= 0 && indices[i] < 11 && (i == 0 || indices[i] > indices[i - 1]));
            seen[indices[i]]++;
        }
    }
    for (size_t i = 0; i < 11; i++)
        assert_true(seen[i] > 20); /* 32.7 times on average, with a deviation of 2.4 */
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void a_batch_larger_than_the_data_wraps_around(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *model = make_model(MLP, 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "seed=3");
    int64_t indices[17];
    assert_ok(diffusion_trainer_draw(trainer, 5, 17, indices));
    for (size_t i = 5; i < 17; i++)
        assert_int_equal(indices[i], indices[i - 5]);
    qsort(indices, 5, sizeof *indices, compare);
    for (int64_t i = 0; i < 5; i++)
        assert_int_equal(indices[i], i);
    assert_ok(diffusion_trainer_draw(trainer, 1, 3, indices));
    assert_true(indices[0] == 0 && indices[1] == 0 && indices[2] == 0);
    assert_ok(diffusion_trainer_draw(trainer, INT64_C(1) << 32, 17, indices));
    for (size_t i = 0; i < 17; i++)
        assert_true(indices[i] >= 0 && indices[i] < INT64_C(1) << 32);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static double true_rate(double rate, int warmup, const char *decay, int steps, int step)
{
    double done = (double)(step < steps ? step : steps) / steps;
    rate *= step < warmup ? (step + 1.0) / warmup : 1.0;
    if (strcmp(decay, "linear") == 0)
        return rate * (1.0 - done);
    return strcmp(decay, "cosine") == 0 ? rate * 0.5 * (1.0 + cos(acos(-1.0) * done)) : rate;
}

static void the_rate_warms_up_and_decays(void **state)
{
    (void)state;
    static const char *const decays[] = {"none", "linear", "cosine"};
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    for (size_t d = 0; d < 3; d++)
        for (int warmup = 0; warmup <= 7; warmup += 7) {
            char spec[96];
            snprintf(spec, sizeof spec, "rate=0.01 warmup=%d decay=%s steps=20 ema=0", warmup, decays[d]);
            diffusion_model *model = make_model(MLP, 1);
            diffusion_trainer *trainer = make_trainer(model, schedule, spec);
            for (int step = 0; step < 25; step++) {
                assert_int_equal(diffusion_trainer_steps(trainer), step);
                assert_close(diffusion_trainer_rate(trainer), true_rate(0.01, warmup, decays[d], 20, step), 1e-14,
                             1e-18);
                assert_ok(diffusion_trainer_step(trainer, data, NULL, 6, NULL));
            }
            diffusion_trainer_free(trainer);
            diffusion_model_free(model);
        }
    diffusion_schedule_free(schedule);
}

/* |w' - w| of a step of plain gradient descent is rate * min(|g|, clip), and w' - w = -rate * scale * g. */
static void clipping_shortens_the_gradient_to_its_norm(void **state)
{
    (void)state;
    static const double clips[] = {0.0, 1e-3, 0.02, 1e6};
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    for (size_t c = 0; c < 4; c++) {
        char spec[96];
        snprintf(spec, sizeof spec, "optimizer=sgd momentum=0 rate=0.25 clip=%.17g ema=0", clips[c]);
        diffusion_model *model = make_model(MLP, 1);
        fill_weights(model, 2);
        diffusion_trainer *trainer = make_trainer(model, schedule, spec);
        size_t count = model_parameters(model);
        float *gradient = malloc(count * sizeof *gradient), *before = model_weights(model), *after;
        double norm = 0.0, moved = 0.0;
        assert_ok(diffusion_trainer_gradient(trainer, data, NULL, 6, NULL, gradient, count));
        assert_ok(diffusion_trainer_step(trainer, data, NULL, 6, NULL));
        after = model_weights(model);
        for (size_t i = 0; i < count; i++)
            norm += (double)gradient[i] * (double)gradient[i];
        norm = sqrt(norm);
        assert_true(norm > 0.1 && norm < 1e6);
        double scale = clips[c] > 0.0 && norm > clips[c] ? clips[c] / norm : 1.0;
        for (size_t i = 0; i < count; i++) {
            moved += pow((double)after[i] - (double)before[i], 2);
            assert_close((double)after[i], (double)before[i] - 0.25 * scale * (double)gradient[i], 1e-6, 1e-8);
        }
        assert_close(sqrt(moved), 0.25 * scale * norm, 1e-3, 0);
        free(gradient);
        free(before);
        free(after);
        diffusion_trainer_free(trainer);
        diffusion_model_free(model);
    }
    diffusion_schedule_free(schedule);
}

static void check_average(const char *spec, double ema, int warms_up)
{
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *model = make_model(MLP, 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, spec);
    size_t count = model_parameters(model);
    double *truth = malloc(count * sizeof *truth);
    float *weights = model_weights(model);
    for (size_t i = 0; i < count; i++)
        truth[i] = (double)weights[i];
    for (int step = 0; step < 60; step++) {
        free(weights);
        assert_ok(diffusion_trainer_step(trainer, data, NULL, 6, NULL));
        weights = model_weights(model);
        double decay = warms_up ? fmin(ema, (1.0 + step) / (10.0 + step)) : ema;
        float *average = model_weights(diffusion_trainer_model(trainer));
        for (size_t i = 0; i < count; i++) {
            truth[i] = decay * truth[i] + (1.0 - decay) * (double)weights[i];
            assert_close((double)average[i], truth[i], 1e-5, 1e-6);
        }
        free(average);
    }
    free(weights);
    free(truth);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void the_average_follows_the_weights(void **state)
{
    (void)state;
    check_average("rate=0.05 ema=0.9 ema_warmup=no", 0.9, 0);
    check_average("rate=0.05 ema=0.9", 0.9, 1);
    check_average("rate=0.05 ema=0.5 ema_warmup=yes optimizer=sgd", 0.5, 1);
    check_average("rate=0.05 ema=0.999 optimizer=adamw weight_decay=0.1", 0.999, 1);
}

static void without_an_average_the_trained_model_is_given(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *model = make_model(MLP, 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "ema=0");
    assert_ptr_equal(diffusion_trainer_model(trainer), model);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* The gradient is of the draws that the next step makes, and leaves that step as it would have been. */
static void the_gradient_is_that_of_the_next_step(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *one = make_model(MLP, 1), *two = make_model(MLP, 1);
    diffusion_trainer *asked = make_trainer(one, schedule, ""), *plain = make_trainer(two, schedule, "");
    for (int step = 0; step < 5; step++) {
        double before = -1, loss = -2, same = -3;
        assert_ok(diffusion_trainer_gradient(asked, data, NULL, 6, &before, NULL, 0));
        assert_ok(diffusion_trainer_step(asked, data, NULL, 6, &loss));
        assert_ok(diffusion_trainer_step(plain, data, NULL, 6, &same));
        assert_true(before == loss && loss == same);
    }
    float *a = model_weights(one), *b = model_weights(two);
    assert_same(a, b, model_parameters(one) * sizeof *a);
    free(a);
    free(b);
    diffusion_trainer_free(asked);
    diffusion_trainer_free(plain);
    diffusion_model_free(one);
    diffusion_model_free(two);
    diffusion_schedule_free(schedule);
}

/* ---- step 1 ---- */

enum { POINTS = 64 };

/* A network with weights of each step's own, trained on two points, 0.7 and -0.3, or on bits, a quarter of them 1: how
 * far its samples reach, and K by the model's edge, which both read what it says at step 1. */
static double spread_of_samples(const char *schedule_spec, const char *model_spec, const char *trainer_spec, double *k)
{
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = make_model(model_spec, 2);
    diffusion_trainer *trainer = make_trainer(model, schedule, trainer_spec);
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral last=mean seed=3");
    diffusion_evaluator *elbo = make_evaluator(model, schedule, "elbo edge=model draws=200 seed=1");
    float x0[POINTS], drawn[POINTS];
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < POINTS; i++)
        x0[i] = strstr(schedule_spec, "binomial") != NULL ? (float)(i % 4 == 0) : i % 2 == 0 ? 0.7f : -0.3f;
    for (int step = 0; step < 1500; step++)
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, POINTS, NULL));
    assert_ok(diffusion_sampler_run(sampler, NULL, POINTS, drawn));
    for (size_t i = 0; i < POINTS; i++) {
        least = fmin(least, (double)drawn[i]);
        most = fmax(most, (double)drawn[i]);
    }
    assert_ok(diffusion_evaluator_run(elbo, x0, NULL, POINTS));
    *k = figure(elbo, "k_bits");
    diffusion_evaluator_free(elbo);
    diffusion_sampler_free(sampler);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return most - least;
}

/* A value that never changes and a fair coin, of four levels each: their probability is 1/2, which bins can tell and a
 * density cannot. */
static void masses_of_bins_cost_what_the_data_holds(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("log_snr steps=100 maximum=5 minimum=-6");
    diffusion_model *model = make_model("mlp shape=2 width=32 depth=2 predict=x0 variance=learned_range", 1);
    diffusion_trainer *trainer = make_trainer(
        model, schedule, "objective=bound edge=discretized levels=4 rate=3e-3 decay=cosine steps=6000 ema=0");
    float x0[2 * POINTS];
    for (size_t i = 0; i < POINTS; i++) {
        x0[2 * i] = 1.0f;
        x0[2 * i + 1] = i % 2 == 0 ? -1.0f / 3.0f : 1.0f / 3.0f;
    }
    for (int step = 0; step < 6000; step++)
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, POINTS, NULL));
    diffusion_evaluator *elbo = make_evaluator(model, schedule, "elbo edge=discretized levels=4 draws=10");
    assert_ok(diffusion_evaluator_run(elbo, x0, NULL, POINTS));
    const double bits = -figure(elbo, "k_bits");
    print_message("code length of one bit: %.4f bits\n", bits);
    assert_true(bits > 1.0 - 3.0 * figure(elbo, "standard_error_bits") && bits < 1.15);
    x0[1] = 1.4f;
    assert_refused(diffusion_trainer_step(trainer, x0, NULL, POINTS, NULL), DIFFUSION_E_ARGUMENT,
                   "trainer: x0[1]=1.4, expected -1..1 and half a bin more");
    diffusion_evaluator_free(elbo);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

#define OWN_WEIGHTS "mlp shape=1 width=16 depth=2 time_features=4 readout=steps steps=5 predict=x0"

static void step_1_is_trained_by_the_edge_that_samplers_read(void **state)
{
    (void)state;
    static const char schedule[] = "linear steps=5 beta_start=0.01 beta_end=0.7";
    static const char bits[] = "constant_rate steps=5 kernel=binomial rate=0.25";
    static const char net[] = OWN_WEIGHTS " variance=learned_range";
    double k;
    assert_true(spread_of_samples(schedule, net, "objective=bound rate=5e-3 ema=0", &k) > 0.9 && k > 0.0);
    assert_true(spread_of_samples(schedule, net, "objective=hybrid rate=5e-3 ema=0", &k) > 0.9 && k > -1.0);
    assert_true(spread_of_samples(schedule, net, "objective=bound edge=forward rate=5e-3 ema=0", &k) == 0.0);
    assert_true(k < -10.0);
    assert_true(spread_of_samples(bits, OWN_WEIGHTS, "objective=bound rate=5e-3 ema=0", &k) == 1.0);
    assert_true(k > -0.85 && k < -0.80); /* the truth is -0.811 */
}

/* Every reading of bits begins at weights that can be trained, and is. Four bits by themselves take 3.245 bits. */
static void bits_are_learned_from_the_initial_weights(void **state)
{
    (void)state;
    static const char *const specs[] = {
        "mlp shape=4 width=16 depth=2 predict=mean", "mlp shape=4 width=16 depth=2 predict=x0",
        "mlp shape=4 width=16 depth=2 predict=perturbation",
        "mlp shape=4 width=16 depth=2 time_features=0 readout=steps steps=8 predict=mean"};
    float bits[64 * 4];
    for (size_t i = 0; i < 64; i++)
        for (size_t j = 0; j < 4; j++)
            bits[4 * i + j] = i % 4 == j ? 1.0f : 0.0f; /* one bit of four */
    diffusion_schedule *schedule = make_schedule("constant_rate steps=8 kernel=binomial rate=0.25");
    for (size_t i = 0; i < 4; i++) {
        double k[2];
        diffusion_model *model = make_model(specs[i], 1);
        diffusion_trainer *trainer = make_trainer(model, schedule, "objective=bound rate=1e-2 seed=1 ema=0");
        for (int after = 0; after < 2; after++) {
            for (int step = 0; step < 600 && after; step++)
                assert_ok(diffusion_trainer_step(trainer, bits, NULL, 64, NULL));
            diffusion_evaluator *elbo = make_evaluator(diffusion_trainer_model(trainer), schedule, "elbo draws=4");
            assert_ok(diffusion_evaluator_run(elbo, bits, NULL, 64));
            k[after] = figure(elbo, "k_bits");
            diffusion_evaluator_free(elbo);
        }
        if (!(k[1] > -3.2 && k[1] > k[0] + 0.1))
            print_error("%s: K is %g, then %g bits; the truth is -2\n", specs[i], k[0], k[1]);
        assert_true(isfinite(k[0]) && k[1] > -3.2 && k[1] > k[0] + 0.1);
        diffusion_trainer_free(trainer);
        diffusion_model_free(model);
    }
    diffusion_schedule_free(schedule);
}

static void weights_after(float *weights, size_t count, const char *spec, const diffusion_condition *condition)
{
    const float points[4 * 2] = {1, -1, 0.5f, 2, -1, 0, 0.25f, 1};
    diffusion_schedule *schedule = make_schedule("linear steps=20");
    diffusion_model *model = make_model("mlp shape=2 width=8 depth=2 classes=3 condition=2", 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, spec);
    for (int i = 0; i < 5; i++)
        assert_ok(diffusion_trainer_step(trainer, points, condition, 4, NULL));
    assert_ok(diffusion_model_parameter(model, "hidden.0.weight", weights, count));
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* Of all samples: as if there were no condition; of none: as it is; of a share: neither. */
static void a_share_of_the_samples_loses_its_condition(void **state)
{
    (void)state;
    enum { COUNT = 8 * (2 + 32 + 3 + 2) };
    static float without[COUNT], with[COUNT], dropped[COUNT];
    const int32_t labels[4] = {0, 1, 2, 0};
    const float vectors[4 * 2] = {1, 2, 3, 4, 5, 6, 7, 8};
    diffusion_condition *condition;
    assert_ok(diffusion_condition_create(&condition, 4));
    assert_ok(diffusion_condition_set_labels(condition, labels));
    assert_ok(diffusion_condition_set_vectors(condition, vectors, 2));
    weights_after(without, COUNT, "", NULL);
    weights_after(with, COUNT, "", condition);
    weights_after(dropped, COUNT, "condition_dropout=1", condition);
    assert_same(dropped, without, sizeof without);
    weights_after(dropped, COUNT, "condition_dropout=0", condition);
    assert_same(dropped, with, sizeof with);
    weights_after(dropped, COUNT, "condition_dropout=0.5", condition);
    assert_true(memcmp(dropped, with, sizeof with) != 0 && memcmp(dropped, without, sizeof without) != 0);
    diffusion_condition_free(condition);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_epoch_is_a_permutation_and_the_next_another),
        cmocka_unit_test(what_does_not_fill_a_batch_waits_for_another_epoch),
        cmocka_unit_test(a_batch_larger_than_the_data_wraps_around),
        cmocka_unit_test(the_rate_warms_up_and_decays),
        cmocka_unit_test(clipping_shortens_the_gradient_to_its_norm),
        cmocka_unit_test(the_average_follows_the_weights),
        cmocka_unit_test(without_an_average_the_trained_model_is_given),
        cmocka_unit_test(the_gradient_is_that_of_the_next_step),
        cmocka_unit_test(masses_of_bins_cost_what_the_data_holds),
        cmocka_unit_test(step_1_is_trained_by_the_edge_that_samplers_read),
        cmocka_unit_test(a_share_of_the_samples_loses_its_condition),
        cmocka_unit_test(bits_are_learned_from_the_initial_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

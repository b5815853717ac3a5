/* Same seed, same bits: for any number of threads, any batch split, and across an interruption. */
#define _POSIX_C_SOURCE 200809L

#include "folder.h"
#include "make.h"

enum { SIDE = 5, DIM = SIDE * SIDE, DATA = 300, BATCH = 100, STEPS = 200, SAMPLES = 110 };

static const char model_spec[] =
    "mlp shape=5,5,1 width=96 depth=3 residual=yes classes=3 predict=v variance=learned_range";
#define TRAINER                                                                                                        \
    "objective=hybrid rate=2e-3 ema=0.99 clip=1 warmup=20 decay=cosine steps=200 "                                     \
    "dequantize=0.05 seed=11 weight=min_snr times=importance time_draws=low_discrepancy"
static const char trainer_spec[] = TRAINER;

static float data[DATA * DIM];
static int32_t labels[DATA];

static int enter(void **state)
{
    for (size_t i = 0; i < DATA; i++) {
        labels[i] = (int32_t)(i % 4) - 1;
        for (size_t j = 0; j < DIM; j++)
            data[i * DIM + j] = (float)sin(0.37 * (double)(i * DIM + j) * (double)(1 + i % 7));
    }
    return folder_enter(state);
}

static void train(diffusion_trainer *trainer, int steps)
{
    static float x0[BATCH * DIM];
    int32_t batch_labels[BATCH];
    int64_t indices[BATCH];
    diffusion_condition *condition = make_condition(BATCH);
    for (int step = 0; step < steps; step++) {
        assert_ok(diffusion_trainer_draw(trainer, DATA, BATCH, indices));
        for (size_t i = 0; i < BATCH; i++) {
            memcpy(x0 + i * DIM, data + indices[i] * DIM, DIM * sizeof *x0);
            batch_labels[i] = labels[indices[i]];
        }
        assert_ok(diffusion_condition_set_labels(condition, batch_labels));
        assert_ok(diffusion_trainer_step(trainer, x0, condition, BATCH, NULL));
    }
    diffusion_condition_free(condition);
}

static diffusion_trainer *new_trainer_of(const char *spec)
{
    diffusion_schedule *schedule = make_schedule("cosine steps=60");
    diffusion_model *model = make_model(model_spec, 5);
    diffusion_trainer *trainer = make_trainer(model, schedule, spec);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return trainer;
}

static diffusion_trainer *new_trainer(void)
{
    return new_trainer_of(trainer_spec);
}

/* The checkpoint's bytes: weights, averages, moments, everything. */
static unsigned char *checkpoint_bytes(const diffusion_trainer *trainer, size_t *size)
{
    assert_ok(diffusion_trainer_save(trainer, "state"));
    unsigned char *bytes = folder_read("state", size);
    unlink("state");
    return bytes;
}

static void assert_same_state(const diffusion_trainer *a, const diffusion_trainer *b)
{
    size_t a_size, b_size;
    unsigned char *a_bytes = checkpoint_bytes(a, &a_size), *b_bytes = checkpoint_bytes(b, &b_size);
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a_bytes, b_bytes, a_size);
    free(a_bytes);
    free(b_bytes);
}

static diffusion_trainer *trained_with(const char *spec, int32_t threads)
{
    assert_ok(diffusion_set_threads(threads));
    diffusion_trainer *trainer = new_trainer_of(spec);
    train(trainer, STEPS);
    return trainer;
}

static void check_threads(const char *spec)
{
    diffusion_trainer *one = trained_with(spec, 1);
    for (int32_t threads = 2; threads <= 3; threads++) {
        diffusion_trainer *more = trained_with(spec, threads);
        assert_same_state(one, more);
        diffusion_trainer_free(more);
    }
    diffusion_trainer_free(one);
    assert_ok(diffusion_set_threads(0));
}

static void training_is_the_same_for_1_2_and_3_threads(void **state)
{
    (void)state;
    check_threads(trainer_spec);
    check_threads(TRAINER " optimizer=muon");
}

static void resumed_training_is_the_same_as_uninterrupted(void **state)
{
    (void)state;
    static const char path[] = "half";
    diffusion_trainer *whole = new_trainer(), *first = new_trainer(), *second;
    train(whole, STEPS);
    train(first, 77);
    assert_ok(diffusion_trainer_save(first, path));
    diffusion_trainer_free(first);
    assert_ok(diffusion_trainer_resume(&second, path));
    assert_int_equal(diffusion_trainer_steps(second), 77);
    train(second, STEPS - 77);
    assert_same_state(whole, second);
    diffusion_trainer_free(whole);
    diffusion_trainer_free(second);
    unlink(path);
}

static void draw(const diffusion_model *model, const char *spec, size_t n, const int32_t *wanted, float *x0)
{
    diffusion_schedule *schedule = make_schedule(diffusion_model_metadata(model, "schedule"));
    diffusion_sampler *sampler = make_sampler(model, schedule, spec);
    diffusion_condition *condition = make_labels(wanted, n);
    assert_ok(diffusion_sampler_run(sampler, condition, n, x0));
    diffusion_condition_free(condition);
    diffusion_sampler_free(sampler);
    diffusion_schedule_free(schedule);
}

static void samples_are_the_same_for_any_threads_and_batches(void **state)
{
    (void)state;
    static float together[SAMPLES * DIM], again[SAMPLES * DIM];
    int32_t wanted[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++)
        wanted[i] = (int32_t)(i % 3);
    diffusion_trainer *trainer = new_trainer();
    train(trainer, 20);
    const diffusion_model *model = diffusion_trainer_model(trainer);
    assert_ok(diffusion_set_threads(1));
    draw(model, "ancestral clip=3 seed=9", SAMPLES, wanted, together);
    for (int32_t threads = 2; threads <= 3; threads++) {
        assert_ok(diffusion_set_threads(threads));
        draw(model, "ancestral clip=3 seed=9", SAMPLES, wanted, again);
        assert_memory_equal(together, again, sizeof together);
    }
    for (size_t i = 0; i < SAMPLES; i += 1 + i / 4) {
        char spec[64];
        snprintf(spec, sizeof spec, "ancestral clip=3 seed=9 first=%zu", i);
        draw(model, spec, 1, wanted + i, again + i * DIM);
    }
    assert_memory_equal(together, again, sizeof together);
    diffusion_trainer_free(trainer);
    assert_ok(diffusion_set_threads(0));
}

static double bound_of(const diffusion_model *model)
{
    diffusion_schedule *schedule = make_schedule(diffusion_model_metadata(model, "schedule"));
    diffusion_evaluator *elbo = make_evaluator(model, schedule, "elbo draws=5 dequantize=0.05");
    diffusion_condition *condition = make_labels(labels, DATA);
    assert_ok(diffusion_evaluator_run(elbo, data, condition, DATA));
    double k = figure(elbo, "k_bits");
    diffusion_condition_free(condition);
    diffusion_evaluator_free(elbo);
    diffusion_schedule_free(schedule);
    return k;
}

static void the_bound_is_the_same_for_1_2_and_3_threads(void **state)
{
    (void)state;
    diffusion_trainer *trainer = new_trainer();
    train(trainer, 20);
    assert_ok(diffusion_set_threads(1));
    double one = bound_of(diffusion_trainer_model(trainer));
    for (int32_t threads = 2; threads <= 3; threads++) {
        assert_ok(diffusion_set_threads(threads));
        assert_close(bound_of(diffusion_trainer_model(trainer)), one, 0, 0);
    }
    diffusion_trainer_free(trainer);
    assert_ok(diffusion_set_threads(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_is_the_same_for_1_2_and_3_threads),
        cmocka_unit_test(resumed_training_is_the_same_as_uninterrupted),
        cmocka_unit_test(samples_are_the_same_for_any_threads_and_batches),
        cmocka_unit_test(the_bound_is_the_same_for_1_2_and_3_threads),
    };
    return cmocka_run_group_tests(tests, enter, folder_leave);
}

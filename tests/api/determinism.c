/* Same seed, same bits: for any number of threads, any batch split, and across an interruption. */
#define _POSIX_C_SOURCE 200809L

#include "test.h"

#include <stdlib.h>

enum { SIDE = 5, DIM = SIDE * SIDE, DATA = 300, BATCH = 100, STEPS = 200, SAMPLES = 110 };

static const char model_spec[] = "mlp shape=5,5,1 width=96 depth=3 residual=yes classes=3 predict=v variance=range";
static const char trainer_spec[] = "objective=hybrid rate=2e-3 ema=0.99 clip=1 warmup=20 decay=cosine steps=200 "
                                   "dequantize=0.05 seed=11";

static float data[DATA * DIM];
static int32_t labels[DATA];

static int make_data(void **state)
{
    (void)state;
    for (size_t i = 0; i < DATA; i++) {
        labels[i] = (int32_t)(i % 4) - 1;
        for (size_t j = 0; j < DIM; j++)
            data[i * DIM + j] = (float)sin(0.37 * (double)(i * DIM + j) * (double)(1 + i % 7));
    }
    return 0;
}

static void train(diffusion_trainer *trainer, int steps)
{
    static float x0[BATCH * DIM];
    int32_t batch_labels[BATCH];
    int64_t indices[BATCH];
    for (int step = 0; step < steps; step++) {
        assert_ok(diffusion_trainer_draw(trainer, DATA, BATCH, indices));
        for (size_t i = 0; i < BATCH; i++) {
            memcpy(x0 + i * DIM, data + indices[i] * DIM, DIM * sizeof *x0);
            batch_labels[i] = labels[indices[i]];
        }
        assert_ok(diffusion_trainer_step(trainer, x0, batch_labels, BATCH, NULL));
    }
}

static diffusion_trainer *new_trainer(void)
{
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_trainer *trainer;
    assert_ok(diffusion_schedule_create(&schedule, "cosine steps=60"));
    assert_ok(diffusion_model_create(&model, model_spec, 5));
    assert_ok(diffusion_trainer_create(&trainer, model, schedule, trainer_spec));
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return trainer;
}

/* Writes the checkpoint to a file and reads it back as bytes: weights, averages, moments, everything. */
static char *checkpoint_bytes(const diffusion_trainer *trainer, size_t *size)
{
    char path[] = "/tmp/determinism-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    assert_ok(diffusion_trainer_save(trainer, path));
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    unlink(path);
    return bytes;
}

static void assert_same_state(const diffusion_trainer *a, const diffusion_trainer *b)
{
    size_t a_size, b_size;
    char *a_bytes = checkpoint_bytes(a, &a_size), *b_bytes = checkpoint_bytes(b, &b_size);
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a_bytes, b_bytes, a_size);
    free(a_bytes);
    free(b_bytes);
}

static diffusion_trainer *trained_with(int32_t threads)
{
    assert_ok(diffusion_set_threads(threads));
    diffusion_trainer *trainer = new_trainer();
    train(trainer, STEPS);
    return trainer;
}

static void training_is_the_same_for_1_2_and_3_threads(void **state)
{
    (void)state;
    diffusion_trainer *one = trained_with(1);
    for (int32_t threads = 2; threads <= 3; threads++) {
        diffusion_trainer *more = trained_with(threads);
        assert_same_state(one, more);
        diffusion_trainer_free(more);
    }
    diffusion_trainer_free(one);
    assert_ok(diffusion_set_threads(0));
}

static void resumed_training_is_the_same_as_uninterrupted(void **state)
{
    (void)state;
    char path[] = "/tmp/determinism-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
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
    diffusion_schedule *schedule;
    diffusion_sampler *sampler;
    assert_ok(diffusion_schedule_create(&schedule, diffusion_model_metadata(model, "schedule")));
    assert_ok(diffusion_sampler_create(&sampler, model, schedule, spec));
    assert_ok(diffusion_sampler_run(sampler, wanted, n, x0));
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
    diffusion_schedule *schedule;
    diffusion_bound *bound;
    double k;
    assert_ok(diffusion_schedule_create(&schedule, diffusion_model_metadata(model, "schedule")));
    assert_ok(diffusion_bound_evaluate(&bound, model, schedule, data, labels, DATA, "draws=5 dequantize=0.05"));
    assert_ok(diffusion_bound_value(bound, "k_bits", &k));
    diffusion_bound_free(bound);
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
    return cmocka_run_group_tests(tests, make_data, NULL);
}

/* Several threads at once: one model and schedule that all of them read, and two trainings side by side. Each must come
 * to the bits that it comes to alone. */
#include "make.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 2, N = 150, DIM = 2, STEPS = 6, TRAINED = 15, WEIGHTS = 1024 };

static float x[N * DIM];
static int32_t t[N];
static double time_of[N];
static diffusion_condition *condition; /* labels, which all threads read */

/* What one thread reads off the shared objects. */
typedef struct readings {
    float out[N * DIM], mean[N * DIM], variance[N * DIM], samples[N * DIM];
    double k[N];
} readings;

typedef struct shared_world {
    diffusion_schedule *schedule;
    diffusion_model *model;
} shared_world;

typedef struct reader {
    const shared_world *shared;
    readings got;
    diffusion_status status;
    int rounds;
} reader;

/* Without asserts: cmocka's belong to the main thread. */
static diffusion_status read_all(const shared_world *shared, readings *to)
{
    diffusion_sampler *sampler = NULL;
    diffusion_evaluator *elbo = NULL;
    diffusion_status status = diffusion_model_forward(shared->model, x, time_of, condition, N, to->out);
    if (status == DIFFUSION_OK)
        status = diffusion_model_predict(shared->model, shared->schedule, x, t, condition, N, to->mean, to->variance);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_create(&sampler, shared->model, shared->schedule, "ancestral seed=9");
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_run(sampler, condition, N, to->samples);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_create(&elbo, shared->model, shared->schedule, "elbo seed=4");
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_run(elbo, x, condition, N);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_samples(elbo, to->k, NULL, N);
    diffusion_evaluator_free(elbo);
    diffusion_sampler_free(sampler);
    return status;
}

static void *read_in_a_thread(void *argument)
{
    reader *self = argument;
    self->status = diffusion_set_threads(1 + self->rounds % 3);
    for (int i = 0; i < ROUNDS && self->status == DIFFUSION_OK; i++)
        self->status = read_all(self->shared, &self->got);
    return NULL;
}

/* The truth is that of another model of the same weights: what is prepared at first use is prepared by the readers. */
static void check_shared(const char *spec)
{
    static reader readers[THREADS];
    static readings truth;
    pthread_t threads[THREADS];
    shared_world shared = {make_schedule("linear steps=6 beta_start=0.05 beta_end=0.5"), make_model(spec, 1)};
    shared_world alone = {shared.schedule, make_model(spec, 1)};
    fill_weights(shared.model, 4);
    fill_weights(alone.model, 4);
    assert_ok(read_all(&alone, &truth));
    diffusion_model_free(alone.model);
    for (int i = 0; i < THREADS; i++) {
        readers[i].shared = &shared;
        readers[i].rounds = i;
        assert_int_equal(pthread_create(&threads[i], NULL, read_in_a_thread, &readers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(readers[i].status, DIFFUSION_OK);
        assert_same(readers[i].got.out, truth.out, sizeof truth.out);
        assert_same(readers[i].got.mean, truth.mean, sizeof truth.mean);
        assert_same(readers[i].got.variance, truth.variance, sizeof truth.variance);
        assert_same(readers[i].got.samples, truth.samples, sizeof truth.samples);
        assert_same(readers[i].got.k, truth.k, sizeof truth.k);
    }
    diffusion_model_free(shared.model);
    diffusion_schedule_free(shared.schedule);
}

static void a_model_is_shared_by_threads(void **state)
{
    (void)state;
    check_shared("mlp shape=2 width=16 depth=2 time_features=4 classes=3");
    check_shared("unet shape=2,1,1 channels=16 blocks=1 groups=4 classes=3");
}

/* One training from the making of its model to its last weights. */
typedef struct training {
    const diffusion_schedule *schedule; /* shared */
    const char *model_spec, *spec;
    float weights[WEIGHTS];
    double loss;
    diffusion_status status;
} training;

static diffusion_status copy_weights(const diffusion_model *model, float *to)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < diffusion_model_parameter_count(model) && status == DIFFUSION_OK; i++) {
        const char *name = diffusion_model_parameter_name(model, i);
        int64_t shape[2] = {1, 1};
        size_t rank;
        status = diffusion_model_parameter_shape(model, name, shape, 2, &rank);
        size_t count = (size_t)(rank == 2 ? shape[0] * shape[1] : shape[0]);
        if (status == DIFFUSION_OK)
            status = diffusion_model_parameter(model, name, to, count);
        to += count;
    }
    return status;
}

static void *train_in_a_thread(void *argument)
{
    training *self = argument;
    diffusion_model *model = NULL;
    diffusion_trainer *trainer = NULL;
    self->status = diffusion_model_create(&model, self->model_spec, 7);
    if (self->status == DIFFUSION_OK)
        self->status = diffusion_trainer_create(&trainer, model, self->schedule, self->spec);
    for (int i = 0; i < TRAINED && self->status == DIFFUSION_OK; i++)
        self->status = diffusion_trainer_step(trainer, x, NULL, N, &self->loss);
    if (self->status == DIFFUSION_OK)
        self->status = copy_weights(diffusion_trainer_model(trainer), self->weights);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    return NULL;
}

static void two_trainings_run_side_by_side(void **state)
{
    (void)state;
    static training alone[2], beside[2];
    diffusion_schedule *schedule = make_schedule("linear steps=6 beta_start=0.05 beta_end=0.5");
    const training first = {
        .schedule = schedule, .model_spec = "mlp shape=2 width=16 depth=2 time_features=4", .spec = "rate=0.01"};
    const training second = {.schedule = schedule,
                             .model_spec =
                                 "mlp shape=2 width=12 depth=1 time_features=6 activation=tanh variance=learned_range",
                             .spec = "objective=hybrid optimizer=adamw ema=0.9"};
    pthread_t threads[2];
    alone[0] = beside[0] = first;
    alone[1] = beside[1] = second;
    for (int i = 0; i < 2; i++) {
        (void)train_in_a_thread(&alone[i]);
        assert_ok(alone[i].status);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, train_in_a_thread, &beside[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(beside[i].status, DIFFUSION_OK);
        assert_same(&beside[i].loss, &alone[i].loss, sizeof alone[i].loss);
        assert_same(beside[i].weights, alone[i].weights, sizeof alone[i].weights);
    }
    diffusion_schedule_free(schedule);
}

/* Handles that keep the same schedule and model are made and freed in every thread: the counts must hold. */
static void *make_and_free(void *argument)
{
    const shared_world *shared = argument;
    for (int i = 0; i < 200; i++) {
        diffusion_sampler *sampler = NULL;
        if (diffusion_sampler_create(&sampler, shared->model, shared->schedule, "ancestral steps=3") != DIFFUSION_OK)
            return argument;
        diffusion_sampler_free(sampler);
    }
    return NULL;
}

static void handles_may_be_made_and_freed_in_any_thread(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    shared_world shared = {make_schedule("linear steps=6"),
                           make_model("mlp shape=2 width=4 depth=1 time_features=2", 1)};
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_and_free, &shared), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    float out[DIM];
    assert_ok(diffusion_model_forward(shared.model, x, time_of, NULL, 1, out));
    diffusion_model_free(shared.model);
    diffusion_schedule_free(shared.schedule);
}

static int fill(void **state)
{
    (void)state;
    int32_t labels[N];
    make_numbers(x, N * DIM, 5);
    for (int i = 0; i < N; i++) {
        t[i] = 1 + i % STEPS;
        labels[i] = i % 4 - 1;
    }
    make_times(time_of, t, N);
    condition = make_labels(labels, N);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    diffusion_condition_free(condition);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_shared_by_threads),
        cmocka_unit_test(two_trainings_run_side_by_side),
        cmocka_unit_test(handles_may_be_made_and_freed_in_any_thread),
    };
    return cmocka_run_group_tests(tests, fill, leave);
}

/* A sampler's promises: seeds, steps one by one, progress, labels, and what is refused. */
#include "make.h"

enum { STEPS = 8, N = 5, DIM = 2, COUNT = N * DIM };

static int make_world(void **state)
{
    return make_world_of(state, "linear steps=8 beta_start=0.05 beta_end=0.5",
                         "mlp shape=2 width=8 depth=2 time_features=4 classes=3");
}

static void draw(const world *from, const char *spec, const int32_t *labels, size_t n, float *x0)
{
    diffusion_condition *condition = make_labels(labels, n);
    diffusion_sampler *sampler = make_sampler(from->model, from->schedule, spec);
    assert_ok(diffusion_sampler_run(sampler, condition, n, x0));
    diffusion_sampler_free(sampler);
    diffusion_condition_free(condition);
}

static void step_by_step_is_the_whole_run(void **state)
{
    const world *self = *state;
    static const char *const specs[] = {"ancestral seed=3", "ancestral seed=3 last=model",
                                        "ancestral seed=3 last=forward", "ancestral seed=3 steps=4"};
    for (size_t i = 0; i < 4; i++) {
        float whole[COUNT], x[COUNT], first[COUNT];
        double t = -5, before;
        draw(self, specs[i], NULL, N, whole);
        diffusion_sampler *sampler = make_sampler(self->model, self->schedule, specs[i]);
        assert_refused(diffusion_sampler_state(sampler, x, &t), DIFFUSION_E_STATE, "sampler_state: no chain has begun");
        assert_refused(diffusion_sampler_step(sampler), DIFFUSION_E_STATE, "sampler_step: no chain has begun");
        assert_true(t == -5);
        assert_ok(diffusion_sampler_begin(sampler, NULL, N));
        assert_ok(diffusion_sampler_state(sampler, first, &t));
        assert_true(t == STEPS);
        for (before = t + 1; t > 0; before = t) {
            assert_ok(diffusion_sampler_state(sampler, NULL, NULL));
            assert_ok(diffusion_sampler_state(sampler, NULL, &t));
            assert_true(t < before);
            if (t > 0)
                assert_ok(diffusion_sampler_step(sampler));
        }
        assert_ok(diffusion_sampler_state(sampler, x, NULL));
        assert_same(x, whole, sizeof x);
        assert_memory_not_equal(x, first, sizeof x);
        assert_refused(diffusion_sampler_step(sampler), DIFFUSION_E_STATE, "sampler_step: the chain has reached x_0");
        assert_ok(diffusion_sampler_state(sampler, x, &t));
        assert_true(t == 0);
        diffusion_sampler_free(sampler);
    }
}

static void a_sample_depends_on_its_seed_and_index_alone(void **state)
{
    const world *self = *state;
    float all[COUNT], again[COUNT], other[COUNT], two[2 * DIM];
    draw(self, "ancestral seed=3", NULL, N, all);
    draw(self, "ancestral seed=4", NULL, N, other);
    assert_memory_not_equal(other, all, sizeof all);
    draw(self, "ancestral seed=3 first=2", NULL, 2, two);
    assert_same(two, all + 2 * DIM, sizeof two);
    diffusion_sampler *sampler = make_sampler(self->model, self->schedule, "ancestral seed=3");
    for (int i = 0; i < 2; i++) { /* a sampler may run again, and draws the same */
        assert_ok(diffusion_sampler_run(sampler, NULL, N, again));
        assert_same(again, all, sizeof all);
        assert_ok(diffusion_sampler_run(sampler, NULL, 2, two));
        assert_same(two, all, sizeof two);
    }
    assert_ok(diffusion_sampler_run(sampler, NULL, 0, again));
    diffusion_sampler_free(sampler);
}

static void labels_are_copied_and_minus_one_is_none(void **state)
{
    const world *self = *state;
    const int32_t none[N] = {-1, -1, -1, -1, -1}, some[N] = {0, 1, 2, -1, 0};
    float without[COUNT], with[COUNT];
    draw(self, "ancestral", NULL, N, without);
    draw(self, "ancestral", none, N, with);
    assert_same(with, without, sizeof with);
    draw(self, "ancestral", some, N, with);
    assert_memory_not_equal(with, without, DIM * sizeof *with);
    assert_same(with + 3 * DIM, without + 3 * DIM, DIM * sizeof *with);
    diffusion_sampler *sampler = make_sampler(self->model, self->schedule, "ancestral");
    diffusion_condition *condition = make_labels(some, N);
    assert_ok(diffusion_sampler_begin(sampler, condition, N));
    assert_ok(diffusion_condition_set_labels(condition, none));
    diffusion_condition_free(condition);
    for (int i = 0; i < STEPS; i++)
        assert_ok(diffusion_sampler_step(sampler));
    assert_ok(diffusion_sampler_state(sampler, without, NULL));
    assert_same(without, with, sizeof with);
    diffusion_sampler_free(sampler);
}

typedef struct listener {
    int64_t calls, stop_at;
    int32_t value;
} listener;

static int32_t listen(int64_t done, int64_t total, void *user)
{
    listener *self = user;
    assert_int_equal(done, N * ++self->calls);
    assert_int_equal(total, N * STEPS);
    return self->calls == self->stop_at ? self->value : 0;
}

static void progress_is_told_and_may_stop_the_run(void **state)
{
    const world *self = *state;
    float truth[COUNT], x0[COUNT];
    draw(self, "ancestral seed=3", NULL, N, truth);
    diffusion_sampler *sampler = make_sampler(self->model, self->schedule, "ancestral seed=3");
    for (int64_t stop = 1; stop <= STEPS; stop++) {
        listener user = {0, stop, -999};
        x0[0] = 5;
        assert_ok(diffusion_sampler_set_progress(sampler, listen, &user));
        assert_int_equal(diffusion_sampler_run(sampler, NULL, N, x0), -999);
        assert_int_equal(user.calls, stop);
        assert_true(x0[0] == 5);
    }
    listener user = {0, 0, 0};
    assert_ok(diffusion_sampler_set_progress(sampler, listen, &user));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    assert_int_equal(user.calls, STEPS);
    assert_same(x0, truth, sizeof x0);
    assert_ok(diffusion_sampler_set_progress(sampler, NULL, NULL));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    assert_int_equal(user.calls, STEPS);
    diffusion_sampler_free(sampler);
}

typedef struct witness {
    int64_t calls, last, stop_at;
} witness;

static int32_t watch(int64_t done, int64_t total, void *user)
{
    witness *self = user;
    assert_true(done > self->last && done <= total);
    self->calls++;
    self->last = done;
    return done >= self->stop_at ? -5 : 0;
}

/* A step of many samples is told of before it ends, may be stopped there, and comes to the same bits. */
static void progress_is_told_within_a_step(void **state)
{
    enum { MANY = 300 };
    const world *self = *state;
    static float alone[MANY * DIM], watched[MANY * DIM];
    witness user = {0, 0, INT64_MAX};
    diffusion_sampler *sampler = make_sampler(self->model, self->schedule, "ancestral seed=3");
    assert_ok(diffusion_sampler_run(sampler, NULL, MANY, alone));
    assert_ok(diffusion_sampler_set_progress(sampler, watch, &user));
    assert_ok(diffusion_sampler_run(sampler, NULL, MANY, watched));
    assert_same(watched, alone, sizeof alone);
    assert_true(user.calls > STEPS && user.last == (int64_t)MANY * STEPS);
    diffusion_sampler_free(sampler);
    sampler = make_sampler(self->model, self->schedule, "ancestral seed=3");
    user = (witness){0, 0, 1};
    assert_ok(diffusion_sampler_set_progress(sampler, watch, &user));
    assert_int_equal(diffusion_sampler_run(sampler, NULL, MANY, watched), -5);
    assert_true(user.last < MANY);
    assert_refused(diffusion_sampler_step(sampler), DIFFUSION_E_STATE, "no chain has begun");
    diffusion_sampler_free(sampler);
}

static int32_t watch_beginning(int64_t done, int64_t total, void *user)
{
    witness *self = user;
    assert_true(done >= self->last && done <= total); /* 0 while the first state is made */
    self->calls++;
    self->last = done;
    return 0;
}

/* An observation whose noise lies between two steps asks the network for the first state, too. */
static void progress_is_told_while_a_chain_begins(void **state)
{
    enum { MANY = 300 };
    const world *self = *state;
    static float x0[MANY * DIM];
    const float y[DIM] = {0.5f, -0.5f};
    witness user = {0, 0, 0};
    diffusion_sampler *sampler = make_sampler(self->model, self->schedule, "ancestral last=model posterior=exact");
    assert_ok(diffusion_sampler_set_progress(sampler, watch_beginning, &user));
    for (double noise = 0.01; noise < 0.5; noise *= 1.3) {
        user.last = 0;
        assert_ok(diffusion_sampler_set_observed(sampler, y, noise, 1));
        assert_ok(diffusion_sampler_run(sampler, NULL, MANY, x0));
    }
    diffusion_sampler_free(sampler);
}

static int32_t ones(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)sample, (void)step, (void)user;
    for (size_t i = 0; i < count; i++)
        values[i] = 1.0;
    return 0;
}

static void the_generator_comes_back_after_a_noise_callback(void **state)
{
    const world *self = *state;
    float truth[COUNT], x0[COUNT];
    draw(self, "ancestral seed=3", NULL, N, truth);
    diffusion_sampler *sampler = make_sampler(self->model, self->schedule, "ancestral seed=3");
    assert_ok(diffusion_sampler_set_noise(sampler, ones, NULL));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    assert_memory_not_equal(x0, truth, sizeof x0);
    assert_ok(diffusion_sampler_set_noise(sampler, NULL, NULL));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    assert_same(x0, truth, sizeof x0);
    diffusion_sampler_free(sampler);
}

static void model_and_schedule_may_be_freed_at_once(void **state)
{
    const world *self = *state;
    float truth[COUNT], x0[COUNT];
    draw(self, "ancestral seed=3 steps=4", NULL, N, truth);
    diffusion_schedule *schedule = make_schedule(diffusion_schedule_spec(self->schedule));
    diffusion_model *model = make_model(diffusion_model_spec(self->model), 1);
    fill_weights(model, 4);
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral seed=3 steps=4");
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    assert_same(x0, truth, sizeof x0);
    diffusion_sampler_free(sampler);
}

static int32_t spoilt(const float *x, const double *time, const diffusion_condition *condition, size_t n, float *out,
                      void *user)
{
    (void)x, (void)condition;
    for (size_t i = 0; i < 2 * n * DIM; i++)
        out[i] =
            (int32_t)time[0] == *(const int32_t *)user ? (i / DIM % 2 ? NAN : 0.0f) : 0.0f; /* the variance alone */
    return 0;
}

/* The value of a model's callback comes back; a spoilt output is refused at whichever step it appears, the last too. */
static void a_failing_model_leaves_the_result_untouched(void **state)
{
    const world *self = *state;
    for (int32_t step = 1; step <= STEPS; step++) {
        float x0[COUNT] = {5};
        diffusion_model *model = make_callback("shape=2 variance=learned_range", spoilt, &step);
        diffusion_sampler *sampler = make_sampler(model, self->schedule, "ancestral last=model");
        assert_refused(diffusion_sampler_run(sampler, NULL, N, x0), DIFFUSION_E_NONFINITE,
                       "the model's variance at step ");
        assert_true(x0[0] == 5);
        assert_refused(diffusion_sampler_state(sampler, x0, NULL), DIFFUSION_E_STATE, "no chain has begun");
        diffusion_sampler_free(sampler);
        diffusion_model_free(model);
    }
}

static void a_wrong_argument_is_refused(void **state)
{
    const world *self = *state;
    const int32_t labels[2] = {0, 3};
    float x0[COUNT] = {5};
    diffusion_condition *condition = make_labels(labels, 2);
    diffusion_sampler *none = NULL, *sampler = make_sampler(self->model, self->schedule, "ancestral");
    assert_refused(diffusion_sampler_run(sampler, condition, 2, x0), DIFFUSION_E_LABEL,
                   "sampler: labels[1]=3, expected -1..2");
    assert_refused(diffusion_sampler_begin(sampler, condition, 2), DIFFUSION_E_LABEL, "labels[1]=3");
    assert_refused(diffusion_sampler_run(sampler, NULL, SIZE_MAX / 4, x0), DIFFUSION_E_MEMORY, "addressed");
    assert_true(x0[0] == 5);
    assert_refused(diffusion_sampler_run(NULL, NULL, 1, x0), DIFFUSION_E_ARGUMENT, "sampler_run: sampler is NULL");
    assert_refused(diffusion_sampler_run(sampler, NULL, 1, NULL), DIFFUSION_E_ARGUMENT, "sampler_run: x0 is NULL");
    assert_refused(diffusion_sampler_begin(NULL, NULL, 1), DIFFUSION_E_ARGUMENT, "sampler_begin: sampler is NULL");
    assert_refused(diffusion_sampler_step(NULL), DIFFUSION_E_ARGUMENT, "sampler_step: sampler is NULL");
    assert_refused(diffusion_sampler_state(NULL, x0, NULL), DIFFUSION_E_ARGUMENT, "sampler_state: sampler is NULL");
    assert_refused(diffusion_sampler_set_noise(NULL, ones, NULL), DIFFUSION_E_ARGUMENT, "sampler is NULL");
    assert_refused(diffusion_sampler_set_progress(NULL, listen, NULL), DIFFUSION_E_ARGUMENT, "sampler is NULL");
    assert_refused(diffusion_sampler_create(NULL, self->model, self->schedule, "ancestral"), DIFFUSION_E_ARGUMENT,
                   "sampler_create: out is NULL");
    assert_refused(diffusion_sampler_create(&none, NULL, self->schedule, "ancestral"), DIFFUSION_E_ARGUMENT,
                   "sampler_create: model is NULL");
    assert_refused(diffusion_sampler_create(&none, self->model, NULL, "ancestral"), DIFFUSION_E_ARGUMENT,
                   "sampler_create: schedule is NULL");
    assert_refused(diffusion_sampler_create(&none, self->model, self->schedule, NULL), DIFFUSION_E_ARGUMENT,
                   "sampler_create: spec is NULL");
    assert_null(none);
    diffusion_condition_free(condition);
    diffusion_sampler_free(sampler);
    diffusion_sampler_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_by_step_is_the_whole_run),
        cmocka_unit_test(a_sample_depends_on_its_seed_and_index_alone),
        cmocka_unit_test(labels_are_copied_and_minus_one_is_none),
        cmocka_unit_test(progress_is_told_and_may_stop_the_run),
        cmocka_unit_test(progress_is_told_within_a_step),
        cmocka_unit_test(progress_is_told_while_a_chain_begins),
        cmocka_unit_test(the_generator_comes_back_after_a_noise_callback),
        cmocka_unit_test(model_and_schedule_may_be_freed_at_once),
        cmocka_unit_test(a_failing_model_leaves_the_result_untouched),
        cmocka_unit_test(a_wrong_argument_is_refused),
    };
    return cmocka_run_group_tests(tests, make_world, free_world);
}

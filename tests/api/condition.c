/* Conditions: what is set comes back, what is wrong is refused where it is set or where it meets a model. */
#include "guard.h"

enum { N = 4, DIM = 3, WIDTH = 2 };

static const int32_t labels[N] = {0, 2, -1, 1};
static const float vectors[N * WIDTH] = {1, -2, 0.5f, 0, 3, 4, -1, 0.25f};
static const uint8_t observed[N * DIM] = {1, 0, 7, 0, 0, 0, 1, 1, 1, 0, 255, 1};

static void what_is_set_is_copied_and_comes_back(void **state)
{
    (void)state;
    int32_t own_labels[N];
    float own_vectors[N * WIDTH];
    uint8_t own_observed[N * DIM];
    size_t width = 99;
    diffusion_condition *self = make_condition(N);
    assert_int_equal(diffusion_condition_count(self), N);
    assert_null(diffusion_condition_labels(self));
    assert_null(diffusion_condition_vectors(self, &width));
    assert_int_equal(width, 0);
    assert_null(diffusion_condition_observed(self));
    memcpy(own_labels, labels, sizeof labels);
    memcpy(own_vectors, vectors, sizeof vectors);
    memcpy(own_observed, observed, sizeof observed);
    assert_ok(diffusion_condition_set_labels(self, own_labels));
    assert_ok(diffusion_condition_set_vectors(self, own_vectors, WIDTH));
    assert_ok(diffusion_condition_set_observed(self, own_observed, DIM));
    memset(own_labels, 0x55, sizeof own_labels);
    memset(own_vectors, 0x55, sizeof own_vectors);
    memset(own_observed, 0x55, sizeof own_observed);
    assert_same(diffusion_condition_labels(self), labels, sizeof labels);
    assert_same(diffusion_condition_vectors(self, &width), vectors, sizeof vectors);
    assert_int_equal(width, WIDTH);
    assert_non_null(diffusion_condition_vectors(self, NULL));
    assert_same(diffusion_condition_observed(self), observed, sizeof observed);
    diffusion_condition_free(self);
}

/* Each by itself: the others stay. */
static void what_is_set_can_be_removed_and_set_again(void **state)
{
    (void)state;
    size_t width = 99;
    diffusion_condition *self = make_labels(labels, N);
    assert_ok(diffusion_condition_set_vectors(self, vectors, WIDTH));
    assert_ok(diffusion_condition_set_observed(self, observed, DIM));
    assert_ok(diffusion_condition_set_vectors(self, NULL, 0));
    assert_null(diffusion_condition_vectors(self, &width));
    assert_int_equal(width, 0);
    assert_same(diffusion_condition_labels(self), labels, sizeof labels);
    assert_ok(diffusion_condition_set_labels(self, NULL));
    assert_null(diffusion_condition_labels(self));
    assert_same(diffusion_condition_observed(self), observed, sizeof observed);
    assert_ok(diffusion_condition_set_observed(self, NULL, 0));
    assert_null(diffusion_condition_observed(self));
    assert_ok(diffusion_condition_set_vectors(self, vectors, 1));
    assert_same(diffusion_condition_vectors(self, &width), vectors, N * sizeof *vectors);
    assert_int_equal(width, 1);
    diffusion_condition_free(self);
}

static void a_wrong_setting_is_refused_and_the_old_one_kept(void **state)
{
    (void)state;
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    const diffusion_status argument = DIFFUSION_E_ARGUMENT;
    size_t width = 99;
    diffusion_condition *self = make_labels(labels, N), *huge = make_condition(SIZE_MAX / 2);
    assert_ok(diffusion_condition_set_vectors(self, vectors, WIDTH));
    for (size_t i = 0; i < 3; i++) {
        float spoilt[N * WIDTH] = {0};
        spoilt[5] = bad[i];
        assert_refused(diffusion_condition_set_vectors(self, spoilt, WIDTH), DIFFUSION_E_NONFINITE,
                       "condition_set_vectors: value 1 of sample 2 is ");
    }
    assert_refused(diffusion_condition_set_vectors(self, vectors, SIZE_MAX / 2), DIFFUSION_E_MEMORY, "addressed");
    assert_refused(diffusion_condition_set_observed(self, observed, SIZE_MAX / 2), DIFFUSION_E_MEMORY, "addressed");
    assert_refused(diffusion_condition_set_labels(huge, labels), DIFFUSION_E_MEMORY, "addressed");
    assert_same(diffusion_condition_vectors(self, &width), vectors, sizeof vectors);
    assert_int_equal(width, WIDTH);
    assert_null(diffusion_condition_observed(self));
    assert_refused(diffusion_condition_create(NULL, 1), argument, "condition_create: out is NULL");
    assert_refused(diffusion_condition_set_labels(NULL, labels), argument, "set_labels: condition is NULL");
    assert_refused(diffusion_condition_set_vectors(NULL, vectors, 1), argument, "set_vectors: condition is NULL");
    assert_refused(diffusion_condition_set_observed(NULL, observed, 1), argument, "set_observed: condition is NULL");
    assert_int_equal(diffusion_condition_count(NULL), 0);
    assert_null(diffusion_condition_labels(NULL));
    assert_null(diffusion_condition_vectors(NULL, &width));
    assert_int_equal(width, 0);
    assert_null(diffusion_condition_observed(NULL));
    diffusion_condition_free(self);
    diffusion_condition_free(huge);
    diffusion_condition_free(NULL);
}

/* ---- where model and condition meet ---- */

typedef struct meeting {
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_trainer *trainer;
    diffusion_sampler *sampler;
    diffusion_evaluator *elbo;
} meeting;

static int enter(void **state)
{
    static meeting self;
    self.schedule = make_schedule("linear steps=5 beta_start=0.1 beta_end=0.5");
    self.model = make_model("mlp shape=3 width=4 depth=1 time_features=2 classes=3 condition=2", 1);
    self.trainer = make_trainer(self.model, self.schedule, "");
    self.sampler = make_sampler(self.model, self.schedule, "ancestral");
    self.elbo = make_evaluator(self.model, self.schedule, "elbo");
    *state = &self;
    return 0;
}

static int leave(void **state)
{
    meeting *self = *state;
    diffusion_evaluator_free(self->elbo);
    diffusion_sampler_free(self->sampler);
    diffusion_trainer_free(self->trainer);
    diffusion_model_free(self->model);
    diffusion_schedule_free(self->schedule);
    return 0;
}

static const float x[N * DIM] = {1, 2, 3, -1, -2, -3, 0.5f, 0.25f, 0, 1, 1, 1};
static const int32_t t[N] = {1, 2, 3, 5};

/* All but the trainer, whose loss reads what is observed. */
static void assert_refused_by_networks(const meeting *self, const diffusion_condition *condition,
                                       diffusion_status status, const char *sentence)
{
    float out[N * DIM], variance[N * DIM];
    double time_of[N];
    make_times(time_of, t, N);
    guard(out, N * DIM);
    guard(variance, N * DIM);
    assert_refused(diffusion_model_forward(self->model, x, time_of, condition, N, out), status, sentence);
    assert_refused(diffusion_model_predict(self->model, self->schedule, x, t, condition, N, out, variance), status,
                   sentence);
    assert_refused(diffusion_sampler_run(self->sampler, condition, N, out), status, sentence);
    assert_refused(diffusion_sampler_begin(self->sampler, condition, N), status, sentence);
    assert_refused(diffusion_sampler_step(self->sampler), DIFFUSION_E_STATE, "no chain has begun");
    assert_refused(diffusion_evaluator_run(self->elbo, x, condition, N), status, sentence);
    assert_untouched(out, N * DIM);
    assert_untouched(variance, N * DIM);
}

static void assert_refused_by_trainer(const meeting *self, const diffusion_condition *condition,
                                      diffusion_status status, const char *sentence)
{
    double loss = -5;
    assert_refused(diffusion_trainer_step(self->trainer, x, condition, N, &loss), status, sentence);
    assert_refused(diffusion_trainer_gradient(self->trainer, x, condition, N, &loss, NULL, 0), status, sentence);
    assert_true(loss == -5);
    assert_int_equal(diffusion_trainer_steps(self->trainer), 0);
}

static void assert_refused_by_all(const meeting *self, const diffusion_condition *condition, diffusion_status status,
                                  const char *sentence)
{
    assert_refused_by_networks(self, condition, status, sentence);
    assert_refused_by_trainer(self, condition, status, sentence);
}

static void a_condition_of_other_sizes_is_refused(void **state)
{
    diffusion_condition *other = make_condition(N + 1), *self = make_condition(N);
    assert_refused_by_all(*state, other, DIFFUSION_E_SHAPE, "the condition is of 5 samples, expected 4");
    assert_ok(diffusion_condition_set_vectors(self, vectors, 1));
    assert_refused_by_all(*state, self, DIFFUSION_E_SHAPE, "vectors of 1 values, expected 2");
    assert_ok(diffusion_condition_set_vectors(self, vectors, WIDTH));
    assert_ok(diffusion_condition_set_observed(self, observed, DIM - 1));
    assert_refused_by_all(*state, self, DIFFUSION_E_SHAPE, "observed has 2 values to a sample, expected 3");
    diffusion_condition_free(other);
    diffusion_condition_free(self);
}

static void a_label_that_the_model_does_not_have_is_refused(void **state)
{
    const int32_t high[N] = {0, 1, 3, 2}, low[N] = {-2, 0, 0, 0};
    diffusion_condition *self = make_labels(high, N);
    assert_refused_by_all(*state, self, DIFFUSION_E_LABEL, "labels[2]=3, expected -1..2");
    assert_ok(diffusion_condition_set_labels(self, low));
    assert_refused_by_all(*state, self, DIFFUSION_E_LABEL, "labels[0]=-2, expected -1..2");
    diffusion_condition_free(self);
}

static void networks_do_not_read_what_is_observed(void **state)
{
    diffusion_condition *self = make_condition(N);
    assert_ok(diffusion_condition_set_observed(self, observed, DIM));
    assert_refused_by_networks(*state, self, DIFFUSION_E_ARGUMENT,
                               "observed, which this model's network does not read");
    diffusion_condition_free(self);
}

/* A model without vectors has the width 0. */
static void vectors_for_a_model_without_them_are_refused(void **state)
{
    (void)state;
    float out[N * DIM];
    double time_of[N];
    make_times(time_of, t, N);
    diffusion_condition *self = make_condition(N);
    diffusion_model *plain = make_model("mlp shape=3 width=4 depth=1 time_features=2", 1);
    assert_ok(diffusion_condition_set_vectors(self, vectors, WIDTH));
    assert_refused(diffusion_model_forward(plain, x, time_of, self, N, out), DIFFUSION_E_SHAPE,
                   "vectors of 2 values, expected 0");
    diffusion_model_free(plain);
    diffusion_condition_free(self);
}

/* Nothing set is no condition; n = 0 samples have none. */
static void an_empty_condition_is_none(void **state)
{
    const meeting *self = *state;
    float without[N * DIM], with[N * DIM];
    diffusion_condition *empty = make_condition(N), *of_none = make_condition(0);
    assert_ok(diffusion_sampler_run(self->sampler, NULL, N, without));
    assert_ok(diffusion_sampler_run(self->sampler, empty, N, with));
    assert_same(with, without, sizeof with);
    assert_ok(diffusion_condition_set_labels(of_none, labels));
    assert_ok(diffusion_condition_set_vectors(of_none, vectors, WIDTH));
    assert_ok(diffusion_sampler_run(self->sampler, of_none, 0, with));
    assert_same(with, without, sizeof with);
    diffusion_condition_free(empty);
    diffusion_condition_free(of_none);
}

/* What a chain has begun with is its own: the handle may change, and go. */
static void a_chain_keeps_a_copy(void **state)
{
    const meeting *self = *state;
    float truth[N * DIM], got[N * DIM];
    double at;
    diffusion_condition *condition = make_labels(labels, N);
    assert_ok(diffusion_condition_set_vectors(condition, vectors, WIDTH));
    assert_ok(diffusion_sampler_run(self->sampler, condition, N, truth));
    assert_ok(diffusion_sampler_begin(self->sampler, condition, N));
    assert_ok(diffusion_condition_set_labels(condition, NULL));
    assert_ok(diffusion_condition_set_vectors(condition, NULL, 0));
    diffusion_condition_free(condition);
    do {
        assert_ok(diffusion_sampler_step(self->sampler));
        assert_ok(diffusion_sampler_state(self->sampler, got, &at));
    } while (at > 0);
    assert_same(got, truth, sizeof truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_set_is_copied_and_comes_back),
        cmocka_unit_test(what_is_set_can_be_removed_and_set_again),
        cmocka_unit_test(a_wrong_setting_is_refused_and_the_old_one_kept),
        cmocka_unit_test(a_condition_of_other_sizes_is_refused),
        cmocka_unit_test(a_label_that_the_model_does_not_have_is_refused),
        cmocka_unit_test(networks_do_not_read_what_is_observed),
        cmocka_unit_test(vectors_for_a_model_without_them_are_refused),
        cmocka_unit_test(an_empty_condition_is_none),
        cmocka_unit_test(a_chain_keeps_a_copy),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}

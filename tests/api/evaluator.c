/* An evaluator as an object: its state before, between and after runs, whoever reads it. */
#include "make.h"

#include <pthread.h>

enum { STEPS = 6, N = 4, DIM = 2, THREADS = 4 };

static const float data[N * DIM] = {0.5f, -1.0f, 1.0f, 1.0f, -0.25f, 0.0f, -1.0f, 0.75f};
static const float other[3 * DIM] = {0.25f, 0.5f, 1.0f, -1.0f, 2.0f, 0.0f};

static int make_world(void **state)
{
    return make_world_of(state, "linear steps=6 beta_start=0.05 beta_end=0.5",
                         "mlp shape=2 width=8 depth=2 time_features=4 classes=3 variance=learned_range");
}

static diffusion_evaluator *make_parzen(const char *spec)
{
    diffusion_evaluator *evaluator = make_evaluator(NULL, NULL, spec);
    assert_ok(diffusion_evaluator_set_reference(evaluator, other, 3, DIM));
    return evaluator;
}

static void assert_unmeasured(const diffusion_evaluator *self, const char *quantity)
{
    double number = 5, numbers[STEPS] = {5};
    assert_refused(diffusion_evaluator_value(self, quantity, &number), DIFFUSION_E_STATE,
                   "evaluator_value: nothing has been measured");
    assert_refused(diffusion_evaluator_terms(self, numbers, NULL), DIFFUSION_E_STATE, "evaluator_terms: ");
    assert_refused(diffusion_evaluator_samples(self, numbers, NULL, N), DIFFUSION_E_STATE,
                   "evaluator_samples: nothing has been measured");
    assert_refused(diffusion_evaluator_samples(self, numbers, NULL, 0), DIFFUSION_E_STATE, "nothing has been measured");
    assert_true(number == 5 && numbers[0] == 5);
}

static void before_a_run_there_are_no_figures(void **state)
{
    const world *self = *state;
    diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, "elbo"), *parzen = make_parzen("parzen");
    const float bad[DIM] = {0, NAN};
    assert_unmeasured(elbo, "k_bits");
    assert_unmeasured(parzen, "bandwidth");
    assert_refused(diffusion_evaluator_run(elbo, bad, NULL, 1), DIFFUSION_E_NONFINITE, "x0[1]=nan");
    assert_refused(diffusion_evaluator_run(parzen, bad, NULL, 1), DIFFUSION_E_NONFINITE, "is nan");
    assert_unmeasured(elbo, "k_bits");
    assert_unmeasured(parzen, "bandwidth");
    diffusion_evaluator_free(elbo);
    diffusion_evaluator_free(parzen);
}

static void the_spec_is_complete(void **state)
{
    const world *self = *state;
    diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, "elbo draws=3"), *again,
                        *parzen = make_evaluator(NULL, NULL, "parzen");
    assert_string_equal(
        diffusion_evaluator_spec(elbo),
        "elbo draws=3 terms=auto steps=0 time_draws=stratified seed=0 chain=0 spacing=even variance=model clip=0 "
        "edge=forward levels=256 cdf=normal dequantize=0");
    assert_string_equal(diffusion_evaluator_spec(parzen), "parzen bandwidth=0 minimum=0.001 maximum=100");
    again = make_evaluator(self->model, self->schedule, diffusion_evaluator_spec(elbo));
    assert_string_equal(diffusion_evaluator_spec(again), diffusion_evaluator_spec(elbo));
    diffusion_evaluator_free(again);
    diffusion_evaluator_free(elbo);
    diffusion_evaluator_free(parzen);
}

/* All that an evaluator says of its last run, of n samples. */
typedef struct figures {
    double k, samples[N], terms[STEPS], errors[STEPS];
} figures;

static figures figures_of(const diffusion_evaluator *elbo, size_t n)
{
    figures of = {.k = figure(elbo, "k_bits")};
    assert_ok(diffusion_evaluator_samples(elbo, of.samples, NULL, n));
    assert_ok(diffusion_evaluator_terms(elbo, of.terms, of.errors));
    return of;
}

static int32_t stop_at(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    for (size_t i = 0; i < count; i++)
        values[i] = 0.5;
    return step == *(const int32_t *)user && sample == 1 ? 77 : 0;
}

static int32_t stop_progress(int64_t done, int64_t total, void *user)
{
    (void)user;
    return done == total ? 78 : 0;
}

static void figures_stay_when_a_run_fails(void **state)
{
    const world *self = *state;
    const int32_t labels[N] = {0, 3, 0, 0};
    const float bad[DIM] = {INFINITY, 0};
    int32_t last = STEPS;
    diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, "elbo draws=2 seed=4");
    diffusion_condition *wrong = make_labels(labels, N);
    assert_ok(diffusion_evaluator_run(elbo, data, NULL, N));
    const figures truth = figures_of(elbo, N);
    figures kept;
    assert_refused(diffusion_evaluator_run(elbo, bad, NULL, 1), DIFFUSION_E_NONFINITE, "x0[0]=inf");
    assert_refused(diffusion_evaluator_run(elbo, data, NULL, 0), DIFFUSION_E_ARGUMENT, "n=0");
    assert_refused(diffusion_evaluator_run(elbo, data, wrong, N), DIFFUSION_E_LABEL, "labels[1]=3");
    assert_refused(diffusion_evaluator_run(elbo, data, NULL, SIZE_MAX / 2), DIFFUSION_E_MEMORY, "addressed");
    assert_ok(diffusion_evaluator_set_noise(elbo, stop_at, &last)); /* in the midst of the last term */
    assert_int_equal(diffusion_evaluator_run(elbo, other, NULL, 3), 77);
    assert_ok(diffusion_evaluator_set_noise(elbo, NULL, NULL));
    assert_ok(diffusion_evaluator_set_progress(elbo, stop_progress, NULL)); /* when all is measured */
    assert_int_equal(diffusion_evaluator_run(elbo, other, NULL, 3), 78);
    kept = figures_of(elbo, N);
    assert_same(&kept, &truth, sizeof truth);
    diffusion_condition_free(wrong);
    diffusion_evaluator_free(elbo);
}

static void figures_of_parzen_stay_when_a_run_fails(void **state)
{
    (void)state;
    double truth[N], kept[N];
    const float bad[DIM] = {INFINITY, 0};
    diffusion_evaluator *parzen = make_parzen("parzen");
    assert_ok(diffusion_evaluator_run(parzen, data, NULL, N));
    const double bandwidth = figure(parzen, "bandwidth"), mean = figure(parzen, "log_density_bits");
    assert_ok(diffusion_evaluator_samples(parzen, truth, NULL, N));
    assert_refused(diffusion_evaluator_run(parzen, bad, NULL, 1), DIFFUSION_E_NONFINITE, "value 0 of row 0 of data");
    assert_ok(diffusion_evaluator_set_progress(parzen, stop_progress, NULL));
    assert_int_equal(diffusion_evaluator_run(parzen, other, NULL, 3), 78);
    assert_refused(diffusion_evaluator_set_reference(parzen, bad, 1, DIM), DIFFUSION_E_NONFINITE, "of samples");
    assert_ok(diffusion_evaluator_set_reference(parzen, data, 1, 1)); /* the figures are the run's */
    assert_true(figure(parzen, "bandwidth") == bandwidth && figure(parzen, "log_density_bits") == mean);
    assert_ok(diffusion_evaluator_samples(parzen, kept, NULL, N));
    assert_same(kept, truth, sizeof truth);
    diffusion_evaluator_free(parzen);
}

/* A second run is as if there had been no first: of its own size, with the same draws. */
static void a_second_run_is_a_run_of_its_own(void **state)
{
    const world *self = *state;
    double bits[N];
    diffusion_evaluator *fresh = make_evaluator(self->model, self->schedule, "elbo draws=2 seed=4"),
                        *used = make_evaluator(self->model, self->schedule, "elbo draws=2 seed=4");
    assert_ok(diffusion_evaluator_run(fresh, other, NULL, 3));
    assert_ok(diffusion_evaluator_run(used, data, NULL, N));
    const figures first = figures_of(used, N);
    assert_ok(diffusion_evaluator_run(used, other, NULL, 3));
    const figures truth = figures_of(fresh, 3), got = figures_of(used, 3);
    assert_same(&got, &truth, sizeof truth);
    assert_refused(diffusion_evaluator_samples(used, bits, NULL, N), DIFFUSION_E_SHAPE,
                   "evaluator_samples: count=4, but 3 samples were measured");
    assert_ok(diffusion_evaluator_run(used, data, NULL, N));
    const figures again = figures_of(used, N);
    assert_same(&again, &first, sizeof first);
    diffusion_evaluator_free(fresh);
    diffusion_evaluator_free(used);
}

static void the_standard_error_of_parzen_is_that_of_its_samples(void **state)
{
    (void)state;
    double bits[N], mean = 0.0, squares = 0.0;
    diffusion_evaluator *parzen = make_parzen("parzen bandwidth=0.5");
    assert_ok(diffusion_evaluator_run(parzen, data, NULL, N));
    assert_ok(diffusion_evaluator_samples(parzen, bits, NULL, N));
    for (int i = 0; i < N; i++)
        mean += bits[i] / N;
    for (int i = 0; i < N; i++)
        squares += pow(bits[i] - mean, 2);
    assert_close(figure(parzen, "log_density_bits"), mean, 1e-12, 0);
    assert_close(figure(parzen, "standard_error_bits"), sqrt(squares / (N - 1.0) / N), 1e-12, 0);
    assert_ok(diffusion_evaluator_run(parzen, data, NULL, 1));
    assert_true(isnan(figure(parzen, "standard_error_bits")));
    diffusion_evaluator_free(parzen);
}

static void a_reference_must_suit_kind_and_model(void **state)
{
    const world *self = *state;
    diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, "elbo"),
                        *parzen = make_evaluator(self->model, NULL, "parzen");
    assert_refused(diffusion_evaluator_set_reference(elbo, other, 3, DIM), DIFFUSION_E_STATE,
                   "evaluator_set_reference: elbo measures against no samples");
    assert_refused(diffusion_evaluator_set_reference(parzen, other, 2, 3), DIFFUSION_E_SHAPE,
                   "dim=3, but the model has 2 values to a sample");
    assert_ok(diffusion_evaluator_set_reference(parzen, other, 3, DIM));
    assert_ok(diffusion_evaluator_run(parzen, data, NULL, N));
    diffusion_evaluator_free(elbo);
    diffusion_evaluator_free(parzen);
}

/* The samples are the evaluator's own copy. */
static void a_reference_is_copied(void **state)
{
    (void)state;
    float samples[3 * DIM];
    double truth[N], got[N];
    memcpy(samples, other, sizeof samples);
    diffusion_evaluator *plain = make_parzen("parzen bandwidth=0.5"), *self = make_parzen("parzen bandwidth=0.5");
    assert_ok(diffusion_evaluator_set_reference(self, samples, 3, DIM));
    memset(samples, 0x55, sizeof samples);
    assert_ok(diffusion_evaluator_run(plain, data, NULL, N));
    assert_ok(diffusion_evaluator_run(self, data, NULL, N));
    assert_ok(diffusion_evaluator_samples(plain, truth, NULL, N));
    assert_ok(diffusion_evaluator_samples(self, got, NULL, N));
    assert_same(got, truth, sizeof truth);
    diffusion_evaluator_free(plain);
    diffusion_evaluator_free(self);
}

static void model_and_schedule_may_be_freed_at_once(void **state)
{
    const world *self = *state;
    diffusion_schedule *schedule = make_schedule(diffusion_schedule_spec(self->schedule));
    diffusion_model *model = make_model(diffusion_model_spec(self->model), 1);
    fill_weights(model, 4);
    diffusion_evaluator *lone = make_evaluator(model, schedule, "elbo"),
                        *truth = make_evaluator(self->model, self->schedule, "elbo");
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    assert_ok(diffusion_evaluator_run(lone, data, NULL, N));
    assert_ok(diffusion_evaluator_run(truth, data, NULL, N));
    assert_true(figure(lone, "k_bits") == figure(truth, "k_bits"));
    diffusion_evaluator_free(lone);
    diffusion_evaluator_free(truth);
}

/* ---- threads ---- */

typedef struct reader {
    const diffusion_evaluator *elbo;
    double k, samples[N], terms[STEPS];
    diffusion_status status;
} reader;

/* Without asserts: cmocka's belong to the main thread. */
static void *read_figures(void *argument)
{
    reader *self = argument;
    for (int i = 0; i < 200 && self->status == DIFFUSION_OK; i++) {
        self->status = diffusion_evaluator_value(self->elbo, "k_bits", &self->k);
        if (self->status == DIFFUSION_OK)
            self->status = diffusion_evaluator_samples(self->elbo, self->samples, NULL, N);
        if (self->status == DIFFUSION_OK)
            self->status = diffusion_evaluator_terms(self->elbo, self->terms, NULL);
    }
    return NULL;
}

static void figures_may_be_read_by_several_threads(void **state)
{
    const world *self = *state;
    pthread_t threads[THREADS];
    reader readers[THREADS];
    diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, "elbo draws=2");
    assert_ok(diffusion_evaluator_run(elbo, data, NULL, N));
    const figures truth = figures_of(elbo, N);
    for (int i = 0; i < THREADS; i++) {
        readers[i] = (reader){.elbo = elbo};
        assert_int_equal(pthread_create(&threads[i], NULL, read_figures, &readers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(readers[i].status, DIFFUSION_OK);
        assert_true(readers[i].k == truth.k);
        assert_same(readers[i].samples, truth.samples, sizeof truth.samples);
        assert_same(readers[i].terms, truth.terms, sizeof truth.terms);
    }
    diffusion_evaluator_free(elbo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_a_run_there_are_no_figures),
        cmocka_unit_test(the_spec_is_complete),
        cmocka_unit_test(figures_stay_when_a_run_fails),
        cmocka_unit_test(figures_of_parzen_stay_when_a_run_fails),
        cmocka_unit_test(a_second_run_is_a_run_of_its_own),
        cmocka_unit_test(the_standard_error_of_parzen_is_that_of_its_samples),
        cmocka_unit_test(a_reference_must_suit_kind_and_model),
        cmocka_unit_test(a_reference_is_copied),
        cmocka_unit_test(model_and_schedule_may_be_freed_at_once),
        cmocka_unit_test(figures_may_be_read_by_several_threads),
    };
    return cmocka_run_group_tests(tests, make_world, free_world);
}

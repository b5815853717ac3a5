#define _POSIX_C_SOURCE 200809L
#include "fault.h"
#include "make.h"
#include "mend.h"

#define SPEC "mlp shape=2 width=5 depth=2 time_features=2"
#define KEPT "kept.safetensors"

enum { MOST = 96, DIM = 2, WEIGHTS = 256 };

static float data[MOST * DIM], truth[WEIGHTS];

static void keep_first(diffusion_status *first, diffusion_status status)
{
    if (*first == DIFFUSION_OK)
        *first = status;
}

/* A step that failed is taken again; 0 if it still cannot be. */
static int step(diffusion_status *first, diffusion_trainer *trainer, size_t n)
{
    double loss = -7;
    int64_t before = diffusion_trainer_steps(trainer);
    diffusion_status status = diffusion_trainer_step(trainer, data, NULL, n, &loss);
    keep_first(first, status);
    if (status != DIFFUSION_OK) {
        assert_true(loss == -7);
        assert_int_equal(diffusion_trainer_steps(trainer), before);
        assert_string_equal(diffusion_trainer_error(trainer), diffusion_last_error());
        status = diffusion_trainer_step(trainer, data, NULL, n, &loss);
    }
    return status == DIFFUSION_OK;
}

/* Whatever batch sizes it takes, three steps come to `truth`. */
static int three_steps(diffusion_status *first, diffusion_trainer *trainer)
{
    return step(first, trainer, 7) && step(first, trainer, MOST) && step(first, trainer, 7);
}

static diffusion_status make(diffusion_model **model, diffusion_schedule **schedule)
{
    diffusion_status status = diffusion_schedule_create(schedule, "linear steps=10");
    return status == DIFFUSION_OK ? diffusion_model_create(model, SPEC, 1) : status;
}

static void assert_truth(const diffusion_trainer *trainer)
{
    float *weights = model_weights(diffusion_trainer_model(trainer));
    assert_same(weights, truth, model_parameters(diffusion_trainer_model(trainer)) * sizeof *weights);
    free(weights);
}

/* A trainer that could not be made has not changed the model. */
static diffusion_status a_trainer_that_is_made(void)
{
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_trainer *trainer = NULL;
    diffusion_status status = make(&model, &schedule);
    if (status == DIFFUSION_OK) {
        status = diffusion_trainer_create(&trainer, model, schedule, "ema=0.9 times=importance");
        assert_true((trainer == NULL) == (status != DIFFUSION_OK));
        assert_true((diffusion_model_metadata(model, "schedule") == NULL) == (status != DIFFUSION_OK));
    }
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

static diffusion_status steps_that_are_repeated(void)
{
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_trainer *trainer = NULL;
    diffusion_status status = make(&model, &schedule);
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_create(&trainer, model, schedule, "ema=0.9 optimizer=muon times=importance");
    if (status == DIFFUSION_OK && three_steps(&status, trainer))
        assert_truth(trainer);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

static diffusion_status a_gradient(void)
{
    float gradient[WEIGHTS] = {-7};
    double loss = -7;
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_trainer *trainer = NULL;
    diffusion_status status = make(&model, &schedule);
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_create(&trainer, model, schedule, "ema=0.9 optimizer=muon times=importance");
    if (status == DIFFUSION_OK) {
        diffusion_status again =
            diffusion_trainer_gradient(trainer, data, NULL, 7, &loss, gradient, model_parameters(model));
        keep_first(&status, again);
        if (again != DIFFUSION_OK)
            assert_true(gradient[0] == -7 && loss == -7);
        if (three_steps(&status, trainer))
            assert_truth(trainer);
    }
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

/* Resumed, saved over its own file, and taken the three steps that the file stands before. */
static diffusion_status a_run_that_is_resumed_and_saved(void)
{
    size_t before, after;
    unsigned char *old = folder_read(KEPT, &before);
    diffusion_trainer *trainer = NULL;
    diffusion_status status = diffusion_trainer_resume(&trainer, KEPT);
    assert_true((trainer == NULL) == (status != DIFFUSION_OK));
    if (trainer != NULL) {
        keep_first(&status, diffusion_trainer_save(trainer, KEPT));
        unsigned char *new = folder_read(KEPT, &after);
        assert_int_equal(after, before);
        assert_same(new, old, before);
        free(new);
        if (three_steps(&status, trainer))
            assert_truth(trainer);
    }
    free(old);
    diffusion_trainer_free(trainer);
    return status;
}

/* Between the steps a change, a text and a measure, the change again where it failed. */
static diffusion_status a_run_that_is_changed_and_watched(void)
{
    double loss = -7;
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_trainer *trainer = NULL;
    diffusion_status status = make(&model, &schedule);
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_create(&trainer, model, schedule, "ema=0.9 optimizer=muon times=importance rate=1");
    if (status == DIFFUSION_OK) {
        diffusion_status now = diffusion_trainer_change(trainer, "rate=1e-3");
        keep_first(&status, now);
        assert_true(diffusion_trainer_rate(trainer) == (now == DIFFUSION_OK ? 1e-3 : 1));
        int changed = now == DIFFUSION_OK || diffusion_trainer_change(trainer, "rate=1e-3") == DIFFUSION_OK;
        now = diffusion_trainer_set_metadata(trainer, "losses", "1,2");
        keep_first(&status, now);
        assert_true((diffusion_trainer_metadata(trainer, "losses") == NULL) == (now != DIFFUSION_OK));
        now = diffusion_trainer_loss(trainer, data, NULL, 9, 0, &loss);
        keep_first(&status, now);
        assert_true((loss == -7) == (now != DIFFUSION_OK));
        if (changed && three_steps(&status, trainer))
            assert_truth(trainer);
    }
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

/* Labels, vectors and observed values; the schedule learns too, which makes a new one at every step. */
static diffusion_status steps_of_a_schedule(const char *curve, const char *how, const char *learn)
{
    static const int32_t labels[7] = {0, 1, 2, -1, 0, 1, 2};
    static const float vectors[7] = {0.5f, 0, 1, -1, 0.25f, 0, 1};
    static const uint8_t observed[7 * DIM] = {1, 1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1};
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_trainer *trainer = NULL;
    diffusion_condition *condition = NULL;
    char before[2048] = "", spec[256];
    diffusion_status status = diffusion_schedule_create(&schedule, curve);
    snprintf(spec, sizeof spec, SPEC " classes=3 condition=1 %s", how);
    if (status == DIFFUSION_OK)
        status = diffusion_model_create(&model, spec, 1);
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_create(&trainer, model, schedule, learn);
    if (status == DIFFUSION_OK)
        status = diffusion_condition_create(&condition, 7);
    if (status == DIFFUSION_OK)
        status = diffusion_condition_set_labels(condition, labels);
    if (status == DIFFUSION_OK)
        status = diffusion_condition_set_vectors(condition, vectors, 1);
    if (status == DIFFUSION_OK)
        status = diffusion_condition_set_observed(condition, observed, DIM);
    for (int i = 0; i < 2 && status == DIFFUSION_OK; i++) {
        snprintf(before, sizeof before, "%s", diffusion_schedule_spec(diffusion_trainer_schedule(trainer)));
        status = diffusion_trainer_step(trainer, data, condition, 7, NULL);
        const char *now = diffusion_schedule_spec(diffusion_trainer_schedule(trainer));
        assert_true((strcmp(now, before) == 0) == (status != DIFFUSION_OK));
    }
    diffusion_condition_free(condition);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

static diffusion_status steps_with_a_condition(void)
{
    return steps_of_a_schedule("linear steps=10", "predict=perturbation variance=learned",
                               "objective=bound learn_schedule=yes");
}

static diffusion_status steps_of_a_log_snr(void)
{
    return steps_of_a_schedule("log_snr steps=4 shares=1,2", "time=log_snr variance=learned_range",
                               "objective=bound learn_schedule=log_snr");
}

/* One that cannot be saved is saved again; an average that cannot be made leaves none behind. */
static diffusion_status snapshots_that_are_averaged(void)
{
    static const char *const paths[] = {"one", "two"};
    double error = -7;
    diffusion_model *model = NULL, *average = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_trainer *trainer = NULL;
    diffusion_status status = make(&model, &schedule);
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_create(&trainer, model, schedule, "post_hoc_ema=yes");
    for (size_t i = 0; i < 2 && trainer != NULL && step(&status, trainer, 7); i++) {
        keep_first(&status, diffusion_trainer_save_snapshot(trainer, paths[i]));
        if (status != DIFFUSION_OK)
            (void)diffusion_trainer_save_snapshot(trainer, paths[i]);
    }
    if (trainer != NULL) {
        diffusion_status now = diffusion_trainer_average(&average, paths, 2, 0.1, &error);
        keep_first(&status, now);
        assert_true((average == NULL) == (now != DIFFUSION_OK) && (error == -7) == (now != DIFFUSION_OK));
    }
    remove(paths[0]);
    remove(paths[1]);
    diffusion_model_free(average);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

static int enter(void **state)
{
    int status = fault_enter(state);
    diffusion_status first = DIFFUSION_OK;
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    make_numbers(data, MOST * DIM, 5);
    assert_ok(make(&model, &schedule));
    diffusion_trainer *trainer = make_trainer(model, schedule, "ema=0.9 optimizer=muon times=importance");
    assert_ok(diffusion_trainer_set_metadata(trainer, "losses", "3,4"));
    assert_ok(diffusion_trainer_save(trainer, KEPT));
    assert_true(three_steps(&first, trainer));
    assert_ok(first);
    float *weights = model_weights(diffusion_trainer_model(trainer));
    assert_true(model_parameters(model) <= WEIGHTS);
    memcpy(truth, weights, model_parameters(model) * sizeof *weights);
    free(weights);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

static int leave(void **state)
{
    remove(KEPT);
    return folder_leave(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(a_trainer_that_is_made),
        FAULT_SCENARIO(steps_that_are_repeated),
        FAULT_SCENARIO(a_gradient),
        FAULT_SCENARIO(a_run_that_is_resumed_and_saved),
        FAULT_SCENARIO(a_run_that_is_changed_and_watched),
        FAULT_SCENARIO(steps_with_a_condition),
        FAULT_SCENARIO(steps_of_a_log_snr),
        FAULT_SCENARIO(snapshots_that_are_averaged),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}

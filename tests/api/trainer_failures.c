/* What a trainer refuses, and that a refused step is as if it had never been. */
#define _POSIX_C_SOURCE 200809L
#include "make.h"
#include "mend.h"

#define MLP "mlp shape=2 width=5 depth=1 time_features=2 classes=3"

static const float data[12] = {1, -1, 0.5f, 0.25f, -0.75f, 1, 0, -0.5f, -1, -1, 0.125f, 0.875f};
static const int32_t labels[6] = {0, 1, 2, -1, 0, 1};

/* A trainer with its model and schedule freed at once, as the header allows. */
static diffusion_trainer *lone_trainer(const char *model_spec, const char *schedule_spec, const char *spec)
{
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = make_model(model_spec, 1);
    fill_weights(model, 3);
    diffusion_trainer *trainer = make_trainer(model, schedule, spec);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return trainer;
}

/* Weights, average, moments, step and specs: all of it is in a checkpoint. */
static void assert_same_state(const diffusion_trainer *trainer, const diffusion_trainer *truth)
{
    assert_ok(diffusion_trainer_save(trainer, "got"));
    assert_ok(diffusion_trainer_save(truth, "truth"));
    assert_same_files("got", "truth");
    remove("got");
    remove("truth");
}

typedef struct bad_batch {
    const char *name;
    float x0[12];
    int32_t labels[6];
    size_t n;
    diffusion_status status;
    const char *sentence;
} bad_batch;

static const bad_batch bad[] = {
    {"nan", {0, 0, 0, NAN}, {0}, 6, DIFFUSION_E_NONFINITE, "trainer: x0[3]=nan, expected a finite number"},
    {"infinity", {-INFINITY}, {0}, 6, DIFFUSION_E_NONFINITE, "trainer: x0[0]=-inf, expected a finite number"},
    {"loss", {3e38f, -3e38f, 3e38f}, {0}, 6, DIFFUSION_E_NONFINITE, "the state of the step before is kept"},
    {"label", {0}, {0, 1, 3}, 6, DIFFUSION_E_LABEL, "trainer: labels[2]=3, expected -1..2"},
    {"label below", {0}, {-2}, 6, DIFFUSION_E_LABEL, "trainer: labels[0]=-2, expected -1..2"},
    {"empty", {0}, {0}, 0, DIFFUSION_E_ARGUMENT, "trainer: n=0, expected at least one sample"},
};

static void check_bad(const char *spec, const bad_batch *batch)
{
    diffusion_trainer *hurt = lone_trainer(MLP, "linear steps=10", spec);
    diffusion_trainer *unhurt = lone_trainer(MLP, "linear steps=10", spec);
    diffusion_condition *wrong = make_labels(batch->labels, batch->n), *right = make_labels(labels, 6);
    double loss = -5;
    float gradient = 7;
    for (int step = 0; step < 4; step++) {
        assert_refused(diffusion_trainer_step(hurt, batch->x0, wrong, batch->n, &loss), batch->status, batch->sentence);
        assert_refused(diffusion_trainer_gradient(hurt, batch->x0, wrong, batch->n, &loss, NULL, 0), batch->status,
                       batch->sentence);
        assert_true(loss == -5 && gradient == 7);
        assert_int_equal(diffusion_trainer_steps(hurt), step);
        assert_same_state(hurt, unhurt);
        assert_ok(diffusion_trainer_step(hurt, data, right, 6, NULL));
        assert_ok(diffusion_trainer_step(unhurt, data, right, 6, NULL));
    }
    assert_same_state(hurt, unhurt);
    diffusion_condition_free(wrong);
    diffusion_condition_free(right);
    diffusion_trainer_free(hurt);
    diffusion_trainer_free(unhurt);
}

static void a_refused_step_is_as_if_it_had_never_been(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_bad("ema=0.9", &bad[i]);
        check_bad("optimizer=sgd ema=0 clip=1", &bad[i]);
    }
}

/* The rate is far too high: at some step nothing finite is left, and from then on nothing moves. */
static void a_training_that_explodes_stands_still(void **state)
{
    (void)state;
    diffusion_trainer *trainer = lone_trainer(MLP, "linear steps=10", "optimizer=sgd rate=1e6 ema=0.9");
    diffusion_status status = DIFFUSION_OK;
    int64_t steps = 0;
    for (; status == DIFFUSION_OK && steps < 1000; steps++) {
        assert_ok(diffusion_trainer_save(trainer, "before"));
        status = diffusion_trainer_step(trainer, data, NULL, 6, NULL);
    }
    assert_int_equal(status, DIFFUSION_E_NONFINITE);
    assert_int_equal(diffusion_trainer_steps(trainer), steps - 1);
    assert_ok(diffusion_trainer_save(trainer, "after"));
    assert_same_files("after", "before");
    remove("before");
    remove("after");
    diffusion_trainer_free(trainer);
}

/* A rate that no float holds: the very step that would make a weight infinite is refused. */
static void a_step_to_infinity_is_not_taken(void **state)
{
    (void)state;
    static const char *const specs[] = {
        "rate=1e39",
        "optimizer=adamw rate=1e39 ema=0.9",
        "optimizer=sgd rate=1e42 ema=0.9",
        "optimizer=muon rate=1e39",
        "optimizer=muon rate=1e300 clip=0.5",
        "rate=1e300 clip=0.5",
        "optimizer=adamw rate=1e39 weight_decay=1e-3",
        "optimizer=sgd rate=1e300 momentum=0",
    };
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        diffusion_trainer *hurt = lone_trainer(MLP, "linear steps=10", specs[i]);
        diffusion_trainer *unhurt = lone_trainer(MLP, "linear steps=10", specs[i]);
        double loss = -5;
        for (int attempt = 0; attempt < 2; attempt++)
            assert_refused(diffusion_trainer_step(hurt, data, NULL, 6, &loss), DIFFUSION_E_NONFINITE,
                           "trainer: step 0 would make weights or moments that are not finite");
        assert_true(loss == -5);
        assert_int_equal(diffusion_trainer_steps(hurt), 0);
        assert_same_state(hurt, unhurt);
        diffusion_trainer_free(hurt);
        diffusion_trainer_free(unhurt);
    }
}

static void bits_other_than_0_and_1_are_refused(void **state)
{
    (void)state;
    diffusion_trainer *trainer = lone_trainer("mlp shape=2 width=5 depth=1 time_features=2 predict=perturbation",
                                              "linear steps=10 kernel=binomial", "objective=bound");
    assert_refused(diffusion_trainer_step(trainer, data, NULL, 6, NULL), DIFFUSION_E_ARGUMENT,
                   "trainer: x0[1]=-1, expected 0 or 1 (binomial kernel)");
    assert_int_equal(diffusion_trainer_steps(trainer), 0);
    diffusion_trainer_free(trainer);
}

static void a_wrong_spec_is_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"objectiv=bound", "trainer: unknown key 'objectiv', did you mean 'objective'?"},
        {"objective=elbo", "trainer: objective=elbo, expected bound|simple|pair|hybrid"},
        {"momentum=0.9", "trainer: momentum=0.9 plays no part with optimizer=adam, expected optimizer=sgd|muon"},
        {"optimizer=sgd beta1=0.5", "beta1=0.5 plays no part with optimizer=sgd, expected optimizer=adam|adamw|muon"},
        {"p_mean=-0.4", "p_mean=-0.4 plays no part with times=uniform, expected times=lognormal"},
        {"weight=edm snr_gamma=3", "snr_gamma=3 plays no part with weight=edm, expected weight=min_snr"},
        {"objective=bound levels=16", "levels=16 plays no part with edge=model, expected edge=discretized"},
        {"schedule_rate=0.1", "schedule_rate=0.1 plays no part with learn_schedule=no"},
        {"optimizer=lion", "trainer: optimizer=lion, expected adam|adamw|sgd|muon"},
        {"rate=-1", "trainer: rate=-1, expected a number at least 0"},
        {"rate=inf", "trainer: rate=inf, expected a number"},
        {"ema=1", "trainer: ema=1, expected a number 0..0.99999999"},
        {"beta1=1", "trainer: beta1=1, expected a number 0..0.999999"},
        {"batch=0", "trainer: batch=0, expected a whole number 1..1e+09"},
        {"decay=cosine", "trainer: decay=cosine needs steps=, the planned length of the training"},
        {"decay=linear steps=0", "trainer: decay=linear needs steps="},
        {"adam", "trainer: 'adam' is not of the form key=value"},
    };
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *model = make_model(MLP, 1);
    diffusion_trainer *trainer = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(diffusion_trainer_create(&trainer, model, schedule, cases[i][0]), DIFFUSION_E_SPEC, cases[i][1]);
    assert_null(trainer);
    assert_null(diffusion_model_metadata(model, "schedule"));
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void muon_needs_weights_that_all_steps_share(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=4");
    diffusion_model *model =
        make_model("mlp shape=2 width=4 depth=1 readout=steps steps=4 time_features=0 predict=perturbation", 1);
    diffusion_trainer *trainer = NULL;
    assert_refused(diffusion_trainer_create(&trainer, model, schedule, "optimizer=muon"), DIFFUSION_E_SPEC,
                   "trainer: optimizer=muon moves all of a matrix in each step, but the network has weights of each "
                   "step's own; use adam or adamw");
    assert_null(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* Logits of betas that move so fast come to betas of 0 or 1, from which no training goes on. */
static void a_schedule_without_an_end_is_not_learned(void **state)
{
    (void)state;
    diffusion_trainer *trainer =
        lone_trainer("mlp shape=2 width=4 depth=1 predict=perturbation variance=learned", "linear steps=3 beta_end=0.5",
                     "objective=bound learn_schedule=yes schedule_rate=10 rate=1e-2");
    diffusion_trainer *resumed = NULL;
    diffusion_status status = DIFFUSION_OK;
    while (status == DIFFUSION_OK && diffusion_trainer_steps(trainer) < 50)
        status = diffusion_trainer_step(trainer, data, NULL, 6, NULL);
    assert_refused(status, DIFFUSION_E_NONFINITE, "would make a schedule whose steps take nothing or all");
    assert_ok(diffusion_trainer_save(trainer, "kept"));
    assert_ok(diffusion_trainer_resume(&resumed, "kept"));
    assert_same_state(resumed, trainer);
    remove("kept");
    diffusion_trainer_free(resumed);
    diffusion_trainer_free(trainer);
}

static void no_argument_may_be_null(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *model = make_model(MLP, 1);
    diffusion_trainer *none = NULL, *trainer = make_trainer(model, schedule, "");
    int64_t indices[2] = {-9, -9};
    float gradient[4] = {7, 7, 7, 7};
    assert_refused(diffusion_trainer_create(NULL, model, schedule, ""), DIFFUSION_E_ARGUMENT, "create: out is NULL");
    assert_refused(diffusion_trainer_create(&none, NULL, schedule, ""), DIFFUSION_E_ARGUMENT, "create: model is NULL");
    assert_refused(diffusion_trainer_create(&none, model, NULL, ""), DIFFUSION_E_ARGUMENT, "schedule is NULL");
    assert_refused(diffusion_trainer_create(&none, model, schedule, NULL), DIFFUSION_E_ARGUMENT, "spec is NULL");
    assert_refused(diffusion_trainer_draw(NULL, 2, 2, indices), DIFFUSION_E_ARGUMENT, "draw: trainer is NULL");
    assert_refused(diffusion_trainer_draw(trainer, 2, 2, NULL), DIFFUSION_E_ARGUMENT, "draw: indices is NULL");
    assert_refused(diffusion_trainer_draw(trainer, 0, 2, indices), DIFFUSION_E_ARGUMENT,
                   "trainer_draw: count=0, expected 1..2^32");
    assert_refused(diffusion_trainer_draw(trainer, (INT64_C(1) << 32) + 1, 2, indices), DIFFUSION_E_ARGUMENT,
                   "count=4294967297");
    assert_refused(diffusion_trainer_draw(trainer, 2, 0, indices), DIFFUSION_E_ARGUMENT, "trainer_draw: n=0, expected");
    assert_true(indices[0] == -9);
    assert_refused(diffusion_trainer_step(NULL, data, NULL, 1, NULL), DIFFUSION_E_ARGUMENT, "step: trainer is NULL");
    assert_refused(diffusion_trainer_step(trainer, NULL, NULL, 1, NULL), DIFFUSION_E_ARGUMENT, "step: x0 is NULL");
    assert_refused(diffusion_trainer_gradient(NULL, data, NULL, 1, NULL, NULL, 0), DIFFUSION_E_ARGUMENT,
                   "gradient: trainer is NULL");
    assert_refused(diffusion_trainer_gradient(trainer, NULL, NULL, 1, NULL, NULL, 0), DIFFUSION_E_ARGUMENT,
                   "gradient: x0 is NULL");
    assert_refused(diffusion_trainer_gradient(trainer, data, NULL, 1, NULL, gradient, 4), DIFFUSION_E_SHAPE,
                   "trainer_gradient: count=4, but the model has 52 parameters");
    assert_true(gradient[0] == 7 && gradient[3] == 7);
    assert_refused(diffusion_trainer_save(NULL, "file"), DIFFUSION_E_ARGUMENT, "trainer_save: trainer is NULL");
    assert_refused(diffusion_trainer_save(trainer, NULL), DIFFUSION_E_ARGUMENT, "trainer_save: path is NULL");
    assert_refused(diffusion_trainer_resume(NULL, "file"), DIFFUSION_E_ARGUMENT, "trainer_resume: out is NULL");
    assert_refused(diffusion_trainer_resume(&none, NULL), DIFFUSION_E_ARGUMENT, "trainer_resume: path is NULL");
    assert_null(none);
    assert_int_equal(diffusion_trainer_steps(NULL), 0);
    assert_true(diffusion_trainer_rate(NULL) == 0.0);
    assert_null(diffusion_trainer_spec(NULL));
    assert_null(diffusion_trainer_model(NULL));
    diffusion_trainer_free(NULL);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_step_is_as_if_it_had_never_been),
        cmocka_unit_test(a_training_that_explodes_stands_still),
        cmocka_unit_test(a_step_to_infinity_is_not_taken),
        cmocka_unit_test(bits_other_than_0_and_1_are_refused),
        cmocka_unit_test(a_wrong_spec_is_refused),
        cmocka_unit_test(muon_needs_weights_that_all_steps_share),
        cmocka_unit_test(a_schedule_without_an_end_is_not_learned),
        cmocka_unit_test(no_argument_may_be_null),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

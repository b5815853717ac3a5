/* The gradient of a whole batch's bound by the logits of the betas, against finite differences: the same trainer made
 * anew of moved betas draws the same t and noise, so the noise is frozen. The network is float32, hence the tolerance.
 */
#define _POSIX_C_SOURCE 200809L

#include "folder.h"
#include "stencil.h"

#include "train/trainer.h"

enum { STEPS = 6, DIM = 2, BATCH = 24 };

static const double betas[STEPS] = {0.02, 0.08, 0.1, 0.2, 0.3, 0.5};

static diffusion_trainer *trainer_of(const double *rates, const char *model_spec, diffusion_model **model)
{
    diffusion_schedule *schedule;
    diffusion_trainer *trainer;
    assert_ok(diffusion_schedule_create_from_betas(&schedule, rates, STEPS, NULL));
    assert_ok(diffusion_model_create(model, model_spec, 3));
    for (size_t i = 0; i < model_size(*model); i++)
        (*model)->parameters[i] = 0.3f * (float)sin(1.0 + 0.9 * (double)i);
    assert_ok(diffusion_trainer_create(&trainer, *model, schedule, "objective=bound learn_schedule=yes seed=4"));
    diffusion_schedule_free(schedule);
    return trainer;
}

static void fill(float *x0)
{
    for (size_t i = 0; i < BATCH * DIM; i++)
        x0[i] = 1.3f * (float)cos(1.7 * (double)i);
}

/* Which values count, or NULL for all. */
static const uint8_t *counted;

static diffusion_condition *condition_of_batch(void)
{
    diffusion_condition *condition = NULL;
    if (counted == NULL)
        return NULL;
    assert_ok(diffusion_condition_create(&condition, BATCH));
    assert_ok(diffusion_condition_set_observed(condition, counted, DIM));
    return condition;
}

/* The batch's loss, and the prior's KL beside it. */
static double loss_of(const double *rates, const char *model_spec)
{
    float x0[BATCH * DIM];
    diffusion_condition *condition = condition_of_batch();
    double loss, log_bar = 0.0, prior = 0.0;
    diffusion_model *model;
    diffusion_trainer *trainer = trainer_of(rates, model_spec, &model);
    fill(x0);
    assert_ok(diffusion_trainer_gradient(trainer, x0, condition, BATCH, &loss, NULL, 0));
    for (int t = 0; t < STEPS; t++)
        log_bar += log1p(-rates[t]);
    for (size_t i = 0; i < BATCH * DIM; i++)
        prior += counted != NULL && counted[i] == 0
                     ? 0.0
                     : 0.5 * (exp(log_bar) * ((double)x0[i] * (double)x0[i] - 1.0) - log(-expm1(log_bar)));
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_condition_free(condition);
    return loss + prior / (BATCH * DIM);
}

/* One logit, which moves. */
typedef struct logit_of {
    const char *model_spec;
    int index;
} logit_of;

static double loss_moved(double by, void *user)
{
    const logit_of *at = user;
    double moved[STEPS];
    memcpy(moved, betas, sizeof moved);
    double logit = log(betas[at->index] / (1.0 - betas[at->index])) + by;
    moved[at->index] = 1.0 / (1.0 + exp(-logit));
    return loss_of(moved, at->model_spec);
}

static void check(const char *model_spec)
{
    float x0[BATCH * DIM];
    diffusion_model *model;
    diffusion_trainer *trainer = trainer_of(betas, model_spec, &model);
    diffusion_condition *condition = condition_of_batch();
    fill(x0);
    assert_ok(diffusion_trainer_gradient(trainer, x0, condition, BATCH, NULL, NULL, 0));
    assert_close(trainer->learned.gradient[1], 0.0, 0, 0);
    for (int i = 1; i < STEPS; i++) {
        logit_of at = {model_spec, i};
        assert_close(trainer->learned.gradient[i + 1], stencil(loss_moved, &at, 0.01), 2e-3, 2e-4);
    }
    diffusion_condition_free(condition);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
}

static void the_gradient_is_the_bounds_derivative(void **state)
{
    (void)state;
    check("mlp shape=2 width=12 depth=2 time_features=4 activation=tanh predict=perturbation variance=learned");
    check("mlp shape=2 width=3 depth=1 time_features=4 readout=steps steps=6 predict=perturbation variance=learned");
    check("rbf shape=2 units=5 steps=6 predict=perturbation variance=learned");
}

/* What is not observed is 0 in x_0 and moves the network's x_t all the same; no term of its own counts. */
static void the_gradient_leaves_out_what_is_not_observed(void **state)
{
    (void)state;
    static uint8_t some[BATCH * DIM];
    for (size_t i = 0; i < BATCH * DIM; i++)
        some[i] = i % 3 != 1;
    counted = some;
    check("mlp shape=2 width=12 depth=2 time_features=4 activation=tanh predict=perturbation variance=learned");
    check("rbf shape=2 units=5 steps=6 predict=perturbation variance=learned");
    counted = NULL;
}

static void a_step_moves_all_betas_but_the_first(void **state)
{
    (void)state;
    float x0[BATCH * DIM];
    double now[STEPS];
    diffusion_model *model;
    diffusion_trainer *trainer =
        trainer_of(betas, "rbf shape=2 units=5 steps=6 predict=perturbation variance=learned", &model);
    fill(x0);
    for (int step = 0; step < 20; step++)
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, BATCH, NULL));
    const diffusion_schedule *schedule = diffusion_trainer_schedule(trainer);
    assert_ok(diffusion_schedule_values(schedule, "beta", now));
    assert_close(now[0], betas[0], 0, 0);
    for (int i = 1; i < STEPS; i++)
        assert_true(now[i] > 0.0 && now[i] < 1.0 && now[i] != betas[i]);
    assert_string_equal(diffusion_model_metadata(diffusion_trainer_model(trainer), "schedule"),
                        diffusion_schedule_spec(schedule));
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
}

/* K of the data on which a trainer of this spec has spent some steps, with its standard error over draws. */
static double bound_after(const char *trainer_spec, double *error)
{
    static const double poor[STEPS] = {0.02, 0.02, 0.02, 0.9, 0.02, 0.02};
    float x0[BATCH * DIM];
    double k;
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_trainer *trainer;
    diffusion_evaluator *bound;
    fill(x0);
    assert_ok(diffusion_schedule_create_from_betas(&schedule, poor, STEPS, NULL));
    assert_ok(diffusion_model_create(
        &model, "mlp shape=2 width=32 depth=2 time_features=8 predict=perturbation variance=learned", 3));
    assert_ok(diffusion_trainer_create(&trainer, model, schedule, trainer_spec));
    for (int step = 0; step < 1500; step++)
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, BATCH, NULL));
    assert_ok(diffusion_evaluator_create(&bound, diffusion_trainer_model(trainer), diffusion_trainer_schedule(trainer),
                                         "elbo draws=4000"));
    assert_ok(diffusion_evaluator_run(bound, x0, NULL, BATCH));
    assert_ok(diffusion_evaluator_value(bound, "k_bits", &k));
    assert_ok(diffusion_evaluator_value(bound, "draw_error_bits", error));
    diffusion_evaluator_free(bound);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return k;
}

static void learning_mends_a_poor_schedule(void **state)
{
    (void)state;
    double fixed_error, learned_error;
    double fixed = bound_after("objective=bound edge=forward rate=5e-3 seed=4", &fixed_error);
    double learned = bound_after("objective=bound edge=forward rate=5e-3 seed=4 learn_schedule=yes", &learned_error);
    if (!(learned - fixed > 5.0 * hypot(fixed_error, learned_error)))
        fail_msg("K is %g +- %g bits with the given schedule, %g +- %g with the learned one", fixed, fixed_error,
                 learned, learned_error);
}

static void a_resumed_run_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    static const char spec[] = "rbf shape=2 units=5 steps=6 predict=perturbation variance=learned";
    float x0[BATCH * DIM];
    static const char path[] = "half";
    diffusion_model *model;
    diffusion_trainer *whole = trainer_of(betas, spec, &model), *resumed;
    fill(x0);
    for (int step = 0; step < 7; step++)
        assert_ok(diffusion_trainer_step(whole, x0, NULL, BATCH, NULL));
    assert_ok(diffusion_trainer_save(whole, path));
    assert_ok(diffusion_trainer_resume(&resumed, path));
    for (int step = 0; step < 7; step++) {
        assert_ok(diffusion_trainer_step(whole, x0, NULL, BATCH, NULL));
        assert_ok(diffusion_trainer_step(resumed, x0, NULL, BATCH, NULL));
    }
    assert_string_equal(diffusion_schedule_spec(diffusion_trainer_schedule(whole)),
                        diffusion_schedule_spec(diffusion_trainer_schedule(resumed)));
    assert_memory_equal(model->parameters, resumed->model->parameters, model_size(model) * sizeof(float));
    unlink(path);
    diffusion_trainer_free(whole);
    diffusion_trainer_free(resumed);
    diffusion_model_free(model);
}

static void what_cannot_learn_is_refused(void **state)
{
    (void)state;
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_trainer *trainer = NULL;
    assert_ok(diffusion_schedule_create(&schedule, "linear steps=10"));
    assert_ok(diffusion_model_create(&model, "mlp shape=2 predict=epsilon variance=learned", 1));
    assert_refused(diffusion_trainer_create(&trainer, model, schedule, "objective=bound learn_schedule=yes"),
                   DIFFUSION_E_SPEC, "learn_schedule=yes needs a model with predict=perturbation variance=learned");
    assert_refused(diffusion_trainer_create(&trainer, model, schedule, "objective=hybrid learn_schedule=yes"),
                   DIFFUSION_E_SPEC, "learn_schedule=yes needs objective=bound");
    assert_null(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_is_the_bounds_derivative),
        cmocka_unit_test(the_gradient_leaves_out_what_is_not_observed),
        cmocka_unit_test(a_step_moves_all_betas_but_the_first),
        cmocka_unit_test(learning_mends_a_poor_schedule),
        cmocka_unit_test(a_resumed_run_goes_on_to_the_same_bits),
        cmocka_unit_test(what_cannot_learn_is_refused),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

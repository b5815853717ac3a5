/* The gradient of a whole batch's bound by the logits of the betas, against finite differences: the same trainer made
 * anew of moved betas draws the same t and noise, so the noise is frozen. The network is float32, hence the tolerance.
 */
#define _POSIX_C_SOURCE 200809L

#include "test.h"

#include "train/trainer.h"

#include <stdlib.h>

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

/* The batch's loss, and the prior's KL beside it. */
static double loss_of(const double *rates, const char *model_spec)
{
    float x0[BATCH * DIM];
    double loss, log_bar = 0.0, prior = 0.0;
    diffusion_model *model;
    diffusion_trainer *trainer = trainer_of(rates, model_spec, &model);
    fill(x0);
    assert_ok(diffusion_trainer_gradient(trainer, x0, NULL, BATCH, &loss, NULL, 0));
    for (int t = 0; t < STEPS; t++)
        log_bar += log1p(-rates[t]);
    for (size_t i = 0; i < BATCH * DIM; i++)
        prior += 0.5 * (exp(log_bar) * ((double)x0[i] * (double)x0[i] - 1.0) - log(-expm1(log_bar)));
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    return loss + prior / (BATCH * DIM);
}

static double loss_moved(const char *model_spec, int index, double by)
{
    double moved[STEPS];
    memcpy(moved, betas, sizeof moved);
    double logit = log(betas[index] / (1.0 - betas[index])) + by;
    moved[index] = 1.0 / (1.0 + exp(-logit));
    return loss_of(moved, model_spec);
}

static void check(const char *model_spec)
{
    const double h = 0.01;
    float x0[BATCH * DIM];
    diffusion_model *model;
    diffusion_trainer *trainer = trainer_of(betas, model_spec, &model);
    fill(x0);
    assert_ok(diffusion_trainer_gradient(trainer, x0, NULL, BATCH, NULL, NULL, 0));
    assert_close(trainer->learned.gradient[1], 0.0, 0, 0);
    for (int i = 1; i < STEPS; i++) {
        double near = loss_moved(model_spec, i, h) - loss_moved(model_spec, i, -h);
        double far = loss_moved(model_spec, i, 2 * h) - loss_moved(model_spec, i, -2 * h);
        assert_close(trainer->learned.gradient[i + 1], (8.0 * near - far) / (12.0 * h), 2e-3, 2e-4);
    }
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
}

static void the_gradient_is_the_bounds_derivative(void **state)
{
    (void)state;
    check("mlp shape=2 width=12 depth=2 time=4 activation=tanh predict=mean variance=learned");
    check("mlp shape=2 width=3 depth=1 time=4 readout=steps steps=6 predict=mean variance=learned");
    check("rbf shape=2 units=5 steps=6 predict=mean variance=learned");
}

static void a_step_moves_all_betas_but_the_first(void **state)
{
    (void)state;
    float x0[BATCH * DIM];
    double now[STEPS];
    diffusion_model *model;
    diffusion_trainer *trainer = trainer_of(betas, "rbf shape=2 units=5 steps=6 predict=mean variance=learned", &model);
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
    diffusion_bound *bound;
    fill(x0);
    assert_ok(diffusion_schedule_create_from_betas(&schedule, poor, STEPS, NULL));
    assert_ok(diffusion_model_create(&model, "mlp shape=2 width=32 depth=2 time=8 predict=mean variance=learned", 3));
    assert_ok(diffusion_trainer_create(&trainer, model, schedule, trainer_spec));
    for (int step = 0; step < 1500; step++)
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, BATCH, NULL));
    assert_ok(diffusion_bound_evaluate(&bound, diffusion_trainer_model(trainer), diffusion_trainer_schedule(trainer),
                                       x0, NULL, BATCH, "draws=4000"));
    assert_ok(diffusion_bound_value(bound, "k_bits", &k));
    assert_ok(diffusion_bound_value(bound, "draw_error_bits", error));
    diffusion_bound_free(bound);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return k;
}

static void learning_mends_a_poor_schedule(void **state)
{
    (void)state;
    double fixed_error, learned_error;
    double fixed = bound_after("objective=bound rate=5e-3 seed=4", &fixed_error);
    double learned = bound_after("objective=bound rate=5e-3 seed=4 learn_schedule=yes", &learned_error);
    if (!(learned - fixed > 5.0 * hypot(fixed_error, learned_error)))
        fail_msg("K is %g +- %g bits with the given schedule, %g +- %g with the learned one", fixed, fixed_error,
                 learned, learned_error);
}

static void a_resumed_run_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    static const char spec[] = "rbf shape=2 units=5 steps=6 predict=mean variance=learned";
    float x0[BATCH * DIM];
    char path[] = "/tmp/learned-schedule-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
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
                   DIFFUSION_E_SPEC, "learn_schedule=yes needs a model with predict=mean variance=learned");
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
        cmocka_unit_test(a_step_moves_all_betas_but_the_first),
        cmocka_unit_test(learning_mends_a_poor_schedule),
        cmocka_unit_test(a_resumed_run_goes_on_to_the_same_bits),
        cmocka_unit_test(what_cannot_learn_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

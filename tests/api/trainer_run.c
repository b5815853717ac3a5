/* A run that is looked at and changed on its way: other rates, the loss of samples held out, texts in its checkpoints.
 */
#include "make.h"

#include <math.h>

#define FILE_NAME "run.safetensors"
#define MLP "mlp shape=2 width=5 depth=1 time_features=2 classes=3"

static const float data[12] = {1, -1, 0.5f, 0.25f, -0.75f, 1, 0, -0.5f, -1, -1, 0.125f, 0.875f};
static const int32_t labels[6] = {0, 1, 2, -1, 0, 1};

static diffusion_trainer *lone_trainer(const char *model_spec, const char *spec)
{
    diffusion_schedule *schedule = make_schedule("cosine steps=20");
    diffusion_model *model = make_model(model_spec, 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, spec);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return trainer;
}

static void train(diffusion_trainer *trainer, int steps)
{
    for (int i = 0; i < steps; i++)
        assert_ok(diffusion_trainer_step(trainer, data, NULL, 6, NULL));
}

static void assert_same_weights(const diffusion_trainer *got, const diffusion_trainer *truth)
{
    float *a = model_weights(diffusion_trainer_model(got)), *b = model_weights(diffusion_trainer_model(truth));
    assert_same(a, b, model_parameters(diffusion_trainer_model(truth)) * sizeof *a);
    free(a);
    free(b);
}

/* ---- changes ---- */

static void a_changed_rate_is_as_if_it_had_been_so(void **state)
{
    (void)state;
    diffusion_trainer *trainer = lone_trainer(MLP, "rate=0.01 decay=cosine steps=10");
    train(trainer, 10);
    assert_close(diffusion_trainer_rate(trainer), 0, 0, 1e-18);
    assert_ok(diffusion_trainer_change(trainer, "steps=40"));
    assert_close(diffusion_trainer_rate(trainer), 0.01 * 0.5 * (1 + cos(acos(-1.0) / 4)), 1e-14, 0);
    assert_ok(diffusion_trainer_change(trainer, "rate=0.5 decay=linear"));
    assert_close(diffusion_trainer_rate(trainer), 0.5 * 0.75, 1e-14, 0);
    assert_ok(diffusion_trainer_change(trainer, "decay=none batch=7"));
    assert_true(diffusion_trainer_rate(trainer) == 0.5);
    assert_non_null(strstr(diffusion_trainer_spec(trainer), "steps=40 batch=7 optimizer=adam rate=0.5 warmup=0 "
                                                            "decay=none"));
    diffusion_trainer_free(trainer);
}

static void the_steps_after_a_change_follow_it(void **state)
{
    (void)state;
    diffusion_trainer *changed = lone_trainer(MLP, "rate=0.01 seed=3"), *plain = lone_trainer(MLP, "rate=0.01 seed=3"),
                      *other = lone_trainer(MLP, "rate=0.02 seed=3");
    assert_ok(diffusion_trainer_change(changed, "rate=0.02 seed=3"));
    train(changed, 3);
    train(other, 3);
    assert_same_weights(changed, other);
    diffusion_trainer_free(changed);
    changed = lone_trainer(MLP, "rate=0.01 seed=3");
    train(changed, 3);
    assert_ok(diffusion_trainer_change(changed, "steps=1000"));
    train(changed, 3);
    train(plain, 6);
    assert_same_weights(changed, plain);
    diffusion_trainer_free(changed);
    diffusion_trainer_free(plain);
    diffusion_trainer_free(other);
}

static void what_may_not_change_is_named(void **state)
{
    (void)state;
    static const char *const fixed[][2] = {
        {"seed=4", "trainer: seed=4, but the run was begun with seed=3"},
        {"rate=0.5 ema=0.5", "trainer: ema=0.5, but the run was begun with ema=0.999"},
        {"optimizer=sgd", "optimizer=sgd, but the run was begun with optimizer=adam"},
        {"objective=bound", "objective=bound, but the run was begun with objective=simple"},
        {"dequantize=0.5", "dequantize=0.5, but the run was begun with dequantize=0"},
        {"decay=cosine", "decay=cosine needs steps="},
        {"rates=1", "unknown key 'rates', did you mean 'rate'?"},
        {"rate=-1", "rate=-1"},
        {"rate=1 rate=1", "key 'rate' is given twice"},
    };
    diffusion_trainer *trainer = lone_trainer(MLP, "rate=0.01 seed=3");
    char before[512];
    snprintf(before, sizeof before, "%s", diffusion_trainer_spec(trainer));
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        assert_refused(diffusion_trainer_change(trainer, fixed[i][0]), DIFFUSION_E_SPEC, fixed[i][1]);
        assert_string_equal(diffusion_trainer_spec(trainer), before);
        assert_true(diffusion_trainer_rate(trainer) == 0.01);
    }
    diffusion_trainer_free(trainer);
}

/* ---- the loss of other samples ---- */

static double loss_of(diffusion_trainer *trainer, size_t from, size_t n)
{
    double loss = -777;
    diffusion_condition *condition = make_labels(labels + from, n);
    assert_ok(diffusion_trainer_loss(trainer, data + 2 * from, condition, n, from, &loss));
    diffusion_condition_free(condition);
    return loss;
}

static void the_loss_of_other_samples_disturbs_nothing(void **state)
{
    (void)state;
    static const char spec[] = "rate=0.01 ema=0.9 dequantize=0.1 seed=3";
    diffusion_trainer *watched = lone_trainer(MLP, spec), *alone = lone_trainer(MLP, spec);
    double first = loss_of(watched, 0, 6);
    for (int i = 0; i < 5; i++) {
        double before = loss_of(watched, 0, 6);
        assert_true(loss_of(watched, 0, 6) == before);
        assert_close((2 * loss_of(watched, 0, 2) + 4 * loss_of(watched, 2, 4)) / 6, before, 1e-12, 0);
        train(watched, 1);
        train(alone, 1);
    }
    assert_true(loss_of(watched, 0, 6) != first);
    assert_int_equal(diffusion_trainer_steps(watched), 5);
    assert_same_weights(watched, alone);
    diffusion_trainer_free(watched);
    diffusion_trainer_free(alone);
}

/* An output of 0 misses the noise by its square, whose mean over 2 n values is 1 +- sqrt(2 / 2 n). */
static void the_loss_is_that_of_the_objective(void **state)
{
    (void)state;
    enum { N = 8192 };
    float *x0 = calloc(2 * N, sizeof *x0);
    double loss = 0;
    diffusion_trainer *trainer = lone_trainer(MLP, "seed=3");
    assert_non_null(x0);
    assert_ok(diffusion_trainer_loss(trainer, x0, NULL, N, 0, &loss));
    assert_close(loss, 1, 0, 5 / sqrt(N));
    x0[3] = NAN;
    assert_refused(diffusion_trainer_loss(trainer, x0, NULL, N, 0, &loss), DIFFUSION_E_NONFINITE, "x0[3]=nan");
    assert_refused(diffusion_trainer_loss(trainer, x0, NULL, 0, 0, &loss), DIFFUSION_E_ARGUMENT, "n=0");
    diffusion_trainer_free(trainer);
    free(x0);
}

/* Of a network that leaves features out in training: not here. */
static void the_loss_is_without_dropout(void **state)
{
    (void)state;
    static const char unet[] = "unet shape=4,4,1 channels=8 blocks=1 groups=2 dropout=";
    double losses[2];
    for (int i = 0; i < 2; i++) {
        char spec[96];
        float x0[32];
        make_numbers(x0, 32, 3);
        snprintf(spec, sizeof spec, "%s%s", unet, i == 0 ? "0.9" : "0");
        diffusion_schedule *schedule = make_schedule("cosine steps=20");
        diffusion_model *model = make_model(spec, 1);
        fill_weights(model, 2);
        diffusion_trainer *trainer = make_trainer(model, schedule, "seed=3");
        assert_ok(diffusion_trainer_loss(trainer, x0, NULL, 2, 0, &losses[i]));
        diffusion_trainer_free(trainer);
        diffusion_model_free(model);
        diffusion_schedule_free(schedule);
    }
    assert_true(losses[0] == losses[1]);
}

/* ---- texts ---- */

static void texts_stay_with_the_checkpoint_alone(void **state)
{
    (void)state;
    diffusion_trainer *trainer = lone_trainer(MLP, ""), *rest = NULL;
    assert_null(diffusion_trainer_metadata(trainer, "losses"));
    assert_ok(diffusion_trainer_set_metadata(trainer, "losses", "1,2"));
    assert_ok(diffusion_trainer_set_metadata(trainer, "losses", "1,2,3"));
    assert_ok(diffusion_trainer_set_metadata(trainer, "gone", "x"));
    assert_ok(diffusion_trainer_set_metadata(trainer, "gone", NULL));
    assert_refused(diffusion_trainer_set_metadata(trainer, "", "x"), DIFFUSION_E_ARGUMENT, "key=''");
    assert_refused(diffusion_trainer_set_metadata(trainer, "x", "\xff"), DIFFUSION_E_ARGUMENT, "UTF-8");
    assert_ok(diffusion_trainer_save(trainer, FILE_NAME));
    assert_ok(diffusion_trainer_resume(&rest, FILE_NAME));
    assert_string_equal(diffusion_trainer_metadata(rest, "losses"), "1,2,3");
    assert_null(diffusion_trainer_metadata(rest, "gone"));
    assert_null(diffusion_model_metadata(diffusion_trainer_model(rest), "losses"));
    diffusion_trainer_free(trainer);
    diffusion_trainer_free(rest);
    remove(FILE_NAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_rate_is_as_if_it_had_been_so),
        cmocka_unit_test(the_steps_after_a_change_follow_it),
        cmocka_unit_test(what_may_not_change_is_named),
        cmocka_unit_test(the_loss_of_other_samples_disturbs_nothing),
        cmocka_unit_test(the_loss_is_that_of_the_objective),
        cmocka_unit_test(the_loss_is_without_dropout),
        cmocka_unit_test(texts_stay_with_the_checkpoint_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

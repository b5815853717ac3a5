/* Snapshots of averaged weights, and averages of any width made of them: against that average kept step by step. */
#define _POSIX_C_SOURCE 200809L
#include "make.h"
#include "mend.h"

enum { N = 8, DIM = 2, STEPS = 256, SNAPSHOTS = 16, COUNT = 512 };

#define SPEC "post_hoc_ema=yes ema=0 rate=1e-2 seed=3"

static diffusion_trainer *new_trainer(const char *spec)
{
    diffusion_schedule *schedule = make_schedule("cosine steps=20");
    diffusion_model *model = make_model("mlp shape=2 width=12 depth=1 time_features=4", 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, spec);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return trainer;
}

static void step(diffusion_trainer *trainer)
{
    float x0[N * DIM];
    make_numbers(x0, N * DIM, (unsigned)diffusion_trainer_steps(trainer));
    assert_ok(diffusion_trainer_step(trainer, x0, NULL, N, NULL));
}

static const char *name_of(int64_t step_count)
{
    static char names[4][32];
    static unsigned next;
    char *name = names[next++ % 4];
    snprintf(name, sizeof names[0], "snapshot-%d", (int)step_count);
    return name;
}

/* Of the average that counts step i as `width` wants it, in double. */
typedef struct truth {
    double exponent, sum[COUNT], low[COUNT], high[COUNT];
} truth;

static void follow(truth *of, const diffusion_trainer *trainer)
{
    const double t = (double)diffusion_trainer_steps(trainer), keep = pow((t - 1.0) / t, of->exponent + 1.0);
    size_t count = model_parameters(diffusion_trainer_model(trainer));
    float *weights = model_weights(diffusion_trainer_model(trainer));
    assert_true(count <= COUNT);
    for (size_t i = 0; i < count; i++) {
        const double value = (double)weights[i];
        of->sum[i] = keep * of->sum[i] + (1.0 - keep) * value;
        of->low[i] = t > 128.0 ? fmin(of->low[i], value) : value;
        of->high[i] = t > 128.0 ? fmax(of->high[i], value) : value;
    }
    free(weights);
}

/* gamma of the width 0.08 is 9.3: by hand, from the formula of the width. */
static double exponent_of(double width)
{
    double gamma = 1.0;
    for (int i = 0; i < 200; i++)
        gamma = sqrt((gamma + 1.0) / (gamma + 3.0)) / width - 2.0;
    return gamma;
}

/* Within the hundredth part of how far a weight has moved in the second half. */
static void assert_average(const diffusion_model *model, const truth *of, double most)
{
    size_t count = model_parameters(model);
    float *weights = model_weights(model);
    double worst = 0.0;
    for (size_t i = 0; i < count; i++)
        worst = fmax(worst, fabs((double)weights[i] - of->sum[i]) / (of->high[i] - of->low[i] + 1e-3));
    if (worst > most)
        fail_msg("off by %g of the weights' way, expected at most %g", worst, most);
    free(weights);
}

static void an_average_made_afterwards_is_the_one_kept_all_along(void **state)
{
    (void)state;
    static const double widths[] = {0.04, 0.05, 0.08, 0.12};
    static const double most[] = {2e-2, 1e-5, 4e-3, 4e-3};
    static truth of[4];
    char names[SNAPSHOTS][32];
    const char *paths[SNAPSHOTS];
    diffusion_trainer *trainer = new_trainer(SPEC);
    for (size_t w = 0; w < 4; w++)
        of[w].exponent = exponent_of(widths[w]);
    for (int taken = 1; taken <= STEPS; taken++) {
        step(trainer);
        for (size_t w = 0; w < 4; w++)
            follow(&of[w], trainer);
        if (taken % (STEPS / SNAPSHOTS) == 0) {
            const int at = taken / (STEPS / SNAPSHOTS) - 1;
            snprintf(names[at], sizeof names[at], "%s", name_of(taken));
            paths[SNAPSHOTS - 1 - at] = names[at]; /* in any order */
            assert_ok(diffusion_trainer_save_snapshot(trainer, names[at]));
        }
    }
    for (size_t w = 0; w < 4; w++) {
        diffusion_model *model = NULL;
        double error = -1.0;
        assert_ok(diffusion_trainer_average(&model, paths, SNAPSHOTS, widths[w], &error));
        printf("width %g: error %.2g\n", widths[w], error);
        assert_true(error >= 0.0 && error < 0.03);
        assert_average(model, &of[w], most[w]);
        assert_string_equal(diffusion_model_metadata(model, "schedule"),
                            diffusion_schedule_spec(diffusion_trainer_schedule(trainer)));
        assert_close(atof(diffusion_model_metadata(model, "average_width")), widths[w], 0, 0);
        diffusion_model_free(model);
    }
    diffusion_trainer_free(trainer);
    for (int i = 0; i < SNAPSHOTS; i++)
        remove(names[i]);
}

/* Weights that do not move are their average of any width, few and uneven as the snapshots may be. */
static void a_model_at_rest_is_its_own_average(void **state)
{
    (void)state;
    static const int at[] = {1, 2, 9, 10, 30, 31, 77, 120};
    enum { TAKEN = sizeof at / sizeof at[0] };
    char names[TAKEN][32];
    const char *paths[TAKEN];
    diffusion_trainer *trainer = new_trainer("post_hoc_ema=yes ema=0 rate=0 seed=3");
    for (int i = 0; i < TAKEN; i++) {
        while (diffusion_trainer_steps(trainer) < at[i])
            step(trainer);
        snprintf(names[i], sizeof names[i], "%s", name_of(at[i]));
        paths[i] = names[i];
        assert_ok(diffusion_trainer_save_snapshot(trainer, names[i]));
    }
    diffusion_model *model = NULL;
    assert_ok(diffusion_trainer_average(&model, paths, TAKEN, 0.12, NULL));
    const size_t count = model_parameters(model);
    float *made = model_weights(model), *rested = model_weights(diffusion_trainer_model(trainer));
    for (size_t i = 0; i < count; i++)
        assert_close((double)made[i], (double)rested[i], 1e-6, 1e-12);
    for (int i = 0; i < TAKEN; i++)
        remove(names[i]);
    free(made);
    free(rested);
    diffusion_model_free(model);
    diffusion_trainer_free(trainer);
}

/* Snapshots after a resume, at another rate, are of the run as well, and as if it had not stopped. */
static void a_resumed_run_goes_on_with_its_averages(void **state)
{
    (void)state;
    diffusion_trainer *whole = new_trainer(SPEC), *half = new_trainer(SPEC), *rest = NULL;
    diffusion_model *model = NULL;
    for (int i = 0; i < 10; i++) {
        step(whole);
        step(half);
    }
    assert_ok(diffusion_trainer_save_snapshot(half, "first"));
    assert_ok(diffusion_trainer_save(half, "checkpoint"));
    diffusion_trainer_free(half);
    assert_ok(diffusion_trainer_resume(&rest, "checkpoint"));
    for (int i = 0; i < 5; i++) {
        step(whole);
        step(rest);
    }
    assert_ok(diffusion_trainer_save_snapshot(whole, "whole"));
    assert_ok(diffusion_trainer_save_snapshot(rest, "rest"));
    assert_same_files("whole", "rest");
    assert_ok(diffusion_trainer_change(rest, "rate=1e-3"));
    step(rest);
    assert_ok(diffusion_trainer_save_snapshot(rest, "rest"));
    const char *const paths[] = {"first", "rest"};
    assert_ok(diffusion_trainer_average(&model, paths, 2, 0.1, NULL));
    diffusion_model_free(model);
    assert_ok(diffusion_model_load(&model, "first")); /* a snapshot is a model of the first average */
    diffusion_model_free(model);
    diffusion_trainer_free(whole);
    diffusion_trainer_free(rest);
    const char *const all[] = {"first", "whole", "rest", "checkpoint"};
    for (size_t i = 0; i < 4; i++)
        remove(all[i]);
}

static void refused(const char *first, const char *second, double width, diffusion_status status, const char *sentence)
{
    diffusion_model *model = NULL;
    const char *const paths[] = {first, second};
    double error = -7.0;
    assert_refused(diffusion_trainer_average(&model, paths, second != NULL ? 2 : 1, width, &error), status, sentence);
    assert_null(model);
    assert_true(error == -7.0);
}

static void what_does_not_belong_together_is_refused(void **state)
{
    (void)state;
    diffusion_trainer *run = new_trainer(SPEC), *other = new_trainer(SPEC " clip=2"), *none = new_trainer("");
    diffusion_trainer *resumed = NULL;
    assert_refused(diffusion_trainer_save_snapshot(run, "never"), DIFFUSION_E_STATE, "no step has been taken");
    assert_refused(diffusion_trainer_save_snapshot(none, "never"), DIFFUSION_E_STATE, "post_hoc_ema=yes");
    step(run);
    step(other);
    step(none);
    assert_ok(diffusion_trainer_save_snapshot(run, "one"));
    assert_ok(diffusion_trainer_save_snapshot(run, "same"));
    step(run);
    assert_ok(diffusion_trainer_save_snapshot(run, "two"));
    assert_ok(diffusion_trainer_save_snapshot(other, "other"));
    assert_ok(diffusion_trainer_save(run, "checkpoint"));
    refused("one", "other", 0.1, DIFFUSION_E_CONTENT, "other: of another run than one: their \"trainer\"");
    refused("one", "same", 0.1, DIFFUSION_E_CONTENT, "same: of step 1, as one");
    refused("one", "checkpoint", 0.1, DIFFUSION_E_CONTENT, "checkpoint: not a snapshot");
    refused("one", "nosuch", 0.1, DIFFUSION_E_IO, "nosuch: cannot open");
    refused("two", "one", 0.2, DIFFUSION_E_SPEC, "2 snapshots miss the width 0.2 by");
    refused("two", NULL, 0.2, DIFFUSION_E_SPEC, "1 snapshot misses the width 0.2");
    refused("two", NULL, 0.3, DIFFUSION_E_ARGUMENT, "width=0.3, expected more than 0");
    refused("two", NULL, NAN, DIFFUSION_E_ARGUMENT, "width=");
    assert_refused(diffusion_trainer_resume(&resumed, "two"), DIFFUSION_E_CONTENT, "two: a snapshot of averages");
    file_replace("two", "\"trainer.step\":\"2\"", "\"trainer.step\":\"0\"");
    refused("one", "two", 0.1, DIFFUSION_E_CONTENT, "two: of step 0");
    file_replace("two", "\"trainer.step\":\"0\"", "\"trainer.step\":\"3\"");
    file_replace("two", "\"trainer.snapshot\":\"0.05,0.1\"", "\"trainer.snapshot\":\"0.05,0.2\"");
    refused("one", "two", 0.1, DIFFUSION_E_CONTENT, "two: averages of the widths 0.05,0.2, expected 0.05,0.1");
    file_replace("two", "\"trainer.snapshot\":\"0.05,0.2\"", "\"trainer.snapshot\":\"0.05,0.1\"");
    file_end_with("two", NAN);
    refused("one", "two", 0.1, DIFFUSION_E_CONTENT, "holds nan");
    diffusion_trainer_free(run);
    diffusion_trainer_free(other);
    diffusion_trainer_free(none);
    const char *const all[] = {"one", "same", "two", "other", "checkpoint"};
    for (size_t i = 0; i < 5; i++)
        remove(all[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_average_made_afterwards_is_the_one_kept_all_along),
        cmocka_unit_test(a_model_at_rest_is_its_own_average),
        cmocka_unit_test(a_resumed_run_goes_on_with_its_averages),
        cmocka_unit_test(what_does_not_belong_together_is_refused),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

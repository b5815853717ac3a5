/* Checkpoints: a resumed run goes on to the same bits, and every wrong file is refused. */
#define _POSIX_C_SOURCE 200809L
#include "make.h"
#include "mend.h"

#include <sys/stat.h>

#define FILE_NAME "run.safetensors"
#define MLP "mlp width=5 depth=1 time_features=2 shape=2 classes=3"

static const float data[12] = {1, -1, 0.5f, 0.25f, -0.75f, 1, 0, -0.5f, -1, -1, 0.125f, 0.875f};
static const int32_t labels[6] = {0, 1, 2, -1, 0, 1};

static diffusion_trainer *lone_trainer(const char *schedule_spec, const char *spec)
{
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = make_model(MLP, 1);
    assert_ok(diffusion_model_set_metadata(model, "scale", "0..16"));
    diffusion_trainer *trainer = make_trainer(model, schedule, spec);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return trainer;
}

static void train(diffusion_trainer *trainer, int steps)
{
    diffusion_condition *condition = make_labels(labels, 6);
    for (int i = 0; i < steps; i++)
        assert_ok(diffusion_trainer_step(trainer, data, condition, 6, NULL));
    diffusion_condition_free(condition);
}

static void check_resumed(const char *schedule, const char *spec)
{
    diffusion_trainer *whole = lone_trainer(schedule, spec), *half = lone_trainer(schedule, spec), *rest = NULL;
    int64_t next[6], same[6];
    train(whole, 9);
    train(half, 4);
    assert_ok(diffusion_trainer_save(half, FILE_NAME));
    diffusion_trainer_free(half);
    assert_ok(diffusion_trainer_resume(&rest, FILE_NAME));
    assert_int_equal(diffusion_trainer_steps(rest), 4);
    assert_string_equal(diffusion_trainer_spec(rest), diffusion_trainer_spec(whole));
    assert_ok(diffusion_trainer_save(rest, "again"));
    assert_same_files("again", FILE_NAME);
    train(rest, 5);
    assert_true(diffusion_trainer_rate(rest) == diffusion_trainer_rate(whole));
    assert_ok(diffusion_trainer_draw(whole, 100, 6, next));
    assert_ok(diffusion_trainer_draw(rest, 100, 6, same));
    assert_same(same, next, sizeof next);
    assert_ok(diffusion_trainer_save(whole, FILE_NAME));
    assert_ok(diffusion_trainer_save(rest, "again"));
    assert_same_files("again", FILE_NAME);
    assert_string_equal(diffusion_model_metadata(diffusion_trainer_model(rest), "scale"), "0..16");
    diffusion_trainer_free(whole);
    diffusion_trainer_free(rest);
    remove("again");
    remove(FILE_NAME);
}

static void a_resumed_run_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    check_resumed("linear steps=10", "seed=5 ema=0.9");
    check_resumed("linear steps=10", "post_hoc_ema=yes ema=0");
    check_resumed("cosine steps=10", "optimizer=sgd ema=0 clip=1 dequantize=0.1");
    check_resumed("betas values=0.1,0.2", "times=importance time_draws=antithetic seed=2"); /* full at step 4 */
    check_resumed("betas values=0.1,0.2,0.3,0.4,0.5", "times=importance objective=bound edge=forward"); /* not yet */
    check_resumed("linear steps=10", "optimizer=muon momentum=0.8 weight_decay=0.1 seed=3");
    check_resumed("edm steps=8 sigma_min=0.01", "times=lognormal weight=min_snr time_draws=low_discrepancy");
    check_resumed("betas values=0.1,0.2,0.30000000000000004", "optimizer=adamw weight_decay=0.1 rate=0.0123456789 "
                                                              "decay=cosine steps=20 warmup=6");
}

/* The model has the schedule of the trainer that came last. */
static void two_trainers_of_a_model_keep_their_schedules(void **state)
{
    (void)state;
    diffusion_schedule *cosine = make_schedule("cosine steps=10"), *linear = make_schedule("linear steps=5");
    diffusion_model *model = make_model("mlp shape=2 width=4 depth=1", 1);
    diffusion_trainer *first = make_trainer(model, cosine, ""), *last = make_trainer(model, linear, ""), *again = NULL;
    assert_ok(diffusion_trainer_save(first, FILE_NAME));
    assert_ok(diffusion_trainer_resume(&again, FILE_NAME));
    assert_string_equal(diffusion_schedule_spec(diffusion_trainer_schedule(again)), diffusion_schedule_spec(cosine));
    diffusion_trainer_free(again);
    diffusion_trainer_free(last);
    diffusion_trainer_free(first);
    diffusion_model_free(model);
    diffusion_schedule_free(linear);
    diffusion_schedule_free(cosine);
    remove(FILE_NAME);
}

static void the_spec_is_complete(void **state)
{
    (void)state;
    diffusion_trainer *trainer = lone_trainer("linear steps=10", "rate=0.1");
    assert_string_equal(
        diffusion_trainer_spec(trainer),
        "objective=simple edge=model levels=256 cdf=normal weight=none snr_gamma=5 times=uniform "
        "time_draws=independent p_mean=-1.2 "
        "p_std=1.2 "
        "logit_mean=0 logit_std=1 steps=0 batch=128 optimizer=adam rate=0.1 warmup=0 decay=none beta1=0.9 "
        "beta2=0.999 epsilon=1e-08 momentum=0.95 weight_decay=0 clip=0 ema=0.999 ema_warmup=yes "
        "post_hoc_ema=no dequantize=0 condition_dropout=0 learn_schedule=no schedule_rate=0.01 seed=0");
    diffusion_trainer_free(trainer);
}

/* What a file holds: spoilt as assert_spoilt() is told, it must be refused. */
static void save_a_checkpoint(const char *spec)
{
    diffusion_trainer *trainer = lone_trainer("linear steps=10", spec);
    train(trainer, 3);
    assert_ok(diffusion_trainer_save(trainer, FILE_NAME));
    diffusion_trainer_free(trainer);
}

static void assert_not_resumed(diffusion_status status, const char *sentence)
{
    diffusion_trainer *trainer = NULL;
    assert_refused(diffusion_trainer_resume(&trainer, FILE_NAME), status, sentence);
    assert_ptr_equal(strstr(diffusion_last_error(), FILE_NAME ": "), diffusion_last_error());
    assert_null(trainer);
    remove(FILE_NAME);
}

static void assert_spoilt(const char *from, const char *to, diffusion_status status, const char *sentence)
{
    save_a_checkpoint("ema=0.9");
    file_replace(FILE_NAME, from, to);
    assert_not_resumed(status, sentence);
}

/* Of the same length: a default is left out. */
#define THREE_STEPS "learn_schedule=no schedule_rate=0.01 seed=0\",\"trainer.step\":\"3\""
#define LONGEST "schedule_rate=0.01 seed=0\",\"trainer.step\":\"100000000000000"

static void a_checkpoint_with_the_wrong_content_is_refused(void **state)
{
    (void)state;
    assert_spoilt("\"trainer\":", "\"drainer\":", DIFFUSION_E_CONTENT,
                  "not a checkpoint (its metadata lacks \"trainer\")");
    assert_spoilt("\"schedule\":", "\"sketched\":", DIFFUSION_E_CONTENT, "its metadata lacks \"schedule\"");
    assert_spoilt("\"trainer.step\":", "\"trainer.stop\":", DIFFUSION_E_CONTENT, "its metadata lacks \"trainer.step\"");
    assert_spoilt("\"trainer.step\":\"3\"", "\"trainer.step\":\"x\"", DIFFUSION_E_CONTENT,
                  "run.safetensors: trainer.step='x', expected a whole number");
    assert_spoilt(THREE_STEPS, LONGEST "1\"   ", DIFFUSION_E_CONTENT,
                  "trainer.step='1000000000000001', expected a whole number 0..10^15");
    assert_spoilt("\"trainer.step\":\"3\"", "\"trainer.step\":\"\"}", DIFFUSION_E_FORMAT, "run.safetensors: ");
    assert_spoilt("trainer.moment1.output.bias", "trainer.moment1.output.bios", DIFFUSION_E_CONTENT,
                  "tensor 'trainer.moment1.output.bias' is missing");
    assert_spoilt("ema=0.9", "ema=0.0", DIFFUSION_E_CONTENT, "16 tensors, expected the 12 of this trainer");
    assert_spoilt("optimizer=adam", "optimizer=adem", DIFFUSION_E_SPEC, "trainer: optimizer=adem, expected");
    assert_spoilt("linear steps=10", "linaer steps=10", DIFFUSION_E_SPEC, "schedule: unknown kind 'linaer'");
    assert_spoilt("predict=epsilon", "predict=apsilon", DIFFUSION_E_SPEC, "model: predict=apsilon, expected");
    assert_spoilt("objective=simple", "objective=hybrid", DIFFUSION_E_SPEC, "objective=hybrid needs a model with");
    assert_spoilt("kernel=gaussian", "kernel=binomial", DIFFUSION_E_KERNEL, "needs the Gaussian kernel");
    assert_spoilt("width=5", "width=6", DIFFUSION_E_CONTENT, "has the shape [5,7], expected [6,7]");
}

static void no_run_is_longer_than_its_count(void **state)
{
    (void)state;
    const float x0[] = {0.5f, -0.5f};
    diffusion_trainer *trainer = NULL;
    save_a_checkpoint("ema=0.9");
    file_replace(FILE_NAME, THREE_STEPS, LONGEST "0\"   ");
    assert_ok(diffusion_trainer_resume(&trainer, FILE_NAME));
    assert_refused(diffusion_trainer_step(trainer, x0, NULL, 1, NULL), DIFFUSION_E_STATE,
                   "10^15 steps have been taken");
    assert_int_equal(diffusion_trainer_steps(trainer), INT64_C(1000000000000000));
    diffusion_trainer_free(trainer);
    remove(FILE_NAME);
}

static void spoilt_numbers_and_foreign_tensors_are_refused(void **state)
{
    (void)state;
    save_a_checkpoint("ema=0.9");
    file_end_with(FILE_NAME, NAN);
    assert_not_resumed(DIFFUSION_E_CONTENT, "tensor 'trainer.moment2.output.bias' holds nan at 1, expected finite");
    save_a_checkpoint("ema=0.9");
    file_add_tensor(FILE_NAME, "trainer.moment3.output.bias");
    assert_not_resumed(DIFFUSION_E_CONTENT, "17 tensors, expected the 16 of this trainer");
    save_a_checkpoint("times=importance");
    file_end_with(FILE_NAME, 0.5f);
    assert_not_resumed(DIFFUSION_E_CONTENT, "tensor 'trainer.times.counts' holds other numbers than 0 to 10");
    save_a_checkpoint("optimizer=sgd ema=0");
    file_add_tensor(FILE_NAME, "extra");
    assert_not_resumed(DIFFUSION_E_CONTENT, "tensor 'extra' is not one of the model's");
    save_a_checkpoint("ema=0.9");
    file_cut(FILE_NAME, 1);
    assert_not_resumed(DIFFUSION_E_FORMAT, "bytes, but the file holds");
}

static void a_model_is_no_checkpoint(void **state)
{
    (void)state;
    diffusion_model *model = make_model(MLP, 1);
    assert_ok(diffusion_model_save(model, FILE_NAME));
    diffusion_model_free(model);
    assert_not_resumed(DIFFUSION_E_CONTENT, "run.safetensors: not a checkpoint (its metadata lacks \"trainer\")");
    assert_not_resumed(DIFFUSION_E_IO, "run.safetensors: cannot open: " BECAUSE("No such file or directory"));
}

static void what_cannot_be_saved_leaves_nothing_behind(void **state)
{
    (void)state;
    diffusion_trainer *trainer = lone_trainer("linear steps=10", "");
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_refused(diffusion_trainer_save(trainer, "folder"), DIFFUSION_E_IO,
                   "folder: not a regular file, so it cannot be replaced");
    assert_refused(diffusion_trainer_save(trainer, "no/such/file"), DIFFUSION_E_IO, "no/such/file: cannot create");
    assert_int_equal(folder_entries(), 1);
    assert_int_equal(rmdir("folder"), 0);
    diffusion_trainer_free(trainer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_resumed_run_goes_on_to_the_same_bits),
        cmocka_unit_test(two_trainers_of_a_model_keep_their_schedules),
        cmocka_unit_test(the_spec_is_complete),
        cmocka_unit_test(a_checkpoint_with_the_wrong_content_is_refused),
        cmocka_unit_test(no_run_is_longer_than_its_count),
        cmocka_unit_test(spoilt_numbers_and_foreign_tensors_are_refused),
        cmocka_unit_test(a_model_is_no_checkpoint),
        cmocka_unit_test(what_cannot_be_saved_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

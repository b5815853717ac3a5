/* Files of earlier versions are read for ever: those of tests/golden/format, one folder for each version, give the
 * samples and losses that they gave then, up to rounding.
 *   api-old_files FOLDER    writes the set of this version, for the golden folder of a release */
#define _POSIX_C_SOURCE 200809L

#include "golden_files.h"
#include "make.h"

enum { N = 4, DIM_MOST = 64, TRAINED = 5, VALUES = N * DIM_MOST };

#define SCHEDULE "cosine steps=10"
#define NOTE "Größe 0,5 \"quoted\""

/* A model file: its network, which trains a few steps, so that nothing of it stands at 0. */
typedef struct old_model {
    const char *name, *spec, *train;
    size_t dim;
    int has_labels;
} old_model;

static const old_model models[] = {
    {"mlp", "mlp shape=2 width=8 depth=2 classes=2 predict=v variance=learned_range", "objective=hybrid", 2, 1},
    {"rbf", "rbf shape=2 units=4 steps=10 predict=perturbation variance=learned", "objective=bound", 2, 0},
    {"multiscale", "multiscale shape=4,4,1 scales=2 channels=4 layers=2 dense=8 width=8 bumps=4 steps=10", "ema=0.5",
     16, 0},
    {"unet", "unet shape=8,8,1 channels=8,8 blocks=1 groups=4 attention=4 classes=2", "optimizer=sgd rate=0.1", 64, 1},
    {"learned", "mlp shape=2 width=8 depth=1 predict=perturbation variance=learned",
     "objective=bound learn_schedule=yes rate=0.01", 2, 0},
};
enum { MODELS = sizeof models / sizeof *models };

static const char checkpoint_train[] = "objective=hybrid optimizer=adamw rate=1e-2 warmup=3 ema=0.9 seed=2";

static float x0[VALUES];
static const int32_t labels[N] = {0, 1, 0, -1};

static const char *within(const char *folder, const char *name, const char *ending)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s%s", folder, name, ending);
    return path;
}

static diffusion_condition *condition_of(int has_labels)
{
    return make_labels(has_labels ? labels : NULL, N);
}

static double train(diffusion_trainer *trainer, int steps, int has_labels)
{
    double loss = 0.0;
    diffusion_condition *condition = condition_of(has_labels);
    for (int i = 0; i < steps; i++)
        assert_ok(diffusion_trainer_step(trainer, x0, condition, N, &loss));
    diffusion_condition_free(condition);
    return loss;
}

/* By the schedule that stands in the file. */
static void draw(float *out, const diffusion_model *model, int has_labels)
{
    diffusion_schedule *schedule = make_schedule(diffusion_model_metadata(model, "schedule"));
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral seed=7");
    diffusion_condition *condition = condition_of(has_labels);
    assert_ok(diffusion_sampler_run(sampler, condition, N, out));
    diffusion_condition_free(condition);
    diffusion_sampler_free(sampler);
    diffusion_schedule_free(schedule);
}

/* ---- writing a set ---- */

static void write_numbers(const char *path, const float *values, size_t count)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "%.9g\n", (double)values[i]);
    assert_int_equal(fclose(file), 0);
}

static void write_model(const char *folder, const old_model *of)
{
    float samples[VALUES];
    diffusion_model *model = make_model(of->spec, 1);
    diffusion_schedule *schedule = make_schedule(SCHEDULE);
    assert_ok(diffusion_model_set_metadata(model, "note", NOTE));
    diffusion_trainer *trainer = make_trainer(model, schedule, of->train);
    train(trainer, TRAINED, of->has_labels);
    const diffusion_model *trained = diffusion_trainer_model(trainer);
    assert_ok(diffusion_model_save(trained, within(folder, of->name, ".safetensors")));
    draw(samples, trained, of->has_labels);
    write_numbers(within(folder, of->name, ".txt"), samples, N * of->dim);
    if (strcmp(of->name, "unet") == 0)
        assert_ok(diffusion_model_save_diffusers(trained, schedule, within(folder, "pipeline", "")));
    diffusion_trainer_free(trainer);
    diffusion_schedule_free(schedule);
    diffusion_model_free(model);
}

/* The checkpoint, and the loss and samples of the run that goes on. */
static void write_checkpoint(const char *folder)
{
    float numbers[1 + 2 * N];
    diffusion_model *model = make_model(models[0].spec, 1);
    diffusion_schedule *schedule = make_schedule(SCHEDULE);
    diffusion_trainer *trainer = make_trainer(model, schedule, checkpoint_train);
    train(trainer, TRAINED, 1);
    assert_ok(diffusion_trainer_save(trainer, within(folder, "checkpoint", ".safetensors")));
    numbers[0] = (float)train(trainer, TRAINED, 1);
    draw(numbers + 1, diffusion_trainer_model(trainer), 1);
    write_numbers(within(folder, "checkpoint", ".txt"), numbers, 1 + 2 * N);
    diffusion_trainer_free(trainer);
    diffusion_schedule_free(schedule);
    diffusion_model_free(model);
}

static void write_set(void **state)
{
    for (size_t i = 0; i < MODELS; i++)
        write_model(*state, &models[i]);
    write_checkpoint(*state);
}

/* ---- reading one ---- */

static void compare(const float *got, const char *path, size_t count)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (size_t i = 0; i < count; i++) {
        double truth;
        assert_int_equal(fscanf(file, "%lf", &truth), 1);
        assert_close((double)got[i], truth, 1e-3, 1e-3);
    }
    fclose(file);
}

static void read_model(const char *folder, const char *path, const old_model *of)
{
    float samples[VALUES];
    diffusion_model *model = NULL;
    assert_ok(diffusion_model_load(&model, path));
    assert_int_equal(diffusion_model_dim(model), of->dim);
    assert_int_equal(diffusion_model_classes(model), of->has_labels ? 2 : 0);
    assert_string_equal(diffusion_model_metadata(model, "note"), NOTE);
    draw(samples, model, of->has_labels);
    compare(samples, within(folder, of->name, ".txt"), N * of->dim);
    diffusion_model_free(model);
}

static void models_of_0_1_give_their_samples(void **state)
{
    (void)state;
    const char *folder = TEST_GOLDEN "/format/0.1";
    for (size_t i = 0; i < MODELS; i++)
        read_model(folder, within(folder, models[i].name, ".safetensors"), &models[i]);
}

static void the_pipeline_of_0_1_gives_its_samples(void **state)
{
    (void)state;
    const char *folder = TEST_GOLDEN "/format/0.1";
    read_model(folder, within(folder, "pipeline", ""), &models[3]);
}

static void the_checkpoint_of_0_1_goes_on(void **state)
{
    (void)state;
    float numbers[1 + 2 * N];
    const char *folder = TEST_GOLDEN "/format/0.1";
    diffusion_trainer *trainer = NULL;
    assert_ok(diffusion_trainer_resume(&trainer, within(folder, "checkpoint", ".safetensors")));
    assert_int_equal(diffusion_trainer_steps(trainer), TRAINED);
    numbers[0] = (float)train(trainer, TRAINED, 1);
    draw(numbers + 1, diffusion_trainer_model(trainer), 1);
    compare(numbers, within(folder, "checkpoint", ".txt"), 1 + 2 * N);
    diffusion_trainer_free(trainer);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest write[] = {{"write_set", write_set, NULL, NULL, argc > 1 ? argv[1] : NULL}};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_of_0_1_give_their_samples),
        cmocka_unit_test(the_pipeline_of_0_1_gives_its_samples),
        cmocka_unit_test(the_checkpoint_of_0_1_goes_on),
    };
    make_numbers(x0, VALUES, 1);
    return argc > 1 ? cmocka_run_group_tests(write, NULL, NULL) : cmocka_run_group_tests(tests, NULL, NULL);
}

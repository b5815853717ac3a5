/* A host that writes 0,5: specs, sentences, help, JSON and model files have points all the same. */
#define _POSIX_C_SOURCE 200809L

#include "comma.h"
#include "folder.h"
#include "make.h"

#define SCHEDULE "linear steps=4 beta_start=0.05 beta_end=0.5"
#define UNET "unet shape=8,8,1 channels=8 blocks=1 groups=4 dropout=0.25 norm_epsilon=0.001"

/* What the library writes, in one locale. */
typedef struct texts {
    char schedule[1024], model[1024], trainer[1024], sampler[1024], evaluator[1024], help[8192], sentences[3][256];
    unsigned char file[65536];
    size_t file_size;
} texts;

static void keep(char *to, size_t size, const char *text)
{
    assert_non_null(text);
    assert_true(strlen(text) < size);
    snprintf(to, size, "%s", text);
}

static void write_sentences(texts *to)
{
    diffusion_schedule *schedule = NULL;
    diffusion_model *model = NULL;
    const double bad[] = {0.25, 1.5};
    assert_refused(diffusion_schedule_create(&schedule, "linear steps=4 beta_start=1.5"), DIFFUSION_E_SPEC, "1.5");
    keep(to->sentences[0], sizeof to->sentences[0], diffusion_last_error());
    assert_refused(diffusion_schedule_create_from_betas(&schedule, bad, 2, ""), DIFFUSION_E_ARGUMENT, "1.5");
    keep(to->sentences[1], sizeof to->sentences[1], diffusion_last_error());
    assert_refused(diffusion_model_create(&model, "unet shape=8,8,1 dropout=0,25", 1), DIFFUSION_E_SPEC, "0,25");
    keep(to->sentences[2], sizeof to->sentences[2], diffusion_last_error());
}

static void write_texts(texts *to)
{
    diffusion_schedule *schedule = make_schedule(SCHEDULE);
    diffusion_model *model = make_model(UNET, 1), *back = NULL;
    diffusion_trainer *trainer = make_trainer(model, schedule, "rate=0.0005 ema=0.9995 clip=0.5");
    diffusion_sampler *sampler = make_sampler(model, schedule, "ddim steps=3 eta=0.5 clip=1.25");
    diffusion_evaluator *evaluator = make_evaluator(model, schedule, "elbo dequantize=0.125");
    keep(to->schedule, sizeof to->schedule, diffusion_schedule_spec(schedule));
    keep(to->model, sizeof to->model, diffusion_model_spec(model));
    keep(to->trainer, sizeof to->trainer, diffusion_trainer_spec(trainer));
    keep(to->sampler, sizeof to->sampler, diffusion_sampler_spec(sampler));
    keep(to->evaluator, sizeof to->evaluator, diffusion_evaluator_spec(evaluator));
    assert_ok(diffusion_help("trainer", to->help, sizeof to->help, NULL));
    assert_ok(diffusion_model_save_memory(model, to->file, sizeof to->file, &to->file_size));
    assert_ok(diffusion_model_load_memory(&back, to->file, to->file_size));
    assert_string_equal(diffusion_model_spec(back), diffusion_model_spec(model));
    write_sentences(to);
    diffusion_model_free(back);
    diffusion_evaluator_free(evaluator);
    diffusion_sampler_free(sampler);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void texts_and_files_have_points(void **state)
{
    (void)state;
    static texts plain, comma;
    write_texts(&plain);
    comma_enter();
    write_texts(&comma);
    assert_string_equal(setlocale(LC_ALL, NULL), "comma");
    comma_leave();
    assert_memory_equal(&comma, &plain, sizeof plain);
}

/* Written under one locale, read under the other, both ways. */
static void folders_of_diffusers_have_points(void **state)
{
    (void)state;
    static const char *const names[] = {"folder/model_index.json", "folder/unet/config.json",
                                        "folder/unet/diffusion_pytorch_model.safetensors",
                                        "folder/scheduler/scheduler_config.json"};
    unsigned char *files[2][4];
    size_t sizes[2][4];
    diffusion_schedule *schedule = make_schedule(SCHEDULE);
    diffusion_model *model = make_model(UNET, 1), *back = NULL;
    for (int i = 0; i < 2; i++) {
        if (i == 1)
            comma_enter();
        assert_ok(diffusion_model_save_diffusers(model, schedule, "folder"));
        assert_ok(diffusion_model_load(&back, "folder"));
        assert_non_null(strstr(diffusion_model_metadata(back, "schedule"), "beta_start=0.05 beta_end=0.5"));
        diffusion_model_free(back);
        for (int j = 0; j < 4; j++) {
            files[i][j] = folder_read(names[j], &sizes[i][j]);
            assert_int_equal(unlink(names[j]), 0);
        }
    }
    comma_leave();
    for (int j = 0; j < 4; j++) {
        assert_int_equal(sizes[1][j], sizes[0][j]);
        assert_same(files[1][j], files[0][j], sizes[0][j]);
        free(files[0][j]);
        free(files[1][j]);
    }
    assert_true(rmdir("folder/unet") == 0 && rmdir("folder/scheduler") == 0 && rmdir("folder") == 0);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_files_have_points),
        cmocka_unit_test(folders_of_diffusers_have_points),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

/* Folders of diffusers that are not sound are refused in one sentence that names the file; what cannot be said in one
 * is not begun. */
#define _POSIX_C_SOURCE 200809L
#include "pipe.h"

/* A sound folder with one thing spoilt is refused; the sentence names the file. */
static void assert_spoilt(const char *file, const char *from, const char *to, diffusion_status status,
                          const char *sentence)
{
    diffusion_model *model = NULL;
    pipe_save(PIPE_SPEC, "cosine steps=20", NULL);
    if (to != NULL)
        file_replace(file, from, to);
    else
        remove(file);
    assert_refused(diffusion_model_load(&model, "pipe"), status, sentence);
    if (status != DIFFUSION_E_SPEC)
        assert_ptr_equal(strstr(diffusion_last_error(), file), diffusion_last_error());
    assert_null(model);
    pipe_clean("pipe");
}

static void a_folder_that_is_not_sound_is_refused(void **state)
{
    (void)state;
    assert_spoilt(PIPE_UNET, NULL, NULL, DIFFUSION_E_IO, "cannot open: " BECAUSE("No such file"));
    assert_spoilt(PIPE_WEIGHTS, NULL, NULL, DIFFUSION_E_IO, "cannot open: " BECAUSE("No such file"));
    assert_spoilt(PIPE_SCHEDULER, NULL, NULL, DIFFUSION_E_IO, "cannot open: " BECAUSE("No such file"));
    assert_spoilt("pipe/model_index.json", "DDPMPipeline", "LDMXPipeline", DIFFUSION_E_CONTENT,
                  "_class_name=\"LDMXPipeline\", expected \"DDPMPipeline\" or \"DDIMPipeline\"");
    assert_spoilt("pipe/model_index.json", "UNet2DModel", "VQModelText", DIFFUSION_E_CONTENT,
                  "unet=[\"diffusers\",\"VQModelText\"], expected [\"diffusers\",\"UNet2DModel\"]");
    assert_spoilt("pipe/model_index.json", "\"unet\"", "\"net2\"", DIFFUSION_E_CONTENT, "unet=missing, expected");
    assert_spoilt(PIPE_UNET, "\"dropout\": 0.0", "\"dropout\": \"a\"", DIFFUSION_E_CONTENT, "dropout=\"a\", expected");
    assert_spoilt(PIPE_UNET, "\"in_channels\"", "\"dn_channels\"", DIFFUSION_E_CONTENT,
                  "dn_channels=2, expected no such");
    assert_spoilt(PIPE_UNET, "\"freq_shift\": 0", "\"dropout\":  0.5", DIFFUSION_E_FORMAT, "duplicate object key");
    assert_spoilt(PIPE_UNET, "\"freq_shift\": 0", "\"x\": 9e99999999", DIFFUSION_E_FORMAT, "real number overflow");
    assert_spoilt(PIPE_UNET, "{", "[", DIFFUSION_E_FORMAT, "the file is not valid JSON");
    assert_spoilt(PIPE_UNET, "\"norm_num_groups\": 4", "\"norm_num_groups\": 3", DIFFUSION_E_SPEC, "groups=3 does not");
    assert_spoilt(PIPE_SCHEDULER, "\"DDPMScheduler\"", "\"VQVDScheduler\"", DIFFUSION_E_CONTENT,
                  "expected a scheduler that is read");
    assert_spoilt(PIPE_WEIGHTS, "conv_in.bias", "conv_in.bios", DIFFUSION_E_CONTENT,
                  "tensor 'conv_in.bias' is missing");
}

static void tensors_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    diffusion_model *model = NULL;
    pipe_save(PIPE_SPEC, "cosine steps=20", NULL);
    file_add_tensor(PIPE_WEIGHTS, "extra");
    assert_refused(diffusion_model_load(&model, "pipe"), DIFFUSION_E_CONTENT, "tensor 'extra' is not one of the model");
    pipe_clean("pipe");
    pipe_save(PIPE_SPEC, "cosine steps=20", NULL);
    file_end_with(PIPE_WEIGHTS, NAN);
    assert_refused(diffusion_model_load(&model, "pipe"), DIFFUSION_E_CONTENT, "expected finite numbers");
    pipe_clean("pipe");
    pipe_save(PIPE_SPEC, "cosine steps=20", NULL);
    assert_int_equal(rename(PIPE_WEIGHTS, "pipe/unet/diffusion_pytorch_model.bin"), 0);
    assert_refused(diffusion_model_load(&model, "pipe"), DIFFUSION_E_CONTENT,
                   "pipe/unet/diffusion_pytorch_model.bin: a pickle file, which is never read; expected "
                   "diffusion_pytorch_model.safetensors");
    assert_null(model);
    pipe_clean("pipe");
}

static int32_t nothing(const float *x, const double *time, const diffusion_condition *condition, size_t n, float *out,
                       void *user)
{
    (void)x, (void)time, (void)condition, (void)n, (void)out, (void)user;
    return 0;
}

static void what_cannot_be_saved_is_not_begun(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("cosine steps=20"), *bits = make_schedule("cosine kernel=binomial");
    diffusion_model *good = pipe_model(PIPE_SPEC), *callback = make_callback("shape=2", nothing, NULL);
    diffusion_model *others[] = {
        make_model("mlp shape=2 width=3 depth=1", 1), make_model(PIPE_SPEC " predict=perturbation", 1),
        make_model(PIPE_SPEC " predict=mean", 1),     make_model(PIPE_SPEC " variance=learned", 1),
        make_model(PIPE_SPEC " condition=3", 1),      make_model(PIPE_SPEC " time=log_snr", 1),
        make_model(PIPE_SPEC " fourier=7,8", 1)};
    static const char *const sentences[] = {"the network is 'mlp', expected unet",
                                            "predict=perturbation, expected",
                                            "predict=mean, expected",
                                            "variance=learned, expected",
                                            "condition=",
                                            "time=log_snr, expected step",
                                            "fourier=7,8, expected none: UNet2DModel has no Fourier features"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_refused(diffusion_model_save_diffusers(others[i], schedule, "pipe"), DIFFUSION_E_SPEC, sentences[i]);
        diffusion_model_free(others[i]);
    }
    assert_refused(diffusion_model_save_diffusers(good, bits, "pipe"), DIFFUSION_E_KERNEL,
                   "a scheduler needs the Gaussian kernel");
    assert_refused(diffusion_model_save_diffusers(callback, schedule, "pipe"), DIFFUSION_E_STATE, "a callback model");
    assert_refused(diffusion_model_save_diffusers(NULL, schedule, "pipe"), DIFFUSION_E_ARGUMENT, "model is NULL");
    assert_refused(diffusion_model_save_diffusers(good, NULL, "pipe"), DIFFUSION_E_ARGUMENT, "schedule is NULL");
    assert_refused(diffusion_model_save_diffusers(good, schedule, NULL), DIFFUSION_E_ARGUMENT, "path is NULL");
    assert_refused(diffusion_model_save_diffusers(good, schedule, "no/such/folder"), DIFFUSION_E_IO,
                   "no/such/folder: cannot make a folder: " BECAUSE("No such file"));
    assert_int_equal(folder_entries(), 0);
    folder_write("file", "x", 1);
    assert_refused(diffusion_model_save_diffusers(good, schedule, "file"), DIFFUSION_E_IO,
                   "file: cannot make a folder: " BECAUSE("File exists"));
    remove("file");
    diffusion_model_free(good);
    diffusion_model_free(callback);
    diffusion_schedule_free(schedule);
    diffusion_schedule_free(bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_that_is_not_sound_is_refused),
        cmocka_unit_test(tensors_that_do_not_fit_are_refused),
        cmocka_unit_test(what_cannot_be_saved_is_not_begun),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

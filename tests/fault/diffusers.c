#define _POSIX_C_SOURCE 200809L
#include "fault.h"
#include "pipe.h"

#define SPEC "unet shape=4,4,1 channels=4,4 blocks=1 groups=2"

#define SHARD "shards/unet/diffusion_pytorch_model-00001-of-00001.safetensors"
#define SHARDS "shards/unet/diffusion_pytorch_model.safetensors.index.json"

static diffusion_model *model;
static diffusion_schedule *schedule;
static float *truth;

/* The folder may be there when the memory runs out, half of a file never is. */
static diffusion_status a_pipeline_that_is_saved(void)
{
    diffusion_status status = diffusion_model_save_diffusers(model, schedule, "pipe");
    assert_true((access("pipe/model_index.json", R_OK) == 0) == (status == DIFFUSION_OK));
    pipe_clean("pipe");
    return status;
}

/* All that a save needs it has before it takes anything of the old pipeline away. */
static diffusion_status a_pipeline_that_replaces_another(void)
{
    diffusion_status status = diffusion_model_save_diffusers(model, schedule, "kept");
    assert_true(access("kept/model_index.json", R_OK) == 0 && access("kept/unet/config.json", R_OK) == 0);
    return status;
}

static diffusion_status load(const char *path)
{
    diffusion_model *loaded = NULL;
    diffusion_status status = diffusion_model_load(&loaded, path);
    assert_true((loaded == NULL) == (status != DIFFUSION_OK));
    if (status == DIFFUSION_OK) {
        float *got = model_weights(loaded);
        assert_same(got, truth, model_parameters(model) * sizeof *got);
        free(got);
    }
    diffusion_model_free(loaded);
    return status;
}

static diffusion_status a_pipeline_that_is_loaded(void)
{
    return load("kept");
}

static diffusion_status a_unet_that_is_loaded(void)
{
    return load("kept/unet");
}

static diffusion_status a_pipeline_of_shards(void)
{
    return load("shards");
}

/* One shard of all. */
static void make_shards(void)
{
    assert_ok(diffusion_model_save_diffusers(model, schedule, "shards"));
    assert_int_equal(rename("shards/unet/diffusion_pytorch_model.safetensors", SHARD), 0);
    FILE *index = fopen(SHARDS, "wb");
    assert_non_null(index);
    fprintf(index, "{\"weight_map\": {");
    for (size_t i = 0; i < diffusion_model_parameter_count(model); i++)
        fprintf(index, "%s\"%s\": \"diffusion_pytorch_model-00001-of-00001.safetensors\"", i > 0 ? "," : "",
                diffusion_model_parameter_name(model, i));
    fprintf(index, "}}");
    fclose(index);
}

static int enter(void **state)
{
    int status = fault_enter(state);
    model = make_model(SPEC, 1);
    schedule = make_schedule("betas values=0.1,0.25,0.123456789012345");
    fill_weights(model, 2);
    truth = model_weights(model);
    assert_ok(diffusion_model_set_metadata(model, "sampler", "ddim clip=1 spacing=trailing"));
    assert_ok(diffusion_model_save_diffusers(model, schedule, "kept"));
    make_shards();
    return status;
}

static int leave(void **state)
{
    pipe_clean("kept");
    remove(SHARD);
    remove(SHARDS);
    pipe_clean("shards");
    free(truth);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return fault_blocks.live == 0 ? folder_leave(state) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(a_pipeline_that_is_saved),  FAULT_SCENARIO(a_pipeline_that_replaces_another),
        FAULT_SCENARIO(a_pipeline_that_is_loaded), FAULT_SCENARIO(a_pipeline_of_shards),
        FAULT_SCENARIO(a_unet_that_is_loaded),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}

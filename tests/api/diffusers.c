/* Folders of diffusers from outside: what is saved is loaded to the same bits. */
#define _POSIX_C_SOURCE 200809L
#include "pipe.h"

static void a_pipeline_comes_back_bit_by_bit(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {PIPE_SPEC " predict=epsilon variance=fixed_small", "linear steps=20", "ancestral clip=1"},
        {PIPE_SPEC " predict=v variance=learned_range classes=3", "cosine steps=30", "ancestral"},
        {PIPE_SPEC " predict=x0 variance=fixed_large conditioning=scale_shift", "sigmoid steps=10 beta_end=0.3",
         "ancestral spacing=linspace"},
        {PIPE_SPEC " predict=epsilon variance=fixed_small downsample_padding=0", "scaled_linear steps=60",
         "ddim steps=50 clip=1.5 spacing=leading final=sigma_min"},
    };
    for (size_t i = 0; i < 4; i++) {
        diffusion_schedule *schedule = make_schedule(cases[i][1]);
        diffusion_model *model = pipe_model(cases[i][0]), *loaded = NULL;
        pipe_save(cases[i][0], cases[i][1], cases[i][2]);
        assert_ok(diffusion_model_load(&loaded, "pipe"));
        assert_string_equal(diffusion_model_spec(loaded), diffusion_model_spec(model));
        assert_string_equal(diffusion_model_metadata(loaded, "schedule"), diffusion_schedule_spec(schedule));
        assert_string_equal(diffusion_model_metadata(loaded, "sampler"), cases[i][2]);
        float *truth = model_weights(model), *got = model_weights(loaded);
        assert_same(got, truth, model_parameters(model) * sizeof *got);
        free(truth);
        free(got);
        diffusion_model_free(model);
        diffusion_model_free(loaded);
        diffusion_schedule_free(schedule);
        pipe_clean("pipe");
    }
}

static void a_folder_saved_again_is_the_same(void **state)
{
    (void)state;
    static const char *const files[] = {"unet/diffusion_pytorch_model.safetensors", "unet/config.json",
                                        "scheduler/scheduler_config.json", "model_index.json"};
    diffusion_model *loaded = NULL;
    pipe_save(PIPE_SPEC, "cosine steps=20", "ancestral clip=1");
    assert_ok(diffusion_model_load(&loaded, "pipe"));
    diffusion_schedule *schedule = make_schedule(diffusion_model_metadata(loaded, "schedule"));
    assert_ok(diffusion_model_save_diffusers(loaded, schedule, "pipe")); /* with what it takes the data for */
    diffusion_model_free(loaded);
    assert_ok(diffusion_model_load(&loaded, "pipe"));
    assert_ok(diffusion_model_save_diffusers(loaded, schedule, "again"));
    for (size_t i = 0; i < 4; i++) {
        char one[128], two[128];
        snprintf(one, sizeof one, "pipe/%s", files[i]);
        snprintf(two, sizeof two, "again/%s", files[i]);
        assert_same_files(one, two);
    }
    diffusion_model_free(loaded);
    diffusion_schedule_free(schedule);
    pipe_clean("pipe");
    pipe_clean("again");
}

static void what_was_noted_of_the_data_stays(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("cosine steps=20");
    diffusion_model *model = pipe_model(PIPE_SPEC), *loaded = NULL;
    assert_ok(diffusion_model_set_metadata(model, "data.scale", "71.5"));
    assert_ok(diffusion_model_set_metadata(model, "data.note", "\xc3\xbc"));
    assert_ok(diffusion_model_save_diffusers(model, schedule, "pipe"));
    assert_ok(diffusion_model_load(&loaded, "pipe"));
    assert_string_equal(diffusion_model_metadata(loaded, "data.scale"), "71.5");
    assert_string_equal(diffusion_model_metadata(loaded, "data.note"), "\xc3\xbc");
    assert_null(diffusion_model_metadata(loaded, "data.shift"));
    assert_null(diffusion_model_metadata(loaded, "format"));
    diffusion_model_free(loaded);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    pipe_clean("pipe");
}

/* A folder that says nothing of its data is of bytes, black to white as -1..1. */
static void what_nothing_is_said_of_is_taken_for_bytes(void **state)
{
    (void)state;
    diffusion_model *loaded = NULL;
    float x[128] = {-1, 1, 0, -2, 2};
    double values[128];
    pipe_save(PIPE_SPEC, "cosine steps=20", NULL);
    assert_ok(diffusion_model_load(&loaded, "pipe"));
    assert_string_equal(diffusion_model_metadata(loaded, "data.kind"), "images");
    assert_int_equal(diffusion_model_dim(loaded), 128);
    assert_ok(diffusion_model_to_data(loaded, x, 1, values));
    assert_true(values[0] == 0 && values[1] == 255 && values[3] == 0 && values[4] == 255);
    assert_true(values[2] == 127 || values[2] == 128);
    diffusion_model_free(loaded);
    pipe_clean("pipe");
}

static void a_unet_alone_has_no_schedule(void **state)
{
    (void)state;
    diffusion_model *loaded = NULL;
    pipe_save(PIPE_SPEC " variance=learned_range", "cosine steps=20", NULL);
    assert_ok(diffusion_model_load(&loaded, "pipe/unet"));
    assert_null(diffusion_model_metadata(loaded, "schedule"));
    assert_null(diffusion_model_metadata(loaded, "sampler"));
    assert_non_null(strstr(diffusion_model_spec(loaded), " predict=epsilon variance=learned_range"));
    diffusion_model_free(loaded);
    pipe_clean("pipe");
}

/* As the first versions of diffusers had it. */
static void all_parts_may_stand_in_one_folder(void **state)
{
    (void)state;
    diffusion_model *loaded = NULL;
    pipe_save(PIPE_SPEC, "cosine steps=20", NULL);
    assert_int_equal(rename(PIPE_UNET, "pipe/config.json"), 0);
    assert_int_equal(rename(PIPE_WEIGHTS, "pipe/diffusion_pytorch_model.safetensors"), 0);
    assert_int_equal(rename(PIPE_SCHEDULER, "pipe/scheduler_config.json"), 0);
    assert_ok(diffusion_model_load(&loaded, "pipe"));
    assert_non_null(strstr(diffusion_model_metadata(loaded, "schedule"), "cosine steps=20"));
    diffusion_model_free(loaded);
    pipe_clean("pipe");
}

/* query, key, value and proj_attn are what to_q, to_k, to_v and to_out.0 were called; spaces make up for the length. */
static void attention_may_have_its_former_names(void **state)
{
    (void)state;
    static const char *const parts[] = {"down_blocks.1", "mid_block", "up_blocks.0"};
    static const char *const names[][2] = {{".to_q.", ".query."}, {".to_k.", ".key."}, {".to_v.", ".value."}};
    diffusion_model *model = pipe_model(PIPE_SPEC), *loaded = NULL;
    float *truth = model_weights(model);
    pipe_save(PIPE_SPEC, "cosine steps=20", NULL);
    size_t size;
    unsigned char *bytes = folder_read(PIPE_WEIGHTS, &size);
    uint64_t length = 0;
    for (size_t i = 0; i < 8; i++)
        length |= (uint64_t)bytes[i] << (8 * i);
    char *old = calloc(length + 1, 1), *header = calloc(2 * length, 1);
    assert_true(old != NULL && header != NULL);
    memcpy(old, bytes + 8, length);
    size_t used = 0, renamed = 0;
    for (const char *at = old; *at != '\0';) {
        const char *to = NULL;
        size_t skip = 1;
        for (size_t i = 0; i < 3; i++)
            if (strncmp(at, names[i][0], strlen(names[i][0])) == 0) {
                to = names[i][1];
                skip = strlen(names[i][0]);
            }
        if (strncmp(at, ".to_out.0.", 10) == 0) {
            to = ".proj_attn.";
            skip = 10;
        }
        if (to != NULL)
            used += (size_t)snprintf(header + used, 16, "%s", to), renamed++;
        else
            header[used++] = *at;
        at += skip;
    }
    assert_int_equal(renamed, 8 * (1 + 1 + 2)); /* weights and biases of 4 attentions: 1 down, 1 in the middle, 2 up */
    for (size_t i = 0; i < 3; i++)
        assert_non_null(strstr(header, parts[i]));
    while (used % 8 != 0)
        header[used++] = ' ';
    unsigned char *all = calloc(8 + used + size, 1);
    assert_non_null(all);
    for (size_t i = 0; i < 8; i++)
        all[i] = (unsigned char)((uint64_t)used >> (8 * i));
    memcpy(all + 8, header, used);
    memcpy(all + 8 + used, bytes + 8 + length, size - 8 - length);
    folder_write(PIPE_WEIGHTS, all, 8 + used + size - 8 - length);
    assert_ok(diffusion_model_load(&loaded, "pipe"));
    float *got = model_weights(loaded);
    assert_same(got, truth, model_parameters(model) * sizeof *got);
    void *memory[] = {truth, got, bytes, old, header, all};
    for (size_t i = 0; i < sizeof memory / sizeof memory[0]; i++)
        free(memory[i]);
    diffusion_model_free(model);
    diffusion_model_free(loaded);
    pipe_clean("pipe");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipeline_comes_back_bit_by_bit),
        cmocka_unit_test(a_folder_saved_again_is_the_same),
        cmocka_unit_test(what_was_noted_of_the_data_stays),
        cmocka_unit_test(what_nothing_is_said_of_is_taken_for_bytes),
        cmocka_unit_test(a_unet_alone_has_no_schedule),
        cmocka_unit_test(all_parts_may_stand_in_one_folder),
        cmocka_unit_test(attention_may_have_its_former_names),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}

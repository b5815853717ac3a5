/* Configurations of diffusers as specs and back: what diffusers 0.26.3 itself has written comes back to the last key,
 * and what the library cannot do is refused by its name. */
#include "json.h"

#include "base/memory.h"
#include "interop/diffusers/specs.h"
#include "model/model.h"

typedef struct known_config {
    const char *file, *spec;
} known_config;

/* Specs read off the configurations by hand. */
static const known_config unets[] = {
    {"unet/plain/config.json",
     "unet channels=16,32 attention=8 blocks=1 mid_attention=yes head_channels=8 groups=8 norm_epsilon=1e-05 "
     "flip_sin_to_cos=yes freq_shift=0 conditioning=default downsample_padding=1 dropout=0 shape=16,16,1 classes=0"},
    {"unet/scale_shift/config.json",
     "unet channels=16,16 attention=0 blocks=1 mid_attention=no head_channels=8 groups=8 norm_epsilon=1e-05 "
     "flip_sin_to_cos=yes freq_shift=0 conditioning=scale_shift downsample_padding=1 dropout=0 shape=16,16,2 "
     "classes=0"},
    {"unet/classes/config.json",
     "unet channels=8,16,16 attention=7 blocks=1 mid_attention=yes head_channels=8 groups=8 norm_epsilon=1e-05 "
     "flip_sin_to_cos=yes freq_shift=0 conditioning=default downsample_padding=1 dropout=0 shape=28,28,1 classes=10"},
    {"unet/ddpm_hub/config.json",
     "unet channels=16,32,32,32 attention=16 blocks=2 mid_attention=yes head_channels=0 groups=16 norm_epsilon=1e-06 "
     "flip_sin_to_cos=no freq_shift=1 conditioning=default downsample_padding=0 dropout=0 shape=32,32,3 classes=0"},
    {"unet/heads/config.json",
     "unet channels=16,24,32 attention=4 blocks=2 mid_attention=yes head_channels=8 groups=8 norm_epsilon=1e-05 "
     "flip_sin_to_cos=yes freq_shift=0 conditioning=default downsample_padding=1 dropout=0 shape=8,8,3 classes=0"},
    {"pipelines/ddpm-mnist/unet/config.json",
     "unet channels=32,64,64 attention=7 blocks=1 mid_attention=yes head_channels=0 groups=8 norm_epsilon=1e-05 "
     "flip_sin_to_cos=yes freq_shift=0 conditioning=default downsample_padding=1 dropout=0 shape=28,28,1 classes=0"},
};

/* The complete spec of the model that a spec makes. */
static char *complete(const char *spec)
{
    struct diffusion_model *model = NULL;
    assert_ok(model_create_shell(&model, spec));
    char *text = memory_text(model->spec);
    model_release(model);
    return text;
}

static void each_unet_comes_back_to_the_last_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPEC_COUNT(unets); i++) {
        json_value *truth = json_golden(unets[i].file), *written = NULL;
        diffusers_unet unet = {.spec = NULL};
        assert_ok(diffusers_unet_read(&unet, truth, "config.json"));
        assert_string_equal(unet.spec, unets[i].spec);
        assert_int_equal(unet.learned, strstr(unets[i].file, "heads") != NULL);
        char *spec = diffusers_model_spec(&unet, NULL), *whole = complete(spec);
        assert_ok(diffusers_unet_write(&written, whole));
        assert_json_equal(written, truth);
        diffusers_unet_release(&unet);
        memory_release(spec);
        memory_release(whole);
        json_release(truth);
        json_release(written);
    }
}

static void a_unet_that_is_not_square_or_has_dropout_comes_back(void **state)
{
    (void)state;
    json_value *plain = json_golden("unet/plain/config.json"), *wide = json_with(plain, "sample_size", "[8, 24]");
    json_value *truth = json_with(wide, "dropout", "0.1"), *written = NULL;
    diffusers_unet unet = {.spec = NULL};
    assert_ok(diffusers_unet_read(&unet, truth, "config.json"));
    assert_non_null(strstr(unet.spec, "attention=4 "));
    assert_non_null(strstr(unet.spec, "dropout=0.1 shape=8,24,1 "));
    char *spec = diffusers_model_spec(&unet, NULL), *whole = complete(spec);
    assert_ok(diffusers_unet_write(&written, whole));
    assert_json_equal(written, truth);
    diffusers_unet_release(&unet);
    memory_release(spec);
    memory_release(whole);
    json_value *all[] = {plain, wide, truth, written};
    for (size_t i = 0; i < 4; i++)
        json_release(all[i]);
}

/* Keys that early versions did not write have UNet2DModel's defaults, those that it ignores are no fault. */
static void keys_may_be_missing(void **state)
{
    (void)state;
    json_value *json =
        json_of("{\"_class_name\": \"UNet2DModel\", \"_name_or_path\": \"x\", \"sample_size\": 64,"
                " \"block_out_channels\": [64, 64], \"down_block_types\": [\"DownBlock2D\", \"DownBlock2D\"],"
                " \"up_block_types\": [\"UpBlock2D\", \"UpBlock2D\"], \"act_fn\": \"swish\","
                " \"mid_block_scale_factor\": 1.0, \"some_later_switch\": false}");
    diffusers_unet unet = {.spec = NULL};
    assert_ok(diffusers_unet_read(&unet, json, "config.json"));
    assert_string_equal(unet.spec,
                        "unet channels=64,64 attention=0 blocks=2 mid_attention=yes head_channels=8 groups=32 "
                        "norm_epsilon=1e-05 flip_sin_to_cos=yes freq_shift=0 conditioning=default "
                        "downsample_padding=1 dropout=0 shape=64,64,3 classes=0");
    diffusers_unet_release(&unet);
    json_release(json);
}

static void each_option_that_is_not_supported_is_named(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"_class_name", "\"UNet2DConditionModel\"", "_class_name=\"UNet2DConditionModel\", expected \"UNet2DModel\""},
        {"_class_name", NULL, "_class_name=missing, expected \"UNet2DModel\""},
        {"sample_size", "null", "sample_size=null, expected a whole number 1..65536, or two"},
        {"sample_size", NULL, "sample_size=missing"},
        {"sample_size", "[28]", "sample_size=[28]"},
        {"sample_size", "\"28\"", "sample_size=\"28\""},
        {"sample_size", "-28", "sample_size=-28"},
        {"center_input_sample", "true", "center_input_sample=true, expected false"},
        {"time_embedding_type", "\"fourier\"", "time_embedding_type=\"fourier\", expected \"positional\""},
        {"class_embed_type", "\"timestep\"", "class_embed_type=\"timestep\", expected null"},
        {"downsample_type", "\"resnet\"", "downsample_type=\"resnet\", expected \"conv\""},
        {"upsample_type", "\"resnet\"", "upsample_type=\"resnet\", expected \"conv\""},
        {"act_fn", "\"relu\"", "act_fn=\"relu\", expected \"silu\""},
        {"mid_block_scale_factor", "1.4", "mid_block_scale_factor=1.4"},
        {"resnet_time_scale_shift", "\"spatial\"", "=\"spatial\", expected \"default\" or \"scale_shift\""},
        {"attn_norm_num_groups", "4", "attn_norm_num_groups=4, expected null or 8, as norm_num_groups"},
        {"down_block_types", "[\"DownBlock2D\", \"SkipDownBlock2D\"]",
         "down_block_types=\"SkipDownBlock2D\", expected DownBlock2D or AttnDownBlock2D"},
        {"up_block_types", "[\"UpBlock2D\", \"AttnUpBlock2D\"]",
         "up_block_types=\"AttnUpBlock2D\", expected UpBlock2D, the mirror of down_block_types"},
        {"up_block_types", "[\"UpBlock2D\"]", "up_block_types=[\"UpBlock2D\"], expected 2 items"},
        {"up_block_types", "[1, 2]", "up_block_types=2, expected UpBlock2D or AttnUpBlock2D"},
        {"block_out_channels", "[]", "block_out_channels=[], expected an array of 1..8 items"},
        {"block_out_channels", "[16, 0]", "block_out_channels=0, expected whole numbers 1..65536"},
        {"block_out_channels", "[16, 1.5]", "block_out_channels=1.5, expected whole numbers"},
        {"block_out_channels", NULL, "block_out_channels=missing, expected an array"},
        {"out_channels", "3", "out_channels=3, expected 1 as in_channels, or twice that"},
        {"norm_num_groups", "null", "norm_num_groups=null, expected a whole number 1..65536"},
        {"norm_eps", "\"small\"", "norm_eps=\"small\", expected a number"},
        {"norm_eps", "0", "norm_eps=0, expected a number 1e-12..1"},
        {"layers_per_block", "[1, 2]", "layers_per_block=[1,2], expected a whole number 1..64"},
        {"layers_per_block", "1000000000000", "layers_per_block=1000000000000, expected"},
        {"flip_sin_to_cos", "1", "flip_sin_to_cos=1, expected true or false"},
        {"downsample_padding", "2", "downsample_padding=2, expected a whole number 0..1"},
        {"num_class_embeds", "0", "num_class_embeds=0, expected a whole number 1..65536"},
        {"cross_attention_dim", "768", "cross_attention_dim=768, expected no such option"},
    };
    json_value *plain = json_golden("unet/plain/config.json");
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        json_value *json = json_with(plain, cases[i][0], cases[i][1]);
        diffusers_unet unet = {.spec = NULL};
        assert_refused(diffusers_unet_read(&unet, json, "a/config.json"), DIFFUSION_E_CONTENT, cases[i][2]);
        assert_ptr_equal(strstr(diffusion_last_error(), "a/config.json: "), diffusion_last_error());
        assert_null(unet.spec);
        json_release(json);
    }
    json_release(plain);
}

static void what_diffusers_has_no_name_for_is_not_written(void **state)
{
    (void)state;
    static const char plain[] = "unet shape=8,8,1 channels=8,8 groups=4";
    json_value *json = NULL;
    struct diffusion_schedule *schedule = NULL, *bits = NULL;
    assert_ok(schedule_create(&schedule, "linear steps=4"));
    assert_ok(schedule_create(&bits, "linear steps=4 kernel=binomial"));
    static const char *const cases[][2] = {
        {" predict=mean", "model_save_diffusers: predict=mean, expected what diffusers has too"},
        {" predict=perturbation", "model_save_diffusers: predict=perturbation"},
        {" variance=learned", "model_save_diffusers: variance=learned, expected what diffusers has too"},
    };
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        char spec[128];
        snprintf(spec, sizeof spec, "%s%s", plain, cases[i][0]);
        char *whole = complete(spec);
        assert_refused(diffusers_scheduler_write(&json, schedule, whole, NULL), DIFFUSION_E_SPEC, cases[i][1]);
        memory_release(whole);
    }
    char *whole = complete(plain), *other = complete("mlp shape=8,8,1 width=3 depth=1");
    assert_refused(diffusers_scheduler_write(&json, bits, whole, NULL), DIFFUSION_E_KERNEL,
                   "a scheduler needs the Gaussian kernel");
    assert_refused(diffusers_scheduler_write(&json, schedule, whole, "ancestral clip=much"), DIFFUSION_E_SPEC,
                   "clip=much, expected a number");
    assert_refused(diffusers_unet_write(&json, other), DIFFUSION_E_SPEC, "the network is 'mlp', expected unet");
    assert_null(json);
    memory_release(whole);
    memory_release(other);
    schedule_release(schedule);
    schedule_release(bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_unet_comes_back_to_the_last_key),
        cmocka_unit_test(a_unet_that_is_not_square_or_has_dropout_comes_back),
        cmocka_unit_test(keys_may_be_missing),
        cmocka_unit_test(each_option_that_is_not_supported_is_named),
        cmocka_unit_test(what_diffusers_has_no_name_for_is_not_written),
    };
    return golden_run(tests, NULL, NULL);
}

#include "interop/diffusers/specs.h"

#include "base/error.h"
#include "base/spec.h"
#include "interop/diffusers/writing.h"

#include <string.h>

/* Every key that diffusers 0.26.3 writes, in its order, with what never differs. */
static const writing_row unet_rows[] = {
    {"_class_name", "\"UNet2DModel\""},
    {"_diffusers_version", "\"0.26.3\""},
    {"sample_size", "null"},
    {"in_channels", "3"},
    {"out_channels", "3"},
    {"center_input_sample", "false"},
    {"time_embedding_type", "\"positional\""},
    {"freq_shift", "0"},
    {"flip_sin_to_cos", "true"},
    {"down_block_types", "[]"},
    {"up_block_types", "[]"},
    {"block_out_channels", "[]"},
    {"layers_per_block", "2"},
    {"mid_block_scale_factor", "1"},
    {"downsample_padding", "1"},
    {"downsample_type", "\"conv\""},
    {"upsample_type", "\"conv\""},
    {"dropout", "0.0"},
    {"act_fn", "\"silu\""},
    {"attention_head_dim", "null"},
    {"norm_num_groups", "32"},
    {"attn_norm_num_groups", "null"},
    {"norm_eps", "1e-05"},
    {"resnet_time_scale_shift", "\"default\""},
    {"add_attention", "true"},
    {"class_embed_type", "null"},
    {"num_class_embeds", "null"},
    {"num_train_timesteps", "null"},
};

static int is_among(const int64_t *numbers, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return 1;
    return 0;
}

static void put_blocks(writing *to, int64_t height)
{
    int64_t channels[DIFFUSERS_LEVELS], attention[DIFFUSERS_LEVELS];
    size_t levels = writing_numbers(to, "channels", channels, DIFFUSERS_LEVELS);
    size_t heights = writing_numbers(to, "attention", attention, DIFFUSERS_LEVELS);
    text_buffer down = {0}, up = {0}, out = {0};
    int has[DIFFUSERS_LEVELS];
    for (size_t i = 0; i < levels; i++, height /= 2) {
        has[i] = is_among(attention, heights, height);
        text_append(&out, "%s%lld", i > 0 ? "," : "[", (long long)channels[i]);
        text_append(&down, "%s\"%s\"", i > 0 ? "," : "[", diffusers_down_types[has[i]]);
    }
    for (size_t i = levels; i-- > 0;) /* the mirror */
        text_append(&up, "%s\"%s\"", i + 1 < levels ? "," : "[", diffusers_up_types[has[i]]);
    text_append(&down, "]");
    text_append(&up, "]");
    text_append(&out, "]");
    writing_put_text(to, "down_block_types", &down);
    writing_put_text(to, "up_block_types", &up);
    writing_put_text(to, "block_out_channels", &out);
}

static void put_sizes(writing *to, const int64_t shape[3])
{
    int learned = writing_says(to, "variance", "learned") || writing_says(to, "variance", "learned_range") ||
                  writing_says(to, "variance", "learned_raw");
    double classes = writing_number(to, "classes");
    if (shape[0] == shape[1])
        writing_put(to, "sample_size", "%lld", (long long)shape[0]);
    else
        writing_put(to, "sample_size", "[%lld,%lld]", (long long)shape[0], (long long)shape[1]);
    writing_put(to, "in_channels", "%lld", (long long)shape[2]);
    writing_put(to, "out_channels", "%lld", (long long)(learned ? 2 * shape[2] : shape[2]));
    if (classes > 0)
        writing_put(to, "num_class_embeds", "%.0f", classes);
}

static void put_options(writing *to)
{
    double head = writing_number(to, "head_channels");
    double shift = writing_number(to, "freq_shift");
    if (shift == 0 || shift == 1)
        writing_put(to, "freq_shift", "%.0f", shift);
    else
        writing_put_real(to, "freq_shift", shift);
    writing_put_flag(to, "flip_sin_to_cos", writing_says(to, "flip_sin_to_cos", "yes"));
    writing_put(to, "layers_per_block", "%.0f", writing_number(to, "blocks"));
    writing_put(to, "downsample_padding", "%.0f", writing_number(to, "downsample_padding"));
    writing_put_real(to, "dropout", writing_number(to, "dropout"));
    if (head > 0)
        writing_put(to, "attention_head_dim", "%.0f", head);
    writing_put(to, "norm_num_groups", "%.0f", writing_number(to, "groups"));
    writing_put_real(to, "norm_eps", writing_number(to, "norm_epsilon"));
    writing_put(to, "resnet_time_scale_shift", "\"%s\"",
                writing_says(to, "conditioning", "scale_shift") ? "scale_shift" : "default");
    writing_put_flag(to, "add_attention", writing_says(to, "mid_attention", "yes"));
}

static void check_input(writing *to)
{
    const char *value = "";
    size_t length = 0;
    if (spec_find(to->spec, "fourier", &value, &length))
        writing_refuse(to, "fourier", value, length, "none: UNet2DModel has no Fourier features of its input");
}

/* The schedulers tell the step, and EDM's log sigma / 4. */
static void check_time(writing *to)
{
    const int edm = writing_says(to, "predict", "edm") || writing_says(to, "predict", "edm_v");
    const char *expected = edm ? "edm" : "step", *value = "";
    size_t length = 0;
    if (writing_says(to, "time", expected))
        return;
    spec_find(to->spec, "time", &value, &length);
    writing_refuse(to, "time", value, length, edm ? "edm with this predict" : "step, which UNet2DModel is told");
}

diffusion_status diffusers_unet_write(json_value **out, const char *spec)
{
    static const char kind[] = "unet ";
    int64_t shape[3];
    if (strncmp(spec, kind, strlen(kind)) != 0)
        return error_set(DIFFUSION_E_SPEC, "model_save_diffusers: the network is '%.*s', expected unet",
                         (int)strcspn(spec, " "), spec);
    writing to = writing_begin(unet_rows, SPEC_COUNT(unet_rows), spec);
    if (!writing_says(&to, "condition", "0"))
        writing_refuse(&to, "condition", "", 0, "0: UNet2DModel takes no vectors");
    check_input(&to);
    check_time(&to);
    if (writing_numbers(&to, "shape", shape, 3) == 2) /* grey images may do without their 1 */
        shape[2] = 1;
    if (to.status == DIFFUSION_OK) {
        put_sizes(&to, shape);
        put_blocks(&to, shape[0]);
        put_options(&to);
    }
    return writing_finish(out, &to);
}

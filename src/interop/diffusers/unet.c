#include "interop/diffusers/specs.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "interop/diffusers/config.h"

#include <string.h>

enum { CHANNELS = 65536, SIZE = 65536 };

typedef struct level {
    int64_t channels;
    int attention;
} level;

static const char *const classes[] = {"UNet2DModel", NULL};
static const char *const conditionings[] = {"default", "scale_shift", NULL};

static const config_plain plain[] = {
    {"center_input_sample", "false"},
    {"time_embedding_type", "\"positional\""},
    {"downsample_type", "\"conv\""},
    {"upsample_type", "\"conv\""},
    {"act_fn", "\"silu\"|\"swish\""},
    {"mid_block_scale_factor", "1|1.0"},
    {"class_embed_type", "null"},
    {"num_train_timesteps", "null"},
    {"mid_block_type", "\"UNetMidBlock2D\""}, /* of later versions */
};

static const char *const known[] = {
    "sample_size",
    "in_channels",
    "out_channels",
    "freq_shift",
    "flip_sin_to_cos",
    "down_block_types",
    "up_block_types",
    "block_out_channels",
    "layers_per_block",
    "downsample_padding",
    "dropout",
    "attention_head_dim",
    "norm_num_groups",
    "attn_norm_num_groups",
    "norm_eps",
    "resnet_time_scale_shift",
    "add_attention",
    "num_class_embeds",
    NULL,
};

static void read_size(config *from, diffusers_unet *out)
{
    const json_value *size = json_get(from->json, "sample_size");
    int two = json_is(size, JSON_ARRAY);
    int good = config_whole(&out->height, two ? json_item(size, 0) : size) &&
               config_whole(&out->width, two ? json_item(size, 1) : size);
    if (!good || (two && json_count(size) != 2) || out->height < 1 || out->height > SIZE || out->width < 1 ||
        out->width > SIZE)
        config_refuse(from, "sample_size", size, "a whole number 1..%d, or two", SIZE);
}

static const json_value *read_array(config *from, const char *key, size_t count)
{
    const json_value *array = json_get(from->json, key);
    size_t size = json_count(array);
    if (count > 0 && size != count)
        config_refuse(from, key, array, "%zu items, as many as block_out_channels has", count);
    if (size < 1 || size > DIFFUSERS_LEVELS)
        config_refuse(from, key, array, "an array of 1..%d items", DIFFUSERS_LEVELS);
    return array;
}

/* 0 without attention, 1 with it. */
static int block_attention(config *from, const char *key, const json_value *type, const char *const types[2])
{
    for (int attention = 0; attention < 2; attention++)
        if (json_is(type, JSON_STRING) && strcmp(json_string(type), types[attention]) == 0)
            return attention;
    config_refuse(from, key, type, "%s or %s", types[0], types[1]);
    return 0;
}

/* The first up block stands at the last level. */
static size_t read_levels(config *from, level levels[DIFFUSERS_LEVELS])
{
    const json_value *channels = read_array(from, "block_out_channels", 0);
    size_t count = json_count(channels);
    const json_value *down = read_array(from, "down_block_types", count),
                     *up = read_array(from, "up_block_types", count);
    for (size_t i = 0; i < count && from->status == DIFFUSION_OK; i++) {
        const json_value *value = json_item(channels, i), *mirror = json_item(up, count - 1 - i);
        if (!config_whole(&levels[i].channels, value) || levels[i].channels < 1 || levels[i].channels > CHANNELS)
            config_refuse(from, "block_out_channels", value, "whole numbers 1..%d", CHANNELS);
        levels[i].attention = block_attention(from, "down_block_types", json_item(down, i), diffusers_down_types);
        if (block_attention(from, "up_block_types", mirror, diffusers_up_types) != levels[i].attention)
            config_refuse(from, "up_block_types", mirror, "%s, the mirror of down_block_types",
                          diffusers_up_types[levels[i].attention]);
    }
    return count;
}

/* Each level is half as high as the one before; the network refuses an odd height. */
static void append_levels(text_buffer *spec, const level *levels, size_t count, int64_t height)
{
    const char *separator = "";
    text_append(spec, "unet channels=");
    for (size_t i = 0; i < count; i++)
        text_append(spec, "%s%lld", i > 0 ? "," : "", (long long)levels[i].channels);
    text_append(spec, " attention=");
    for (size_t i = 0; i < count; i++, height /= 2)
        if (levels[i].attention) {
            text_append(spec, "%s%lld", separator, (long long)height);
            separator = ",";
        }
    if (separator[0] == '\0')
        text_append(spec, "0");
}

static void append_real(text_buffer *spec, const char *key, double value)
{
    char text[NUMBER_SIZE];
    number_format_real(text, value);
    text_append(spec, " %s=%s", key, text);
}

static const char *yes_or_no(int value)
{
    return value ? "yes" : "no";
}

/* Without a number of its own, the mid block's attention is normalised in as many groups as everything else, and not at
 * all with scale_shift. */
static void check_attention_norm(config *from, int64_t groups, int scale_shift)
{
    static const char key[] = "attn_norm_num_groups";
    const json_value *value = json_get(from->json, key);
    int64_t own;
    if (config_is_null(from, key) || (!scale_shift && config_whole(&own, value) && own == groups))
        return;
    if (scale_shift)
        config_refuse(from, key, value, "null with resnet_time_scale_shift=\"scale_shift\"");
    else
        config_refuse(from, key, value, "null or %lld, as norm_num_groups", (long long)groups);
}

static void append_keys(text_buffer *spec, config *from)
{
    int64_t groups = config_integer(from, "norm_num_groups", 32, 1, CHANNELS);
    int scale_shift = config_choice(from, "resnet_time_scale_shift", conditionings, 0);
    int mid_attention = config_flag(from, "add_attention", 1);
    int64_t head = json_is(json_get(from->json, "attention_head_dim"), JSON_NULL)
                       ? 0
                       : config_integer(from, "attention_head_dim", 8, 1, CHANNELS);
    check_attention_norm(from, groups, scale_shift);
    text_append(spec, " blocks=%lld", (long long)config_integer(from, "layers_per_block", 2, 1, 64));
    text_append(spec, " mid_attention=%s head_channels=%lld groups=%lld", yes_or_no(mid_attention), (long long)head,
                (long long)groups);
    append_real(spec, "norm_epsilon", config_real(from, "norm_eps", 1e-5, 1e-12, 1));
    text_append(spec, " flip_sin_to_cos=%s", yes_or_no(config_flag(from, "flip_sin_to_cos", 1)));
    append_real(spec, "freq_shift", config_real(from, "freq_shift", 0, 0, 1));
    text_append(spec, " conditioning=%s", conditionings[scale_shift]);
    text_append(spec, " downsample_padding=%lld", (long long)config_integer(from, "downsample_padding", 1, 0, 1));
    append_real(spec, "dropout", config_real(from, "dropout", 0, 0, 1));
}

static void append_task(text_buffer *spec, config *from, diffusers_unet *out)
{
    int64_t outputs = config_integer(from, "out_channels", 3, 1, 2 * CHANNELS), number = 0;
    out->channels = config_integer(from, "in_channels", 3, 1, CHANNELS);
    out->learned = outputs == 2 * out->channels;
    if (!out->learned && outputs != out->channels)
        config_refuse(from, "out_channels", json_get(from->json, "out_channels"),
                      "%lld as in_channels, or twice that with a learned variance", (long long)out->channels);
    if (!config_is_null(from, "num_class_embeds"))
        number = config_integer(from, "num_class_embeds", 0, 1, CHANNELS);
    text_append(spec, " shape=%lld,%lld,%lld classes=%lld", (long long)out->height, (long long)out->width,
                (long long)out->channels, (long long)number);
}

const char *const diffusers_down_types[] = {"DownBlock2D", "AttnDownBlock2D"};
const char *const diffusers_up_types[] = {"UpBlock2D", "AttnUpBlock2D"};

diffusion_status diffusers_unet_read(diffusers_unet *out, const json_value *json, const char *path)
{
    config from = {json, path, DIFFUSION_OK};
    diffusers_unet read = {.spec = NULL};
    level levels[DIFFUSERS_LEVELS];
    text_buffer spec = {0};
    config_choice(&from, "_class_name", classes, -1);
    config_check_plain(&from, plain, SPEC_COUNT(plain));
    config_check_known(&from, known, plain, SPEC_COUNT(plain));
    read_size(&from, &read);
    size_t count = read_levels(&from, levels);
    if (from.status == DIFFUSION_OK) {
        append_levels(&spec, levels, count, read.height);
        append_keys(&spec, &from);
        append_task(&spec, &from, &read);
        read.spec = text_finish(&spec);
    }
    if (from.status != DIFFUSION_OK)
        memory_release(read.spec);
    else if (read.spec == NULL)
        from.status = DIFFUSION_E_MEMORY;
    else
        *out = read;
    return from.status;
}

void diffusers_unet_release(diffusers_unet *self)
{
    memory_release(self->spec);
    *self = (diffusers_unet){.spec = NULL};
}

#include "interop/diffusers/specs.h"

#include "base/error.h"
#include "interop/diffusers/writing.h"

#include <string.h>

/* Every key that diffusers 0.26.3 writes, in its order, with what never differs. */
static const char unet_template[] =
    "{\"_class_name\": \"UNet2DModel\", \"_diffusers_version\": \"0.26.3\", \"sample_size\": null, \"in_channels\": 3,"
    " \"out_channels\": 3, \"center_input_sample\": false, \"time_embedding_type\": \"positional\", \"freq_shift\": 0,"
    " \"flip_sin_to_cos\": true, \"down_block_types\": [], \"up_block_types\": [], \"block_out_channels\": [],"
    " \"layers_per_block\": 2, \"mid_block_scale_factor\": 1, \"downsample_padding\": 1, \"downsample_type\": \"conv\","
    " \"upsample_type\": \"conv\", \"dropout\": 0.0, \"act_fn\": \"silu\", \"attention_head_dim\": null,"
    " \"norm_num_groups\": 32, \"attn_norm_num_groups\": null, \"norm_eps\": 1e-05,"
    " \"resnet_time_scale_shift\": \"default\", \"add_attention\": true, \"class_embed_type\": null,"
    " \"num_class_embeds\": null, \"num_train_timesteps\": null}";

static json_t *whole(double number)
{
    return json_integer((json_int_t)number);
}

static void put_blocks(writing *to, int64_t height)
{
    int64_t channels[DIFFUSERS_LEVELS], attention[DIFFUSERS_LEVELS];
    size_t levels = writing_numbers(to, "channels", channels, DIFFUSERS_LEVELS);
    size_t heights = writing_numbers(to, "attention", attention, DIFFUSERS_LEVELS);
    json_t *down = json_array(), *up = json_array(), *out = json_array();
    int failed = 0;
    for (size_t i = 0; i < levels; i++, height /= 2) {
        int has = 0;
        for (size_t j = 0; j < heights; j++)
            has |= attention[j] == height;
        failed |= json_array_append_new(out, json_integer(channels[i]));
        failed |= json_array_append_new(down, json_string(diffusers_down_types[has]));
        failed |= json_array_insert_new(up, 0, json_string(diffusers_up_types[has]));
    }
    writing_put(to, "down_block_types", down);
    writing_put(to, "up_block_types", up);
    writing_put(to, "block_out_channels", out);
    if (failed)
        writing_put(to, "block_out_channels", NULL);
}

static void put_sizes(writing *to, const int64_t shape[3])
{
    int learned = writing_says(to, "variance", "learned") || writing_says(to, "variance", "learned_range");
    double classes = writing_number(to, "classes");
    writing_put(to, "sample_size",
                shape[0] == shape[1] ? json_integer(shape[0])
                                     : json_pack("[I,I]", (json_int_t)shape[0], (json_int_t)shape[1]));
    writing_put(to, "in_channels", json_integer(shape[2]));
    writing_put(to, "out_channels", json_integer(learned ? 2 * shape[2] : shape[2]));
    if (classes > 0)
        writing_put(to, "num_class_embeds", whole(classes));
}

static void put_options(writing *to)
{
    double head = writing_number(to, "head_channels");
    double shift = writing_number(to, "freq_shift");
    writing_put(to, "freq_shift", shift == 0 || shift == 1 ? whole(shift) : json_real(shift));
    writing_put(to, "flip_sin_to_cos", json_boolean(writing_says(to, "flip_sin_to_cos", "yes")));
    writing_put(to, "layers_per_block", whole(writing_number(to, "blocks")));
    writing_put(to, "downsample_padding", whole(writing_number(to, "downsample_padding")));
    writing_put(to, "dropout", json_real(writing_number(to, "dropout")));
    writing_put(to, "attention_head_dim", head > 0 ? whole(head) : json_null());
    writing_put(to, "norm_num_groups", whole(writing_number(to, "groups")));
    writing_put(to, "norm_eps", json_real(writing_number(to, "norm_epsilon")));
    writing_put(to, "resnet_time_scale_shift",
                json_string(writing_says(to, "conditioning", "scale_shift") ? "scale_shift" : "default"));
    writing_put(to, "add_attention", json_boolean(writing_says(to, "mid_attention", "yes")));
}

diffusion_status diffusers_unet_write(json_t **out, const char *spec)
{
    static const char kind[] = "unet ";
    int64_t shape[3];
    if (strncmp(spec, kind, strlen(kind)) != 0)
        return error_set(DIFFUSION_E_SPEC, "model_save_diffusers: the network is '%.*s', expected unet",
                         (int)strcspn(spec, " "), spec);
    writing to = writing_begin(unet_template, spec);
    if (!writing_says(&to, "condition", "0"))
        writing_refuse(&to, "condition", "", 0, "0: UNet2DModel takes no vectors");
    if (!writing_says(&to, "time", "step"))
        writing_refuse(&to, "time", "log_snr", strlen("log_snr"), "step, which UNet2DModel is told");
    if (writing_numbers(&to, "shape", shape, 3) == 2) /* grey images may do without their 1 */
        shape[2] = 1;
    if (to.status == DIFFUSION_OK) {
        put_sizes(&to, shape);
        put_blocks(&to, shape[0]);
        put_options(&to);
    }
    return writing_finish(out, &to);
}

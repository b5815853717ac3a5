/* What a U-Net looks like: levels down, middle, levels up, as diffusers' UNet2DModel (0.26) builds them. */
#include "base/memory.h"
#include "network/unet_builder.h"

#include <stdio.h>

static size_t level_count(const unet_options *options)
{
    return options->channels.rank;
}

static size_t level_channels(const unet_options *options, size_t level)
{
    return (size_t)options->channels.size[level];
}

static size_t resnet_count(const unet_options *options)
{
    return level_count(options) * (2 * (size_t)options->blocks + 1) + 2;
}

unet_counts unet_count(const unet_options *options)
{
    size_t blocks = resnet_count(options), levels = level_count(options);
    return (unet_counts){.ops = 9 * blocks + 3 * levels + 3, /* 5 of a ResNet block, 4 of its attention */
                         .buffers = 8 * blocks + 3 * levels + 4,
                         .parameters = 22 * blocks + 4 * levels + 12};
}

/* A ResNet block, and attention behind it. */
static void add_block(builder *b, const char *level, size_t number, unet_value x, unet_value y, int attends)
{
    char path[NETWORK_NAME];
    unet_value between = attends ? builder_value(b, y.height, y.width, y.channels) : y;
    snprintf(path, sizeof path, "%.20s.resnets.%zu", level, number);
    builder_resnet(b, path, x, between);
    if (!attends)
        return;
    snprintf(path, sizeof path, "%.20s.attentions.%zu", level, number);
    builder_attention(b, path, between, y, 1);
}

/* ---- levels ---- */

typedef struct level_size {
    size_t height, width;
} level_size;

static level_size size_of(const unet *net, size_t level)
{
    return (level_size){net->height >> level, net->width >> level};
}

static int has_attention(const builder *b, size_t level)
{
    for (size_t i = 0; i < b->options->attention.rank; i++)
        if ((size_t)b->options->attention.size[i] == size_of(b->net, level).height)
            return 1;
    return 0;
}

/* The way up reads what the way down left in the opposite order: reader 0 is the first on the way up. What it has
 * itself by then comes first in the joined pixels. */
typedef struct join {
    size_t level, own_channels;
} join;

static size_t readers(const unet_options *options)
{
    return level_count(options) * ((size_t)options->blocks + 1);
}

static join join_of(const unet_options *options, size_t reader)
{
    size_t step = reader / ((size_t)options->blocks + 1), level = level_count(options) - 1 - step;
    int first = reader % ((size_t)options->blocks + 1) == 0;
    size_t from = first && step > 0 ? level + 1 : level;
    return (join){level, level_channels(options, from)};
}

/* What the way down leaves for a reader: the right-hand columns of its joined pixels. */
static unet_value new_skip(builder *b, unet_value *joined, size_t reader, size_t channels)
{
    join where = join_of(b->options, reader);
    level_size size = size_of(b->net, where.level);
    joined[reader] = builder_value(b, size.height, size.width, where.own_channels + channels);
    return (unet_value){joined[reader].buffer, where.own_channels, size.height, size.width, channels};
}

static unet_value left_columns(unet_value joined, size_t channels)
{
    joined.channels = channels;
    return joined;
}

static unet_value add_down(builder *b, unet_value *joined)
{
    const unet_options *options = b->options;
    unet_value x = {UNET_INPUT, 0, b->net->height, b->net->width, b->net->image_channels};
    size_t reader = readers(options) - 1;
    unet_value h = new_skip(b, joined, reader, level_channels(options, 0));
    char path[NETWORK_NAME];
    builder_convolve_3x3(b, "", "conv_in", x, h, builder_no_value, UNET_NONE);
    for (size_t level = 0; level < level_count(options); level++) {
        snprintf(path, sizeof path, "down_blocks.%zu", level);
        for (size_t i = 0; i < (size_t)options->blocks; i++) {
            unet_value y = new_skip(b, joined, --reader, level_channels(options, level));
            add_block(b, path, i, h, y, has_attention(b, level));
            h = y;
        }
        if (level + 1 == level_count(options))
            break;
        unet_value y = new_skip(b, joined, --reader, h.channels);
        snprintf(path, sizeof path, "down_blocks.%zu.downsamplers.0", level);
        unet_op op = builder_convolution(b, path, "conv", h, y, 3);
        builder_convolve(b, &op, 3, 2, (size_t)options->downsample_padding, 1);
        h = y;
    }
    return h;
}

/* diffusers leaves out the middle attention's norm with scale_shift. */
static void add_middle(builder *b, unet_value x, unet_value y)
{
    unet_value h = builder_value(b, x.height, x.width, x.channels), first = h;
    builder_resnet(b, "mid_block.resnets.0", x, first);
    if (b->options->mid_attention) {
        h = builder_value(b, x.height, x.width, x.channels);
        builder_attention(b, "mid_block.attentions.0", first, h, b->options->conditioning == UNET_CONDITIONING_DEFAULT);
    }
    builder_resnet(b, "mid_block.resnets.1", h, y);
}

static void add_upsampler(builder *b, size_t step, unet_value x, unet_value y)
{
    char path[NETWORK_NAME];
    snprintf(path, sizeof path, "up_blocks.%zu.upsamplers.0", step);
    unet_value large = builder_value(b, y.height, y.width, x.channels);
    b->net->buffers[large.buffer].remade = 1;
    builder_op(
        b, &(unet_op){.kind = UNET_UPSAMPLE, .x = x, .y = large, .residual = builder_no_value, .embedding = UNET_NONE});
    builder_convolve_3x3(b, path, "conv", large, y, builder_no_value, UNET_NONE);
}

static unet_value add_up(builder *b, const unet_value *joined)
{
    const unet_options *options = b->options;
    size_t levels = level_count(options), reader = 0;
    unet_value y = builder_no_value;
    char path[NETWORK_NAME];
    for (size_t step = 0; step < levels; step++) {
        size_t level = levels - 1 - step, channels = level_channels(options, level);
        snprintf(path, sizeof path, "up_blocks.%zu", step);
        for (size_t i = 0; i <= (size_t)options->blocks; i++, reader++) {
            int last = i == (size_t)options->blocks;
            y = last ? builder_value(b, joined[reader].height, joined[reader].width, channels)
                     : left_columns(joined[reader + 1], channels);
            add_block(b, path, i, joined[reader], y, has_attention(b, level));
        }
        if (level > 0)
            add_upsampler(b, step, y, left_columns(joined[reader], channels));
    }
    return y;
}

/* ---- the time embedding ---- */

static convolution dense_layer(builder *b, size_t in, size_t out, size_t *prepared)
{
    convolution plan = convolution_plan(&(convolution_shape){1, 1, in, out, 1, 1, 0, 0}, 1);
    builder_prepared(b, &plan, prepared);
    return plan;
}

/* All blocks' projections stand one after another, first the weights, then the biases: one product. */
static void add_time(builder *b)
{
    unet_time *time = &b->net->time;
    size_t features = time->features, width = time->width;
    time->first = dense_layer(b, features, width, &time->first_prepared);
    time->second = dense_layer(b, width, width, &time->second_prepared);
    time->projection = dense_layer(b, width, b->embedding_width, &time->projection_prepared);
    time->first_weight = builder_matrix(b, "time_embedding", "linear_1.weight", width, features);
    time->first_bias = builder_vector(b, "time_embedding", "linear_1.bias", width);
    time->second_weight = builder_matrix(b, "time_embedding", "linear_2.weight", width, width);
    time->second_bias = builder_vector(b, "time_embedding", "linear_2.bias", width);
    if (b->net->base.task.classes > 0)
        time->classes_weight = builder_matrix(b, "class_embedding", "weight", b->net->base.task.classes, width);
    time->projection_weight = b->net->base.size;
    for (size_t i = 0; i < b->share_count; i++)
        builder_matrix(b, b->shares[i].path, "time_emb_proj.weight", b->shares[i].width, width);
    time->projection_bias = b->net->base.size;
    for (size_t i = 0; i < b->share_count; i++)
        builder_vector(b, b->shares[i].path, "time_emb_proj.bias", b->shares[i].width);
}

/* ---- all of it ---- */

/* The gradient of a buffer begins with the last operation that reads it. */
static void find_first_readers(unet *net)
{
    for (size_t i = net->op_count; i-- > 0;) {
        unet_op *op = &net->ops[i];
        op->first_reader[0] = net->buffers[op->x.buffer].last_reader == i;
        op->first_reader[1] = op->residual.buffer != UNET_NONE && net->buffers[op->residual.buffer].last_reader == i;
    }
}

diffusion_status unet_build(unet *net)
{
    const unet_options *options = &net->options;
    builder b = {.net = net, .options = options};
    b.shares = memory_allocate(resnet_count(options), sizeof *b.shares);
    unet_value *joined = memory_allocate(readers(options), sizeof *joined);
    if (b.shares == NULL || joined == NULL) {
        memory_release(b.shares);
        memory_release(joined);
        return DIFFUSION_E_MEMORY;
    }
    builder_value(&b, net->height, net->width, net->image_channels); /* UNET_INPUT */
    unet_value h = add_down(&b, joined);
    add_middle(&b, h, left_columns(joined[0], h.channels));
    h = add_up(&b, joined);
    h = builder_normalise(&b, "", "conv_norm_out", h, 1, UNET_NONE);
    net->out = builder_value(&b, net->height, net->width, net->halves * net->image_channels);
    builder_convolve_3x3(&b, "", "conv_out", h, net->out, builder_no_value, UNET_NONE);
    add_time(&b);
    find_first_readers(net);
    memory_release(joined);
    memory_release(b.shares);
    return b.status;
}

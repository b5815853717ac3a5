/* What a U-Net looks like: levels down, middle, levels up, as diffusers' UNet2DModel (0.26) builds them. */
#include "base/error.h"
#include "base/memory.h"
#include "network/unet_graph.h"

#include <stdio.h>
#include <string.h>

/* A ResNet block's share of the time embedding's projection. */
typedef struct share {
    char path[NETWORK_NAME];
    size_t width;
} share;

typedef struct builder {
    unet *net;
    const unet_options *options;
    diffusion_status status; /* the first fault */
    share *shares;
    size_t share_count, embedding_width, dropouts;
} builder;

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

/* ---- parameters ---- */

static size_t add_parameter(builder *b, const char *path, const char *name, size_t rank, const int64_t *shape)
{
    char full[NETWORK_NAME];
    size_t at = b->net->base.size;
    snprintf(full, sizeof full, "%.42s%s%.20s", path, *path != '\0' ? "." : "", name);
    network_add_parameter(&b->net->base, full, rank, shape);
    return at;
}

static size_t add_vector(builder *b, const char *path, const char *name, size_t size)
{
    return add_parameter(b, path, name, 1, (const int64_t[]){(int64_t)size});
}

static size_t add_matrix(builder *b, const char *path, const char *name, size_t out, size_t in)
{
    return add_parameter(b, path, name, 2, (const int64_t[]){(int64_t)out, (int64_t)in});
}

/* ---- values and operations ---- */

static unet_value new_value(builder *b, size_t height, size_t width, size_t channels)
{
    unet *net = b->net;
    net->buffers[net->buffer_count] = (unet_buffer){.pixels = height * width, .row = channels, .producer = UNET_NONE};
    return (unet_value){net->buffer_count++, 0, height, width, channels};
}

static const unet_value no_value = {.buffer = UNET_NONE};

static void add_op(builder *b, const unet_op *op)
{
    unet *net = b->net;
    size_t number = net->op_count++;
    net->ops[number] = *op;
    if (net->buffers[op->y.buffer].producer == UNET_NONE)
        net->buffers[op->y.buffer].producer = number;
    net->buffers[op->x.buffer].last_reader = number;
    net->buffers[op->y.buffer].last_reader = number;
    if (op->residual.buffer != UNET_NONE)
        net->buffers[op->residual.buffer].last_reader = number;
}

static void add_prepared(builder *b, const convolution *plan, size_t *prepared)
{
    size_t size = convolution_prepared_size(plan);
    *prepared = size > 0 ? b->net->prepared : UNET_NONE;
    b->net->prepared += (size + 15) / 16 * 16;
}

/* A convolution whose parameters stand at op->weight and op->bias. */
static void convolve(builder *b, unet_op *op, size_t kernel, size_t stride, size_t before, size_t after)
{
    convolution_shape shape = {op->x.height, op->x.width, op->x.channels, op->y.channels,
                               kernel,       stride,      before,         after};
    op->kind = UNET_CONVOLUTION;
    op->convolution = convolution_plan(&shape, b->options->exact);
    add_prepared(b, &op->convolution, &op->prepared);
    add_op(b, op);
}

static unet_op convolution_op(builder *b, const char *path, const char *name, unet_value x, unet_value y, size_t kernel)
{
    char full[NETWORK_NAME];
    snprintf(full, sizeof full, "%.42s%s%.20s", path, *path != '\0' ? "." : "", name);
    const int64_t shape[] = {(int64_t)y.channels, (int64_t)x.channels, (int64_t)kernel, (int64_t)kernel};
    unet_op op = {.x = x, .y = y, .residual = no_value, .embedding = UNET_NONE};
    op.weight = add_parameter(b, full, "weight", 4, shape);
    op.bias = add_vector(b, full, "bias", y.channels);
    return op;
}

/* 3x3, as many pixels out as in. */
static void convolve_3x3(builder *b, const char *path, const char *name, unet_value x, unet_value y,
                         unet_value residual, size_t embedding)
{
    unet_op op = convolution_op(b, path, name, x, y, 3);
    op.residual = residual;
    op.embedding = embedding;
    convolve(b, &op, 3, 1, 1, 1);
}

static unet_value normalise(builder *b, const char *path, const char *name, unet_value x, int silu, size_t embedding)
{
    char full[NETWORK_NAME];
    size_t groups = (size_t)b->options->groups;
    snprintf(full, sizeof full, "%.42s%s%.20s", path, *path != '\0' ? "." : "", name);
    unet_value y = new_value(b, x.height, x.width, x.channels);
    b->net->buffers[y.buffer].remade = 1;
    b->net->buffers[y.buffer].sloped = silu;
    if (x.channels % groups != 0 && b->status == DIFFUSION_OK)
        b->status = error_set(DIFFUSION_E_SPEC, "model: groups=%zu does not divide the %zu channels of %s", groups,
                              x.channels, full);
    unet_op op = {.kind = UNET_NORM, .x = x, .y = y, .residual = no_value, .embedding = embedding};
    op.norm = (group_norm){x.height * x.width, x.channels, groups, (float)b->options->norm_epsilon, silu};
    op.weight = add_vector(b, full, "weight", x.channels);
    op.bias = add_vector(b, full, "bias", x.channels);
    op.statistics = b->net->statistics;
    b->net->statistics += 2 * groups;
    add_op(b, &op);
    return y;
}

/* ---- blocks ---- */

/* The columns of the projection that the next ResNet block reads. */
static size_t take_share(builder *b, const char *path, size_t channels)
{
    size_t column = b->embedding_width;
    share *own = &b->shares[b->share_count++];
    snprintf(own->path, sizeof own->path, "%s", path);
    own->width = b->options->conditioning == UNET_CONDITIONING_SCALE_SHIFT ? 2 * channels : channels;
    b->embedding_width += own->width;
    return column;
}

static void add_resnet(builder *b, const char *path, unet_value x, unet_value y)
{
    int scale_shift = b->options->conditioning == UNET_CONDITIONING_SCALE_SHIFT;
    size_t column = take_share(b, path, y.channels);
    unet_value a = normalise(b, path, "norm1", x, 1, UNET_NONE);
    unet_value h = new_value(b, y.height, y.width, y.channels);
    convolve_3x3(b, path, "conv1", a, h, no_value, scale_shift ? UNET_NONE : column);
    a = normalise(b, path, "norm2", h, 1, scale_shift ? column : UNET_NONE);
    if (b->options->dropout > 0.0)
        b->net->ops[b->net->op_count - 1].dropout = ++b->dropouts;
    convolve_3x3(b, path, "conv2", a, y, x.channels == y.channels ? x : no_value, UNET_NONE);
    if (x.channels != y.channels) {
        unet_op op = convolution_op(b, path, "conv_shortcut", x, y, 1);
        op.residual = y;
        convolve(b, &op, 1, 1, 0, 0);
    }
}

static size_t head_count(builder *b, size_t channels)
{
    size_t width = (size_t)b->options->head_channels;
    if (width == 0)
        return 1;
    if (channels % width != 0 && b->status == DIFFUSION_OK)
        b->status = error_set(DIFFUSION_E_SPEC,
                              "model: head_channels=%zu does not divide the %zu channels of a level with attention",
                              width, channels);
    return channels >= width ? channels / width : 1;
}

static void add_attention(builder *b, const char *path, unet_value x, unet_value y, int norm)
{
    size_t channels = x.channels;
    unet_value a = norm ? normalise(b, path, "group_norm", x, 0, UNET_NONE) : x;
    unet_value qkv = new_value(b, x.height, x.width, 3 * channels), o = new_value(b, x.height, x.width, channels);
    unet_op op = {.x = a, .y = qkv, .residual = no_value, .embedding = UNET_NONE};
    op.weight = add_matrix(b, path, "to_q.weight", channels, channels); /* one after another: one product */
    add_matrix(b, path, "to_k.weight", channels, channels);
    add_matrix(b, path, "to_v.weight", channels, channels);
    op.bias = add_vector(b, path, "to_q.bias", channels);
    add_vector(b, path, "to_k.bias", channels);
    add_vector(b, path, "to_v.bias", channels);
    convolve(b, &op, 1, 1, 0, 0);
    op = (unet_op){.kind = UNET_ATTENTION, .x = qkv, .y = o, .residual = no_value, .embedding = UNET_NONE};
    op.attention = (attention){x.height * x.width, channels, head_count(b, channels)};
    add_op(b, &op);
    op = (unet_op){.x = o, .y = y, .residual = x, .embedding = UNET_NONE};
    op.weight = add_matrix(b, path, "to_out.0.weight", channels, channels);
    op.bias = add_vector(b, path, "to_out.0.bias", channels);
    convolve(b, &op, 1, 1, 0, 0);
}

/* A ResNet block, and attention behind it. */
static void add_block(builder *b, const char *level, size_t number, unet_value x, unet_value y, int attends)
{
    char path[NETWORK_NAME];
    unet_value between = attends ? new_value(b, y.height, y.width, y.channels) : y;
    snprintf(path, sizeof path, "%.20s.resnets.%zu", level, number);
    add_resnet(b, path, x, between);
    if (!attends)
        return;
    snprintf(path, sizeof path, "%.20s.attentions.%zu", level, number);
    add_attention(b, path, between, y, 1);
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
    joined[reader] = new_value(b, size.height, size.width, where.own_channels + channels);
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
    convolve_3x3(b, "", "conv_in", x, h, no_value, UNET_NONE);
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
        unet_op op = convolution_op(b, path, "conv", h, y, 3);
        convolve(b, &op, 3, 2, (size_t)options->downsample_padding, 1);
        h = y;
    }
    return h;
}

/* diffusers leaves out the middle attention's norm with scale_shift. */
static void add_middle(builder *b, unet_value x, unet_value y)
{
    unet_value h = x;
    if (b->options->mid_attention) {
        unet_value between = new_value(b, x.height, x.width, x.channels);
        h = new_value(b, x.height, x.width, x.channels);
        add_resnet(b, "mid_block.resnets.0", x, between);
        add_attention(b, "mid_block.attentions.0", between, h, b->options->conditioning == UNET_CONDITIONING_DEFAULT);
    } else {
        h = new_value(b, x.height, x.width, x.channels);
        add_resnet(b, "mid_block.resnets.0", x, h);
    }
    add_resnet(b, "mid_block.resnets.1", h, y);
}

static void add_upsampler(builder *b, size_t step, unet_value x, unet_value y)
{
    char path[NETWORK_NAME];
    snprintf(path, sizeof path, "up_blocks.%zu.upsamplers.0", step);
    unet_value large = new_value(b, y.height, y.width, x.channels);
    b->net->buffers[large.buffer].remade = 1;
    add_op(b, &(unet_op){.kind = UNET_UPSAMPLE, .x = x, .y = large, .residual = no_value, .embedding = UNET_NONE});
    convolve_3x3(b, path, "conv", large, y, no_value, UNET_NONE);
}

static unet_value add_up(builder *b, const unet_value *joined)
{
    const unet_options *options = b->options;
    size_t levels = level_count(options), reader = 0;
    unet_value y = no_value;
    char path[NETWORK_NAME];
    for (size_t step = 0; step < levels; step++) {
        size_t level = levels - 1 - step, channels = level_channels(options, level);
        snprintf(path, sizeof path, "up_blocks.%zu", step);
        for (size_t i = 0; i <= (size_t)options->blocks; i++, reader++) {
            int last = i == (size_t)options->blocks;
            y = last ? new_value(b, joined[reader].height, joined[reader].width, channels)
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
    add_prepared(b, &plan, prepared);
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
    time->first_weight = add_matrix(b, "time_embedding", "linear_1.weight", width, features);
    time->first_bias = add_vector(b, "time_embedding", "linear_1.bias", width);
    time->second_weight = add_matrix(b, "time_embedding", "linear_2.weight", width, width);
    time->second_bias = add_vector(b, "time_embedding", "linear_2.bias", width);
    if (b->net->base.task.classes > 0)
        time->classes_weight = add_matrix(b, "class_embedding", "weight", b->net->base.task.classes, width);
    time->projection_weight = b->net->base.size;
    for (size_t i = 0; i < b->share_count; i++)
        add_matrix(b, b->shares[i].path, "time_emb_proj.weight", b->shares[i].width, width);
    time->projection_bias = b->net->base.size;
    for (size_t i = 0; i < b->share_count; i++)
        add_vector(b, b->shares[i].path, "time_emb_proj.bias", b->shares[i].width);
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
    new_value(&b, net->height, net->width, net->image_channels); /* UNET_INPUT */
    unet_value h = add_down(&b, joined);
    add_middle(&b, h, left_columns(joined[0], h.channels));
    h = add_up(&b, joined);
    h = normalise(&b, "", "conv_norm_out", h, 1, UNET_NONE);
    net->out = new_value(&b, net->height, net->width, net->halves * net->image_channels);
    convolve_3x3(&b, "", "conv_out", h, net->out, no_value, UNET_NONE);
    add_time(&b);
    find_first_readers(net);
    memory_release(joined);
    memory_release(b.shares);
    return b.status;
}

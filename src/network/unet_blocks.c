/* The blocks of a U-Net, as diffusers builds them. */
#include "network/unet_builder.h"

#include "base/error.h"

#include <stdio.h>

/* The columns of the projection that the next ResNet block reads. */
static size_t take_share(builder *b, const char *path, size_t channels)
{
    size_t column = b->embedding_width;
    builder_share *own = &b->shares[b->share_count++];
    snprintf(own->path, sizeof own->path, "%s", path);
    own->width = b->options->conditioning == UNET_CONDITIONING_SCALE_SHIFT ? 2 * channels : channels;
    b->embedding_width += own->width;
    return column;
}

void builder_resnet(builder *b, const char *path, unet_value x, unet_value y)
{
    int scale_shift = b->options->conditioning == UNET_CONDITIONING_SCALE_SHIFT;
    size_t column = take_share(b, path, y.channels);
    unet_value a = builder_normalise(b, path, "norm1", x, 1, UNET_NONE);
    unet_value h = builder_value(b, y.height, y.width, y.channels);
    builder_convolve_3x3(b, path, "conv1", a, h, builder_no_value, scale_shift ? UNET_NONE : column);
    a = builder_normalise(b, path, "norm2", h, 1, scale_shift ? column : UNET_NONE);
    if (b->options->dropout > 0.0)
        b->net->ops[b->net->op_count - 1].dropout = ++b->dropouts;
    builder_convolve_3x3(b, path, "conv2", a, y, x.channels == y.channels ? x : builder_no_value, UNET_NONE);
    if (x.channels != y.channels) {
        unet_op op = builder_convolution(b, path, "conv_shortcut", x, y, 1);
        op.residual = y;
        builder_convolve(b, &op, 1, 1, 0, 0);
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

void builder_attention(builder *b, const char *path, unet_value x, unet_value y, int norm)
{
    size_t channels = x.channels;
    unet_value a = norm ? builder_normalise(b, path, "group_norm", x, 0, UNET_NONE) : x;
    unet_value qkv = builder_value(b, x.height, x.width, 3 * channels),
               o = builder_value(b, x.height, x.width, channels);
    unet_op op = {.x = a, .y = qkv, .residual = builder_no_value, .embedding = UNET_NONE};
    op.weight = builder_matrix(b, path, "to_q.weight", channels, channels); /* one after another: one product */
    builder_matrix(b, path, "to_k.weight", channels, channels);
    builder_matrix(b, path, "to_v.weight", channels, channels);
    op.bias = builder_vector(b, path, "to_q.bias", channels);
    builder_vector(b, path, "to_k.bias", channels);
    builder_vector(b, path, "to_v.bias", channels);
    builder_convolve(b, &op, 1, 1, 0, 0);
    op = (unet_op){.kind = UNET_ATTENTION, .x = qkv, .y = o, .residual = builder_no_value, .embedding = UNET_NONE};
    op.attention = (attention){x.height * x.width, channels, head_count(b, channels)};
    builder_op(b, &op);
    op = (unet_op){.x = o, .y = y, .residual = x, .embedding = UNET_NONE};
    op.weight = builder_matrix(b, path, "to_out.0.weight", channels, channels);
    op.bias = builder_vector(b, path, "to_out.0.bias", channels);
    builder_convolve(b, &op, 1, 1, 0, 0);
}

#include "network/unet_builder.h"

#include "base/error.h"

#include <stdio.h>

/* ---- parameters ---- */

static size_t builder_parameter(builder *b, const char *path, const char *name, size_t rank, const int64_t *shape)
{
    char full[NETWORK_NAME];
    size_t at = b->net->base.size;
    snprintf(full, sizeof full, "%.42s%s%.20s", path, *path != '\0' ? "." : "", name);
    network_add_parameter(&b->net->base, full, rank, shape);
    return at;
}

size_t builder_vector(builder *b, const char *path, const char *name, size_t size)
{
    return builder_parameter(b, path, name, 1, (const int64_t[]){(int64_t)size});
}

size_t builder_matrix(builder *b, const char *path, const char *name, size_t out, size_t in)
{
    return builder_parameter(b, path, name, 2, (const int64_t[]){(int64_t)out, (int64_t)in});
}

/* ---- values and operations ---- */

unet_value builder_value(builder *b, size_t height, size_t width, size_t channels)
{
    unet *net = b->net;
    net->buffers[net->buffer_count] = (unet_buffer){.pixels = height * width, .row = channels, .producer = UNET_NONE};
    return (unet_value){net->buffer_count++, 0, height, width, channels};
}

const unet_value builder_no_value = {.buffer = UNET_NONE};

void builder_op(builder *b, const unet_op *op)
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

void builder_prepared(builder *b, const convolution *plan, size_t *prepared)
{
    size_t size = convolution_prepared_size(plan);
    *prepared = size > 0 ? b->net->prepared : UNET_NONE;
    b->net->prepared += unet_aligned(size);
}

void builder_convolve(builder *b, unet_op *op, size_t kernel, size_t stride, size_t before, size_t after)
{
    convolution_shape shape = {op->x.height, op->x.width, op->x.channels, op->y.channels,
                               kernel,       stride,      before,         after};
    op->kind = UNET_CONVOLUTION;
    op->convolution = convolution_plan(&shape, b->options->exact);
    builder_prepared(b, &op->convolution, &op->prepared);
    builder_op(b, op);
}

unet_op builder_convolution(builder *b, const char *path, const char *name, unet_value x, unet_value y, size_t kernel)
{
    char full[NETWORK_NAME];
    snprintf(full, sizeof full, "%.42s%s%.20s", path, *path != '\0' ? "." : "", name);
    const int64_t shape[] = {(int64_t)y.channels, (int64_t)x.channels, (int64_t)kernel, (int64_t)kernel};
    unet_op op = {.x = x, .y = y, .residual = builder_no_value, .embedding = UNET_NONE};
    op.weight = builder_parameter(b, full, "weight", 4, shape);
    op.bias = builder_vector(b, full, "bias", y.channels);
    return op;
}

void builder_convolve_3x3(builder *b, const char *path, const char *name, unet_value x, unet_value y,
                          unet_value residual, size_t embedding)
{
    unet_op op = builder_convolution(b, path, name, x, y, 3);
    op.residual = residual;
    op.embedding = embedding;
    builder_convolve(b, &op, 3, 1, 1, 1);
}

unet_value builder_normalise(builder *b, const char *path, const char *name, unet_value x, int silu, size_t embedding)
{
    char full[NETWORK_NAME];
    size_t groups = (size_t)b->options->groups;
    snprintf(full, sizeof full, "%.42s%s%.20s", path, *path != '\0' ? "." : "", name);
    unet_value y = builder_value(b, x.height, x.width, x.channels);
    b->net->buffers[y.buffer].remade = 1;
    b->net->buffers[y.buffer].sloped = silu;
    if (x.channels % groups != 0 && b->status == DIFFUSION_OK)
        b->status = error_set(DIFFUSION_E_SPEC, "model: groups=%zu does not divide the %zu channels of %s", groups,
                              x.channels, full);
    unet_op op = {.kind = UNET_NORM, .x = x, .y = y, .residual = builder_no_value, .embedding = embedding};
    op.norm = (group_norm){x.height * x.width, x.channels, groups, (float)b->options->norm_epsilon, silu};
    op.weight = builder_vector(b, full, "weight", x.channels);
    op.bias = builder_vector(b, full, "bias", x.channels);
    op.statistics = b->net->statistics;
    b->net->statistics += 2 * groups;
    builder_op(b, &op);
    return y;
}

/* Building a U-Net's list of operations: parameters, values and single operations; then the blocks that it is made of.
 */
#ifndef NETWORK_UNET_BUILDER_H
#define NETWORK_UNET_BUILDER_H

#include "network/unet_graph.h"

/* A ResNet block's share of the time embedding's projection. */
typedef struct builder_share {
    char path[NETWORK_NAME];
    size_t width;
} builder_share;

typedef struct builder {
    unet *net;
    const unet_options *options;
    diffusion_status status; /* the first fault */
    builder_share *shares;
    size_t share_count, embedding_width, dropouts;
} builder;

/* Parameters are named `path`.`name`, or `name` where the path is empty. Where the new one stands. */
size_t builder_vector(builder *b, const char *path, const char *name, size_t size);
size_t builder_matrix(builder *b, const char *path, const char *name, size_t out, size_t in);

/* A value in a buffer of its own. */
unet_value builder_value(builder *b, size_t height, size_t width, size_t channels);
extern const unet_value builder_no_value;

void builder_op(builder *b, const unet_op *op);

/* Room for a convolution's prepared weights. */
void builder_prepared(builder *b, const convolution *plan, size_t *prepared);

/* The operation with its parameters, for the caller to complete; and a convolution whose parameters stand at op->weight
 * and op->bias made into the next operation. */
unet_op builder_convolution(builder *b, const char *path, const char *name, unet_value x, unet_value y, size_t kernel);
void builder_convolve(builder *b, unet_op *op, size_t kernel, size_t stride, size_t before, size_t after);

/* 3x3, as many pixels out as in. */
void builder_convolve_3x3(builder *b, const char *path, const char *name, unet_value x, unet_value y,
                          unet_value residual, size_t embedding);

unet_value builder_normalise(builder *b, const char *path, const char *name, unet_value x, int silu, size_t embedding);

/* unet_blocks.c: y from x by a ResNet block, by attention. */
void builder_resnet(builder *b, const char *path, unet_value x, unet_value y);
void builder_attention(builder *b, const char *path, unet_value x, unet_value y, int norm);

#endif

/* What the files that build a U-Net share. */
#ifndef NETWORK_UNET_BUILDER_H
#define NETWORK_UNET_BUILDER_H

#include "base/printf_like.h"
#include "network/graph_network.h"
#include "network/unet_options.h"

/* The name of a part: longer ones than parameters may have are refused with their parameters. */
typedef struct unet_path {
    char text[2 * NETWORK_NAME];
} unet_path;
unet_path unet_path_of(const char *format, ...) PRINTF_LIKE(1, 2);

/* A ResNet block's share of the time embedding's projection. */
typedef struct unet_share {
    unet_path path;
    size_t width;
} unet_share;

typedef struct unet_builder {
    graph_network *net;
    graph *graph;
    const unet_options *options;
    graph_value projected; /* the time embedding as every block reads it, side by side */
    unet_share *shares;
    size_t share_count, share_capacity, dropouts;
} unet_builder;

/* A value of its size with as many channels, or with others. */
graph_value unet_like(unet_builder *b, graph_value like, size_t channels);

void unet_convolve_3x3(unet_builder *b, const char *path, graph_value x, graph_value y, graph_value image,
                       graph_value residual);

typedef enum unet_norm { UNET_NORM_PLAIN, UNET_NORM_SILU, UNET_NORM_SILU_DROPOUT } unet_norm;
graph_value unet_normalise(unet_builder *b, const char *path, graph_value x, unet_norm kind, graph_value image);

/* unet_blocks.c: y from x by a ResNet block, by attention. */
void unet_resnet(unet_builder *b, const char *path, graph_value x, graph_value y);
void unet_attention(unet_builder *b, const char *path, graph_value x, graph_value y, int norm);

/* unet_time.c: the time embedding that the blocks before it read. */
void unet_time(unet_builder *b);

/* unet_build.c: the whole of it; the output. */
diffusion_status unet_build(graph_network *net, const unet_options *options, graph_value *out);

#endif

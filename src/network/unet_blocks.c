/* The blocks of a U-Net, as diffusers builds them. */
#include "network/unet_builder.h"

#include <stdarg.h>
#include <stdio.h>

static const graph_value none;

unet_path unet_path_of(const char *format, ...)
{
    unet_path path;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path.text, sizeof path.text, format, arguments);
    va_end(arguments);
    return path;
}

graph_value unet_like(unet_builder *b, graph_value like, size_t channels)
{
    return graph_new_value(b->graph, like.height, like.width, channels);
}

void unet_convolve_3x3(unet_builder *b, const char *path, graph_value x, graph_value y, graph_value image,
                       graph_value residual)
{
    graph_network_convolve(
        b->net, path, x, y,
        (graph_convolution){
            .kernel = 3, .before = 1, .after = 1, .exact = b->options->exact, .image = image, .residual = residual});
}

graph_value unet_normalise(unet_builder *b, const char *path, graph_value x, unet_norm kind, graph_value image)
{
    size_t groups = (size_t)b->options->groups;
    graph_value y = unet_like(b, x, x.channels);
    graph_norm with = {
        .groups = groups, .epsilon = (float)b->options->norm_epsilon, .silu = kind != UNET_NORM_PLAIN, .image = image};
    if (x.channels % groups != 0)
        graph_refuse(b->graph, DIFFUSION_E_SPEC, "model: groups=%zu does not divide the %zu channels of %s", groups,
                     x.channels, path);
    with.scale = graph_network_vector(b->net, path, "weight", x.channels);
    with.shift = graph_network_vector(b->net, path, "bias", x.channels);
    if (kind == UNET_NORM_SILU_DROPOUT && b->options->dropout > 0.0) {
        with.dropout = b->options->dropout;
        with.number = ++b->dropouts;
    }
    graph_normalise(b->graph, x, y, &with);
    return y;
}

/* ---- a ResNet block ---- */

/* The columns of the projection that the next ResNet block reads. */
static graph_value take_share(unet_builder *b, const char *path, size_t width)
{
    if (b->share_count == b->share_capacity) {
        graph_refuse(b->graph, DIFFUSION_E_SPEC, "model: more ResNet blocks than were counted");
        return none;
    }
    b->shares[b->share_count++] = (unet_share){unet_path_of("%s", path), width};
    return graph_widen(b->graph, b->projected, width);
}

void unet_resnet(unet_builder *b, const char *path, graph_value x, graph_value y)
{
    int scale_shift = b->options->conditioning == UNET_CONDITIONING_SCALE_SHIFT, same = x.channels == y.channels;
    graph_value time = take_share(b, path, scale_shift ? 2 * y.channels : y.channels);
    graph_value a = unet_normalise(b, unet_path_of("%s.norm1", path).text, x, UNET_NORM_SILU, none);
    graph_value h = unet_like(b, y, y.channels);
    unet_convolve_3x3(b, unet_path_of("%s.conv1", path).text, a, h, scale_shift ? none : time, none);
    a = unet_normalise(b, unet_path_of("%s.norm2", path).text, h, UNET_NORM_SILU_DROPOUT, scale_shift ? time : none);
    unet_convolve_3x3(b, unet_path_of("%s.conv2", path).text, a, y, none, same ? x : none);
    if (!same)
        graph_network_convolve(b->net, unet_path_of("%s.conv_shortcut", path).text, x, y,
                               (graph_convolution){.kernel = 1, .exact = b->options->exact, .residual = y});
}

/* ---- attention ---- */

static size_t head_count(unet_builder *b, size_t channels)
{
    size_t width = (size_t)b->options->head_channels;
    if (width == 0)
        return 1;
    if (channels % width != 0)
        graph_refuse(b->graph, DIFFUSION_E_SPEC,
                     "model: head_channels=%zu does not divide the %zu channels of a level with "
                     "attention",
                     width, channels);
    return channels >= width ? channels / width : 1;
}

/* Queries, keys and values stand one after another in the parameters: one product. */
static void add_queries(unet_builder *b, const char *path, graph_value x, graph_value y)
{
    static const char *const names[] = {"to_q", "to_k", "to_v"};
    size_t weight[3], bias[3];
    for (size_t i = 0; i < 3; i++)
        weight[i] =
            graph_network_matrix(b->net, unet_path_of("%s.%s", path, names[i]).text, "weight", x.channels, x.channels);
    for (size_t i = 0; i < 3; i++)
        bias[i] = graph_network_vector(b->net, unet_path_of("%s.%s", path, names[i]).text, "bias", x.channels);
    graph_convolve(b->graph, x, y,
                   &(graph_convolution){.weight = weight[0], .bias = bias[0], .exact = b->options->exact});
}

void unet_attention(unet_builder *b, const char *path, graph_value x, graph_value y, int norm)
{
    graph_value a = x, qkv = none, o = none;
    if (norm)
        a = unet_normalise(b, unet_path_of("%s.group_norm", path).text, x, UNET_NORM_PLAIN, none);
    qkv = unet_like(b, x, 3 * x.channels);
    o = unet_like(b, x, x.channels);
    add_queries(b, path, a, qkv);
    graph_attend(b->graph, qkv, o, head_count(b, x.channels));
    graph_network_connect(b->net, unet_path_of("%s.to_out.0", path).text, o, y,
                          (graph_convolution){.exact = b->options->exact, .residual = x});
}

/* What a U-Net looks like: levels down, middle, levels up, as diffusers' UNet2DModel (0.26) builds them; its input with
 * Fourier features, which that lacks. */
#include "base/memory.h"
#include "network/unet_builder.h"

#include <math.h>

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

static const graph_value none;

/* A ResNet block, and attention behind it. */
static void add_block(unet_builder *b, const char *level, size_t number, graph_value x, graph_value y, int attends)
{
    graph_value between = attends ? unet_like(b, y, y.channels) : y;
    unet_resnet(b, unet_path_of("%s.resnets.%zu", level, number).text, x, between);
    if (attends)
        unet_attention(b, unet_path_of("%s.attentions.%zu", level, number).text, between, y, 1);
}

/* ---- levels ---- */

static int has_attention(const unet_builder *b, size_t level)
{
    for (size_t i = 0; i < b->options->attention.rank; i++)
        if ((size_t)b->options->attention.size[i] == graph_input(b->graph).height >> level)
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
static graph_value new_skip(unet_builder *b, graph_value *joined, size_t reader, size_t channels)
{
    join where = join_of(b->options, reader);
    graph_value in = graph_input(b->graph);
    joined[reader] =
        graph_new_value(b->graph, in.height >> where.level, in.width >> where.level, where.own_channels + channels);
    return graph_columns(joined[reader], where.own_channels, channels);
}

/* What the network reads: its input, with Fourier features beside it if it has any. */
static graph_value add_input(unet_builder *b)
{
    const spec_reals *exponents = &b->options->fourier;
    graph_value in = graph_input(b->graph);
    double frequencies[GRAPH_FREQUENCIES];
    if (exponents->count == 0)
        return in;
    for (size_t j = 0; j < exponents->count; j++)
        frequencies[j] = exp2(exponents->values[j]);
    graph_value y = unet_like(b, in, in.channels * (1 + 2 * exponents->count));
    graph_fourier(b->graph, in, y, frequencies, exponents->count);
    return y;
}

static graph_value add_down(unet_builder *b, graph_value *joined)
{
    const unet_options *options = b->options;
    size_t reader = readers(options) - 1;
    graph_value h = new_skip(b, joined, reader, level_channels(options, 0));
    unet_convolve_3x3(b, "conv_in", add_input(b), h, none, none);
    for (size_t level = 0; level < level_count(options); level++) {
        unet_path path = unet_path_of("down_blocks.%zu", level);
        for (size_t i = 0; i < (size_t)options->blocks; i++) {
            graph_value y = new_skip(b, joined, --reader, level_channels(options, level));
            add_block(b, path.text, i, h, y, has_attention(b, level));
            h = y;
        }
        if (level + 1 == level_count(options))
            break;
        graph_value y = new_skip(b, joined, --reader, h.channels);
        graph_network_convolve(b->net, unet_path_of("%s.downsamplers.0.conv", path.text).text, h, y,
                               (graph_convolution){.kernel = 3,
                                                   .stride = 2,
                                                   .before = (size_t)options->downsample_padding,
                                                   .after = 1,
                                                   .exact = options->exact});
        h = y;
    }
    return h;
}

/* diffusers leaves out the middle attention's norm with scale_shift. */
static void add_middle(unet_builder *b, graph_value x, graph_value y)
{
    graph_value h = unet_like(b, x, x.channels), first = h;
    unet_resnet(b, "mid_block.resnets.0", x, first);
    if (b->options->mid_attention) {
        h = unet_like(b, x, x.channels);
        unet_attention(b, "mid_block.attentions.0", first, h, b->options->conditioning == UNET_CONDITIONING_DEFAULT);
    }
    unet_resnet(b, "mid_block.resnets.1", h, y);
}

static void add_upsampler(unet_builder *b, const char *path, graph_value x, graph_value y)
{
    graph_value large = unet_like(b, y, x.channels);
    graph_enlarge(b->graph, x, large);
    unet_convolve_3x3(b, unet_path_of("%s.upsamplers.0.conv", path).text, large, y, none, none);
}

static graph_value add_up(unet_builder *b, const graph_value *joined)
{
    const unet_options *options = b->options;
    size_t levels = level_count(options), reader = 0;
    graph_value y = none;
    for (size_t step = 0; step < levels; step++) {
        size_t level = levels - 1 - step, channels = level_channels(options, level);
        unet_path path = unet_path_of("up_blocks.%zu", step);
        for (size_t i = 0; i <= (size_t)options->blocks; i++, reader++) {
            int last = i == (size_t)options->blocks;
            y = last ? unet_like(b, joined[reader], channels) : graph_columns(joined[reader + 1], 0, channels);
            add_block(b, path.text, i, joined[reader], y, has_attention(b, level));
        }
        if (level > 0)
            add_upsampler(b, path.text, y, graph_columns(joined[reader], 0, channels));
    }
    return y;
}

/* ---- all of it ---- */

static graph_value build(unet_builder *b, graph_value *joined)
{
    graph_value in = graph_input(b->graph);
    graph_value h = add_down(b, joined);
    add_middle(b, h, graph_columns(joined[0], 0, h.channels));
    h = add_up(b, joined);
    h = unet_normalise(b, "conv_norm_out", h, UNET_NORM_SILU, none);
    graph_value out = unet_like(b, in, b->net->base.task.outputs / b->net->base.task.dim * in.channels);
    unet_convolve_3x3(b, "conv_out", h, out, none, none);
    unet_time(b);
    return out;
}

diffusion_status unet_build(graph_network *net, const unet_options *options, graph_value *out)
{
    unet_builder b = {.net = net, .graph = net->graph, .options = options, .share_capacity = resnet_count(options)};
    b.shares = memory_allocate(b.share_capacity, sizeof *b.shares);
    graph_value *joined = memory_allocate(readers(options), sizeof *joined);
    b.projected = graph_new_value(net->graph, 1, 1, 0);
    if (b.shares != NULL && joined != NULL)
        *out = build(&b, joined);
    diffusion_status status = b.shares != NULL && joined != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    memory_release(joined);
    memory_release(b.shares);
    return status;
}

#include "network/multiscale.h"

#include "base/error.h"
#include "base/rng.h"
#include "network/graph_network.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

SPEC_OWN(multiscale_options);

enum { DENSE_FEATURES = 2 /* values that the dense path gives each pixel */ };

static const spec_key keys[] = {
    {"scales", SPEC_INTEGER, offsetof(multiscale_options, scales), "3", 1, 16, NULL,
     "sizes at which a layer convolves: the image itself, its half, its quarter, …"},
    {"kernel", SPEC_INTEGER, offsetof(multiscale_options, kernel), "3", 1, 31, NULL,
     "side of a convolution's window (odd)"},
    {"channels", SPEC_INTEGER, offsetof(multiscale_options, channels), "32", 1, 4096, NULL,
     "features that a multi-scale convolution gives each pixel"},
    {"layers", SPEC_INTEGER, offsetof(multiscale_options, layers), "4", 1, 64, NULL,
     "number of multi-scale convolutions, each with softplus"},
    {"dense", SPEC_INTEGER, offsetof(multiscale_options, dense), "0", 0, 16384, NULL,
     "units of the dense path's layers, which see the whole image and its conditions; 0 for no dense path"},
    {"dense_depth", SPEC_INTEGER, offsetof(multiscale_options, dense_depth), "2", 1, 64, NULL,
     "number of the dense path's layers, each with tanh"},
    {"width", SPEC_INTEGER, offsetof(multiscale_options, width), "32", 1, 4096, NULL,
     "features that a 1x1 convolution gives each pixel"},
    {"depth", SPEC_INTEGER, offsetof(multiscale_options, depth), "2", 1, 64, NULL,
     "number of 1x1 convolutions, each with tanh"},
    {"bumps", SPEC_INTEGER, offsetof(multiscale_options, bumps), "10", 1, 1024, NULL,
     "functions of t that the read-out adds up"},
    {"steps", SPEC_INTEGER, offsetof(multiscale_options, steps), NULL, 1, NETWORK_STEPS, NULL,
     "the last step that the bumps cover, the schedule's steps"},
};

/* ---- checks ---- */

static diffusion_status check_shape(const multiscale_options *options, const network_task *task)
{
    const spec_shape *shape = &task->shape;
    if (shape->rank != 2 && shape->rank != 3)
        return error_set(DIFFUSION_E_SPEC, "model: shape has %zu sizes, but multiscale needs height,width,channels",
                         shape->rank);
    int64_t parts = (int64_t)1 << (options->scales - 1);
    for (size_t i = 0; i < 2; i++)
        if (shape->size[i] % parts != 0)
            return error_set(DIFFUSION_E_SPEC,
                             "model: scales=%lld needs height and width that %lld divides, but shape has %lld",
                             (long long)options->scales, (long long)parts, (long long)shape->size[i]);
    return DIFFUSION_OK;
}

static diffusion_status check(const multiscale_options *options, const network_task *task)
{
    if (options->kernel % 2 == 0)
        return error_set(DIFFUSION_E_SPEC, "model: kernel=%lld, expected an odd number", (long long)options->kernel);
    if (task->classes > 0 && options->dense == 0)
        return error_set(DIFFUSION_E_SPEC,
                         "model: classes=%zu needs the dense path, which alone sees labels; give dense= its units",
                         task->classes);
    if (task->vectors > 0 && options->dense == 0)
        return error_set(DIFFUSION_E_SPEC,
                         "model: condition=%zu needs the dense path, which alone sees vectors; give dense= its units",
                         task->vectors);
    return check_shape(options, task);
}

/* ---- initial values ---- */

static int begins_with(const char *name, const char *with)
{
    return strncmp(name, with, strlen(with)) == 0;
}

/* Of the layer whose weight is parameter i, its bias the next; drawn from stream `layer`. */
static void draw(const network *self, float *parameters, size_t i, uint64_t seed, size_t layer)
{
    const network_parameter *weight = &self->parameters[i];
    float *values = parameters + weight->offset;
    float scale = sqrtf(1.0f / (float)(weight->count / self->parameters[i + 1].count));
    rng_normal_float(values, weight->count, (rng_stream){seed, RNG_PARAMETERS, layer, 0});
    for (size_t j = 0; j < weight->count; j++)
        values[j] *= scale;
}

/* Variances kept through the layers: softplus of a standard normal has a mean square of 0.9, and a layer's scales add
 * up. The read-outs begin with zeros: training starts from an output of 0. */
static void initialise(const network *self, float *parameters, uint64_t seed)
{
    size_t first_dense = 0;
    memset(parameters, 0, self->size * sizeof *parameters);
    for (size_t i = 0; i < self->parameter_count; i += 2) { /* weight, then bias */
        const char *name = self->parameters[i].name;
        if (begins_with(name, "conv.") || begins_with(name, "pixel."))
            draw(self, parameters, i, seed, i / 2);
        else if (begins_with(name, "output."))
            first_dense = i + 2;
        else if (begins_with(name, "dense.hidden."))
            draw(self, parameters, i, seed + 1, (i - first_dense) / 2);
    }
}

/* ---- layers ---- */

typedef struct builder {
    graph_network *net;
    graph *graph;
    const multiscale_options *options;
} builder;

/* y = f(W x + b) of every pixel: "<name>.<number>". */
static void add_layer(builder *b, const char *name, size_t number, graph_value x, graph_value y)
{
    char path[NETWORK_NAME];
    snprintf(path, sizeof path, "%s.%zu", name, number);
    graph_value z = graph_new_value(b->graph, y.height, y.width, y.channels);
    size_t weight = graph_network_matrix(b->net, path, "weight", y.channels, x.channels);
    size_t bias = graph_network_vector(b->net, path, "bias", y.channels);
    graph_convolve(b->graph, x, z, &(graph_convolution){.weight = weight, .bias = GRAPH_NONE});
    graph_activate(b->graph, z, y, ACTIVATION_TANH, bias);
}

/* What one scale and the coarser ones give, before the non-linearity. Weights of the scales follow one another. */
static graph_value add_scale(builder *b, graph_value x, size_t scale, size_t weight)
{
    size_t kernel = (size_t)b->options->kernel, channels = (size_t)b->options->channels;
    graph_value z = graph_new_value(b->graph, x.height, x.width, channels);
    graph_convolution with = {
        .weight = weight, .bias = GRAPH_NONE, .kernel = kernel, .before = kernel / 2, .after = kernel / 2};
    if (scale + 1 < (size_t)b->options->scales) {
        graph_value half = graph_new_value(b->graph, x.height / 2, x.width / 2, x.channels);
        graph_halve(b->graph, x, half);
        graph_value coarser = add_scale(b, half, scale + 1, weight + kernel * kernel * x.channels * channels);
        with.residual = graph_new_value(b->graph, x.height, x.width, channels);
        graph_enlarge(b->graph, coarser, with.residual);
    }
    graph_convolve(b->graph, x, z, &with);
    return z;
}

static void add_convolution(builder *b, size_t layer, graph_value x, graph_value y)
{
    const multiscale_options *options = b->options;
    const int64_t shape[] = {options->scales * options->channels, (int64_t)x.channels, options->kernel,
                             options->kernel};
    size_t weight = network_add_parameter(&b->net->base, 4, shape, "conv.%zu.weight", layer);
    size_t bias = network_add_parameter(&b->net->base, 1, &options->channels, "conv.%zu.bias", layer);
    graph_activate(b->graph, add_scale(b, x, 0, weight), y, ACTIVATION_SOFTPLUS, bias);
}

/* The bumps weigh the read-outs. */
static graph_value add_read_out(builder *b, graph_value x)
{
    const network_task *task = &b->net->base.task;
    graph_value in = graph_input(b->graph), by = graph_new_value(b->graph, 1, 1, (size_t)b->options->bumps);
    graph_value y = graph_new_value(b->graph, x.height, x.width, task->outputs / task->dim * in.channels);
    const int64_t shape[] = {b->options->bumps, (int64_t)y.channels, (int64_t)x.channels};
    graph_bump_time(b->graph, by, (size_t)b->options->steps);
    size_t weight = network_add_parameter(&b->net->base, 3, shape, "output.weight");
    size_t bias = network_add_parameter(&b->net->base, 2, shape, "output.bias");
    graph_mix(b->graph, x, by, y, weight, bias);
    b->net->base.last_step = (int32_t)b->options->steps;
    return y;
}

/* The dense path, to y: a multi-layer perceptron of [x, one-hot label, vector]. Its operations come first, its
 * parameters last. */
static void add_dense(builder *b, graph_value y)
{
    const network_task *task = &b->net->base.task;
    size_t before = graph_op_count(b->graph), conditions = task->classes + task->vectors;
    graph_value x = graph_new_value(b->graph, 1, 1, task->dim + conditions);
    graph_copy(b->graph, graph_input(b->graph), graph_columns(x, 0, task->dim));
    if (conditions > 0)
        graph_condition(b->graph, graph_columns(x, task->dim, conditions), task->classes);
    for (size_t l = 0; l < (size_t)b->options->dense_depth; l++) {
        graph_value h = graph_new_value(b->graph, 1, 1, (size_t)b->options->dense);
        add_layer(b, "dense.hidden", l, x, h);
        x = h;
    }
    graph_value all = graph_new_value(b->graph, 1, 1, y.height * y.width * y.channels);
    graph_network_connect(b->net, "dense.output", x, all, (graph_convolution){.kernel = 1});
    graph_copy(b->graph, all, y);
    graph_move_to_front(b->graph, graph_op_count(b->graph) - before);
}

/* ---- making one ---- */

static graph_value build(builder *b)
{
    const multiscale_options *options = b->options;
    size_t channels = (size_t)options->channels, width = (size_t)options->width;
    size_t features = options->dense > 0 ? DENSE_FEATURES : 0;
    graph_value x = graph_input(b->graph), y;
    graph_value joined = graph_new_value(b->graph, x.height, x.width, channels + features);
    for (size_t l = 0; l < (size_t)options->layers; l++, x = y) {
        int last = l + 1 == (size_t)options->layers;
        y = last ? graph_columns(joined, 0, channels) : graph_new_value(b->graph, x.height, x.width, channels);
        add_convolution(b, l, x, y);
    }
    x = joined;
    for (size_t l = 0; l < (size_t)options->depth; l++, x = y) {
        y = graph_new_value(b->graph, x.height, x.width, width);
        add_layer(b, "pixel", l, x, y);
    }
    y = add_read_out(b, x);
    if (features > 0)
        add_dense(b, graph_columns(joined, channels, features));
    return y;
}

static diffusion_status create(network **out, const void *options, network_task task)
{
    static const network_class methods = GRAPH_NETWORK_METHODS(initialise);
    graph_network *net = NULL;
    diffusion_status status = check(options, &task);
    if (status == DIFFUSION_OK)
        status = graph_network_create(&net, &methods, task);
    if (status != DIFFUSION_OK)
        return status;
    builder b = {net, net->graph, options};
    return graph_network_finish(out, net, build(&b));
}

const network_kind multiscale_kind = {
    {"multiscale", "Multi-scale convolutions of an image, then 1x1 convolutions and a read-out over bumps in time.",
     keys, SPEC_COUNT(keys)},
    create,
};

#include "network/multiscale.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "math/activation.h"
#include "network/mlp.h"
#include "network/multiscale_layers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const spec_key multiscale_keys[MULTISCALE_KEYS] = {
    {"scales", SPEC_INTEGER, offsetof(multiscale_options, scales), "3", 1, 16, NULL,
     "sizes at which a layer convolves: the image itself, its half, its quarter, …"},
    {"kernel", SPEC_INTEGER, offsetof(multiscale_options, kernel), "3", 1, 31, NULL,
     "side of a convolution's window (odd)"},
    {"channels", SPEC_INTEGER, offsetof(multiscale_options, channels), "32", 1, 4096, NULL,
     "features that a multi-scale convolution gives each pixel"},
    {"layers", SPEC_INTEGER, offsetof(multiscale_options, layers), "4", 1, 64, NULL,
     "number of multi-scale convolutions, each with softplus"},
    {"dense", SPEC_INTEGER, offsetof(multiscale_options, dense), "0", 0, 16384, NULL,
     "units of the dense path's layers, which see the whole image and its label; 0 for no dense path"},
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
    return check_shape(options, task);
}

/* ---- parameters ---- */

/* Variances kept through the layers: softplus of a standard normal has a mean square of 0.9, and a layer's scales add
 * up. The read-out begins with zeros: training starts from an output of 0. */
static void initialise(const network *self, float *parameters, uint64_t seed)
{
    const multiscale *net = (const multiscale *)self;
    memset(parameters, 0, self->size * sizeof *parameters);
    for (size_t l = 0; l < net->layers + net->depth; l++) {
        const linear *pixel = l < net->layers ? NULL : &net->pixel[l - net->layers];
        size_t first = pixel != NULL ? pixel->weight : net->conv[l];
        size_t count = pixel != NULL ? pixel->in * pixel->out : multiscale_conv_bias(net, l) - first;
        size_t fan_in = pixel != NULL ? pixel->in : count / net->channels;
        rng_normal_float(parameters + first, count, (rng_stream){seed, RNG_PARAMETERS, l, 0});
        for (size_t i = 0; i < count; i++)
            parameters[first + i] *= sqrtf(1.0f / (float)fan_in);
    }
    if (net->dense != NULL)
        net->dense->methods->initialise(net->dense, parameters + net->image_size, seed + 1);
}

static void add_convolution(multiscale *net, size_t l)
{
    const conv_shape shape = multiscale_conv(net, l, 0);
    const int64_t kernel = (int64_t)net->kernel, channels = (int64_t)net->channels;
    net->conv[l] = net->base.size;
    network_add_layer_parameter(&net->base, "conv.%zu.weight", l, 4,
                                (const int64_t[]){(int64_t)net->scales * channels, kernel, kernel, (int64_t)shape.in});
    network_add_layer_parameter(&net->base, "conv.%zu.bias", l, 1, &channels);
    for (size_t s = 0; s < net->scales; s++)
        net->work += (net->pixels >> (2 * s)) * conv_weights(&shape);
}

static void add_read_out(multiscale *net)
{
    const int64_t bumps = (int64_t)net->bumps, outputs = (int64_t)multiscale_outputs(net);
    net->out_weight = net->base.size;
    network_add_parameter(&net->base, "output.weight", 3, (const int64_t[]){bumps, outputs, (int64_t)net->pixel_width});
    net->out_bias = net->base.size;
    network_add_parameter(&net->base, "output.bias", 2, (const int64_t[]){bumps, outputs});
    net->work += net->pixels * net->pixel_width * (size_t)outputs;
    net->base.last_step = (int32_t)net->steps;
}

/* The dense path's parameters under the names "dense.…", behind the others. */
static void add_dense(multiscale *net)
{
    for (size_t i = 0; i < net->dense->parameter_count; i++) {
        const network_parameter *from = &net->dense->parameters[i];
        network_parameter *to = &net->base.parameters[net->base.parameter_count++];
        *to = *from;
        snprintf(to->name, sizeof to->name, "dense.%.40s", from->name);
        to->offset += net->image_size;
    }
    net->base.size += net->dense->size;
}

static void lay_out(multiscale *net)
{
    for (size_t l = 0; l < net->layers; l++)
        add_convolution(net, l);
    for (size_t l = 0; l < net->depth; l++) {
        size_t in = l > 0 ? net->pixel_width : net->channels + (net->dense != NULL ? DENSE_FEATURES : 0);
        net->pixel[l] = linear_add(&net->base, in, net->pixel_width, "pixel.%zu.weight", "pixel.%zu.bias", l);
        net->work += net->pixels * in * net->pixel_width;
    }
    add_read_out(net);
    net->image_size = net->base.size;
    if (net->dense != NULL)
        add_dense(net);
}

/* ---- making one ---- */

static void release(network *self)
{
    multiscale *net = (multiscale *)self;
    network_free(net->dense);
    memory_release(net->conv);
    memory_release(net->pixel);
    memory_release(net);
}

static void take_sizes(multiscale *net, const multiscale_options *options, const network_task *task)
{
    net->base.task = *task;
    net->height = (size_t)task->shape.size[0];
    net->width = (size_t)task->shape.size[1];
    net->image_channels = task->shape.rank == 3 ? (size_t)task->shape.size[2] : 1;
    net->pixels = net->height * net->width;
    net->halves = task->outputs / task->dim;
    net->scales = (size_t)options->scales;
    net->kernel = (size_t)options->kernel;
    net->channels = (size_t)options->channels;
    net->layers = (size_t)options->layers;
    net->pixel_width = (size_t)options->width;
    net->depth = (size_t)options->depth;
    net->bumps = (size_t)options->bumps;
    net->steps = (size_t)options->steps;
}

static diffusion_status create_dense(multiscale *net, const multiscale_options *options)
{
    const mlp_options dense = {.width = options->dense, .depth = options->dense_depth, .activation = ACTIVATION_TANH};
    network_task task = net->base.task;
    task.outputs = net->pixels * DENSE_FEATURES;
    return options->dense > 0 ? mlp_create(&net->dense, &dense, task) : DIFFUSION_OK;
}

diffusion_status multiscale_create(network **out, const void *chosen, network_task task)
{
    static const network_class methods = {
        release, initialise, multiscale_scratch_size, multiscale_tape_size,    multiscale_training_scratch_size,
        NULL,    NULL,       multiscale_forward,      multiscale_forward_keep, multiscale_backward};
    const multiscale_options *options = chosen;
    diffusion_status status = check(options, &task);
    if (status != DIFFUSION_OK)
        return status;
    multiscale *net = memory_allocate(1, sizeof *net);
    if (net == NULL)
        return DIFFUSION_E_MEMORY;
    net->base.methods = &methods;
    take_sizes(net, options, &task);
    net->conv = memory_allocate(net->layers, sizeof *net->conv);
    net->pixel = memory_allocate(net->depth, sizeof *net->pixel);
    size_t count = 2 * (net->layers + net->depth + 1 + (size_t)options->dense_depth + 1);
    net->base.parameters = memory_allocate(count, sizeof *net->base.parameters);
    if (net->conv == NULL || net->pixel == NULL || net->base.parameters == NULL ||
        create_dense(net, options) != DIFFUSION_OK) {
        network_free(&net->base);
        return DIFFUSION_E_MEMORY;
    }
    lay_out(net);
    *out = &net->base;
    return DIFFUSION_OK;
}

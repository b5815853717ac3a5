#include "network/unet.h"

#include "base/error.h"
#include "base/rng.h"
#include "network/unet_builder.h"

#include <math.h>
#include <string.h>

SPEC_OWN(unet_options);

static const spec_key keys[] = {
    {"channels", SPEC_SHAPE, offsetof(unet_options, channels), "32,64,64", 1, 4096, NULL,
     "features of each level, the whole image first; the number of levels follows"},
    {"blocks", SPEC_INTEGER, offsetof(unet_options, blocks), "2", 1, 16, NULL,
     "ResNet blocks of a level on the way down; one more on the way up"},
    {"attention", SPEC_SHAPE, offsetof(unet_options, attention), "0", 0, 65536, NULL,
     "heights of the levels whose pixels attend to one another, such as 7 or 16,8; 0 for none"},
    {"mid_attention", SPEC_CHOICE, offsetof(unet_options, mid_attention), "yes", 0, 0, "no|yes",
     "attention between the way down and the way up"},
    {"head_channels", SPEC_INTEGER, offsetof(unet_options, head_channels), "0", 0, 4096, NULL,
     "features of an attention head; 0 for one head"},
    {"groups", SPEC_INTEGER, offsetof(unet_options, groups), "8", 1, 4096, NULL,
     "groups of channels that are normalised together"},
    {"norm_epsilon", SPEC_REAL, offsetof(unet_options, norm_epsilon), "1e-5", 1e-12, 1, NULL,
     "added to a group's variance"},
    {"fourier", SPEC_REALS, offsetof(unet_options, fourier), "", 0, 16, NULL,
     "exponents n of Fourier features (Kingma et al. 2021), for fine differences: beside its input x, as predict= "
     "scales it, the network reads sin(2^n pi x) and cos(2^n pi x). Those of n = log2(2 / w) repeat with each bin of "
     "width w, of one less with every two: 7,8 for bytes k read as (2 k + 1) / 256 - 1, 6.9943534,7.9943534 as "
     "2 k / 255 - 1 (--data scale=grid)"},
    {"flip_sin_to_cos", SPEC_CHOICE, offsetof(unet_options, flip_sin_to_cos), "yes", 0, 0, "no|yes",
     "the time embedding begins with the cosines"},
    {"freq_shift", SPEC_REAL, offsetof(unet_options, freq_shift), "0", 0, 1, NULL,
     "the time embedding's frequencies fall to 1/10000 over half its features less this"},
    {"conditioning", SPEC_CHOICE, offsetof(unet_options, conditioning), "default", 0, 0, "default|scale_shift",
     "the time is added to the features, or scales and shifts them behind the second norm"},
    {"downsample_padding", SPEC_INTEGER, offsetof(unet_options, downsample_padding), "1", 0, 1, NULL,
     "zeros above and left of an image that is halved; there is always one below and right"},
    {"dropout", SPEC_REAL, offsetof(unet_options, dropout), "0", 0, 0.9, NULL,
     "chance that a feature is left out in training"},
    {"exact", SPEC_CHOICE, offsetof(unet_options, exact), "no", 0, 0, "no|yes",
     "no Winograd convolutions: slower, half the rounding error"},
};

/* ---- checks ---- */

static diffusion_status check_attention(const unet_options *options, size_t height)
{
    for (size_t i = 0; i < options->attention.rank; i++) {
        int found = options->attention.size[i] == 0;
        for (size_t level = 0; level < options->channels.rank; level++)
            found = found || (size_t)options->attention.size[i] == height >> level;
        if (!found)
            return error_set(DIFFUSION_E_SPEC,
                             "model: attention=%lld, expected the height of a level: %zu halved 0 to %zu times",
                             (long long)options->attention.size[i], height, options->channels.rank - 1);
    }
    return DIFFUSION_OK;
}

static diffusion_status check_fourier(const spec_reals *exponents)
{
    if (exponents->count > GRAPH_FREQUENCIES)
        return error_set(DIFFUSION_E_SPEC, "model: fourier= has %zu exponents, expected %d at most", exponents->count,
                         GRAPH_FREQUENCIES);
    for (size_t i = 0; i < exponents->count; i++)
        for (size_t j = 0; j < i; j++)
            if (exponents->values[i] == exponents->values[j])
                return error_set(DIFFUSION_E_SPEC, "model: fourier= has %g twice, expected exponents that differ",
                                 exponents->values[i]);
    return DIFFUSION_OK;
}

static diffusion_status check(const unet_options *options, const network_task *task)
{
    const spec_shape *shape = &task->shape;
    if (shape->rank != 2 && shape->rank != 3)
        return error_set(DIFFUSION_E_SPEC, "model: shape has %zu sizes, but unet needs height,width,channels",
                         shape->rank);
    int64_t parts = (int64_t)1 << (options->channels.rank - 1);
    for (size_t i = 0; i < 2; i++)
        if (shape->size[i] % parts != 0)
            return error_set(DIFFUSION_E_SPEC,
                             "model: channels= of %zu levels needs height and width that %lld divides, but shape has "
                             "%lld",
                             options->channels.rank, (long long)parts, (long long)shape->size[i]);
    if (options->channels.size[0] % 2 != 0)
        return error_set(DIFFUSION_E_SPEC,
                         "model: channels=%lld,…, expected an even number first: half are the time embedding's sines",
                         (long long)options->channels.size[0]);
    diffusion_status status = check_fourier(&options->fourier);
    return status == DIFFUSION_OK ? check_attention(options, (size_t)shape->size[0]) : status;
}

/* ---- parameters ---- */

static int ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcmp(name + length - tail, end) == 0;
}

/* What stands before a sum with a residual begins with zeros, and so does the output (DDPM's own code): every block
 * then begins as the identity. */
static int begins_with_zeros(const char *name)
{
    return ends_with(name, "conv2.weight") || ends_with(name, "to_out.0.weight") || ends_with(name, "conv_out.weight");
}

static void initialise(const network *self, float *parameters, uint64_t seed)
{
    memset(parameters, 0, self->size * sizeof *parameters);
    for (size_t i = 0; i < self->parameter_count; i++) {
        const network_parameter *parameter = &self->parameters[i];
        float *values = parameters + parameter->offset;
        if (parameter->rank == 1) { /* biases stay 0; norms begin as what they normalise */
            for (size_t j = 0; ends_with(parameter->name, ".weight") && j < parameter->count; j++)
                values[j] = 1.0f;
            continue;
        }
        if (begins_with_zeros(parameter->name))
            continue;
        size_t fan_in = parameter->count / (size_t)parameter->shape[0];
        float scale = strcmp(parameter->name, "class_embedding.weight") == 0 ? 1.0f : sqrtf(1.0f / (float)fan_in);
        rng_normal_float(values, parameter->count, (rng_stream){seed, RNG_PARAMETERS, i, 0});
        for (size_t j = 0; j < parameter->count; j++)
            values[j] *= scale;
    }
}

/* ---- making one ---- */

static diffusion_status create(network **out, const void *options, network_task task)
{
    static const network_class methods = GRAPH_NETWORK_METHODS(initialise);
    graph_network *net = NULL;
    graph_value y;
    diffusion_status status = check(options, &task);
    if (status == DIFFUSION_OK)
        status = graph_network_create(&net, &methods, task);
    if (status != DIFFUSION_OK)
        return status;
    status = unet_build(net, options, &y);
    if (status == DIFFUSION_OK)
        return graph_network_finish(out, net, y);
    network_free(&net->base);
    return status;
}

const network_kind unet_kind = {
    {"unet", "U-Net of ResNet blocks and attention, as diffusers' UNet2DModel.", keys, SPEC_COUNT(keys)},
    create,
};

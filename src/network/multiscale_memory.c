#include "network/multiscale_memory.h"

conv_shape multiscale_conv(const multiscale *net, size_t l, size_t scale)
{
    return (conv_shape){net->height >> scale, net->width >> scale, l == 0 ? net->image_channels : net->channels,
                        net->channels, net->kernel};
}

size_t multiscale_conv_weight(const multiscale *net, size_t l, size_t scale)
{
    conv_shape shape = multiscale_conv(net, l, scale);
    return net->conv[l] + scale * conv_weights(&shape);
}

size_t multiscale_conv_bias(const multiscale *net, size_t l)
{
    return multiscale_conv_weight(net, l, net->scales);
}

/* Pixels of the scales 1..scale-1 of a pyramid. */
static size_t pyramid_pixels(const multiscale *net, size_t scale)
{
    size_t pixels = 0;
    for (size_t s = 1; s < scale; s++)
        pixels += net->pixels >> (2 * s);
    return pixels;
}

float *multiscale_pyramid_at(const multiscale *net, float *whole, float *pyramid, size_t scale, size_t channels)
{
    return scale == 0 ? whole : pyramid + pyramid_pixels(net, scale) * channels;
}

static size_t most_channels(const multiscale *net)
{
    return net->image_channels > net->channels ? net->image_channels : net->channels;
}

size_t multiscale_flipped_size(const multiscale *net)
{
    size_t size = 0;
    for (size_t l = 0; l < net->layers; l++)
        size += multiscale_conv_bias(net, l) - net->conv[l];
    return size;
}

const float *multiscale_flipped_at(const multiscale *net, const float *flipped, size_t l)
{
    return flipped + (net->conv[l] - net->conv[0] - l * net->channels);
}

void multiscale_flip(const multiscale *net, float *flipped, const float *parameters)
{
    for (size_t l = 0; l < net->layers; l++)
        for (size_t s = 0; s < net->scales; s++) {
            conv_shape shape = multiscale_conv(net, l, s);
            conv_flip(&shape, flipped, parameters + multiscale_conv_weight(net, l, s));
            flipped += conv_weights(&shape);
        }
}

float *multiscale_conv_output(const multiscale *net, float *tape, size_t l)
{
    return tape + 2 * l * net->pixels * net->channels;
}

float *multiscale_pixel_output(const multiscale *net, float *tape, size_t l)
{
    return multiscale_conv_output(net, tape, net->layers) + 2 * l * net->pixels * net->pixel_width;
}

float *multiscale_tape_bumps(const multiscale *net, float *tape)
{
    return multiscale_pixel_output(net, tape, net->depth);
}

size_t multiscale_image_tape_size(const multiscale *net)
{
    return 2 * net->pixels * (net->layers * net->channels + net->depth * net->pixel_width) + net->bumps;
}

static size_t widest(const multiscale *net)
{
    size_t most = most_channels(net);
    return most > net->pixel_width ? most : net->pixel_width;
}

static size_t pyramid_size(const multiscale *net)
{
    return pyramid_pixels(net, net->scales) * most_channels(net);
}

static size_t readout_size(const multiscale *net)
{
    return multiscale_outputs(net) * (net->pixel_width + 1);
}

multiscale_scratch multiscale_scratch_at(const multiscale *net, float *memory)
{
    float *z = memory + pyramid_size(net), *dh = z + pyramid_size(net), *weight = dh + net->pixels * widest(net);
    float *dweight = weight + readout_size(net);
    return (multiscale_scratch){memory, z, dh, weight, dweight, dweight + readout_size(net)};
}

size_t multiscale_image_scratch_size(const multiscale *net)
{
    size_t most = 0;
    for (size_t l = 0; l < net->layers; l++)
        for (size_t s = 0; s < net->scales; s++) {
            conv_shape shape = multiscale_conv(net, l, s);
            size_t size = conv_scratch_size(&shape);
            most = size > most ? size : most;
        }
    return 2 * pyramid_size(net) + net->pixels * widest(net) + 2 * readout_size(net) + most;
}

/* One image through the layers, and back. Pyramids hold an image at the scales 1, 2, …, each half the one before. */
#include "math/activation.h"
#include "math/blas.h"
#include "math/pool.h"
#include "network/bumps.h"
#include "network/multiscale_layers.h"

#include <string.h>

/* ---- where things stand ---- */

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

static float *pyramid_at(const multiscale *net, float *whole, float *pyramid, size_t scale, size_t channels)
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

/* Where a layer's flipped weights stand: as in the parameters, without biases. */
static const float *flipped_at(const multiscale *net, const float *flipped, size_t l)
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

/* The tape: output and slope of each convolution [pixels, channels], of each 1x1 convolution [pixels, pixel_width],
 * and the bumps. */
static float *conv_output(const multiscale *net, float *tape, size_t l)
{
    return tape + 2 * l * net->pixels * net->channels;
}

static float *pixel_output(const multiscale *net, float *tape, size_t l)
{
    return conv_output(net, tape, net->layers) + 2 * l * net->pixels * net->pixel_width;
}

static float *tape_bumps(const multiscale *net, float *tape)
{
    return pixel_output(net, tape, net->depth);
}

size_t multiscale_image_tape_size(const multiscale *net)
{
    return 2 * net->pixels * (net->layers * net->channels + net->depth * net->pixel_width) + net->bumps;
}

/* Of one image at a time: pyramids of a layer's input and of its output's gradient, the gradient between layers, the
 * read-out at one t, and the convolutions' own. */
typedef struct image_scratch {
    float *x, *z;       /* pyramids */
    float *dh;          /* [pixels, the widest layer] */
    float *weight;      /* [outputs of a pixel, pixel_width], then its bias [outputs of a pixel] */
    float *dweight;     /* the same */
    float *convolution; /* conv_scratch_size() */
} image_scratch;

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

static image_scratch scratch_at(const multiscale *net, float *memory)
{
    float *z = memory + pyramid_size(net), *dh = z + pyramid_size(net), *weight = dh + net->pixels * widest(net);
    float *dweight = weight + readout_size(net);
    return (image_scratch){memory, z, dh, weight, dweight, dweight + readout_size(net)};
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

/* ---- forward ---- */

static void fill_pyramid(const multiscale *net, const float *x, float *pyramid, float scale, size_t channels)
{
    for (size_t s = 1; s < net->scales; s++) {
        const float *from = s == 1 ? x : pyramid_at(net, NULL, pyramid, s - 1, channels);
        pool_forward(pyramid_at(net, NULL, pyramid, s, channels), from, scale, net->height >> (s - 1),
                     net->width >> (s - 1), channels);
    }
}

/* Convolves the coarsest scale first, and enlarges each result into the next. */
static void conv_layer(const multiscale *net, size_t l, const float *parameters, float *y, float *slope, const float *x,
                       const image_scratch *scratch)
{
    size_t in = l == 0 ? net->image_channels : net->channels;
    fill_pyramid(net, x, scratch->x, 0.25f, in);
    for (size_t s = net->scales; s-- > 0;) {
        conv_shape shape = multiscale_conv(net, l, s);
        float *z = pyramid_at(net, y, scratch->z, s, net->channels);
        conv_forward(&shape, z, s == 0 ? x : pyramid_at(net, NULL, scratch->x, s, in),
                     parameters + multiscale_conv_weight(net, l, s), scratch->convolution);
        if (s + 1 < net->scales)
            pool_upsample(z, pyramid_at(net, y, scratch->z, s + 1, net->channels), 1.0f, shape.height, shape.width,
                          net->channels);
    }
    activation_forward(ACTIVATION_SOFTPLUS, y, slope, y, parameters + multiscale_conv_bias(net, l), NULL, net->pixels,
                       net->channels);
}

/* A 1x1 convolution; the first one's input stands in two places. */
static void pixel_layer(const multiscale *net, size_t l, const float *parameters, float *y, float *slope,
                        const float *x, const float *features)
{
    const linear *layer = &net->pixel[l];
    size_t in = l == 0 ? net->channels : layer->in;
    const float *weight = parameters + layer->weight;
    blas_sgemm(0, 1, net->pixels, layer->out, in, 1.0f, x, in, weight, layer->in, 0.0f, y, layer->out);
    if (in < layer->in)
        blas_sgemm(0, 1, net->pixels, layer->out, DENSE_FEATURES, 1.0f, features, DENSE_FEATURES, weight + in,
                   layer->in, 1.0f, y, layer->out);
    activation_forward(ACTIVATION_TANH, y, slope, y, parameters + layer->bias, NULL, net->pixels, layer->out);
}

/* The output is linear in the coefficients, so the bumps may weigh the weights instead: as many times fewer products.
 */
static void weigh(const multiscale *net, const float *parameters, float *weight, const float *g)
{
    size_t outputs = multiscale_outputs(net), size = outputs * net->pixel_width;
    blas_sgemm(0, 0, 1, size, net->bumps, 1.0f, g, net->bumps, parameters + net->out_weight, size, 0.0f, weight, size);
    blas_sgemm(0, 0, 1, outputs, net->bumps, 1.0f, g, net->bumps, parameters + net->out_bias, outputs, 0.0f,
               weight + size, outputs);
}

static void read_out(const multiscale *net, float *out, const float *h, const float *weight)
{
    size_t c = net->image_channels, width = net->pixel_width, outputs = multiscale_outputs(net);
    for (size_t half = 0; half < net->halves; half++) {
        float *to = out + half * net->base.task.dim;
        blas_sgemm(0, 1, net->pixels, c, width, 1.0f, h, width, weight + half * c * width, width, 0.0f, to, c);
        bias_forward(to, weight + outputs * width + half * c, net->pixels, c);
    }
}

void multiscale_image_forward(const multiscale *net, const float *parameters, float *out, const float *x, int32_t t,
                              const float *features, float *tape, int keep, float *memory)
{
    image_scratch scratch = scratch_at(net, memory);
    const float *h = x;
    for (size_t l = 0; l < net->layers; l++) {
        float *y = conv_output(net, tape, l);
        conv_layer(net, l, parameters, y, keep ? y + net->pixels * net->channels : NULL, h, &scratch);
        h = y;
    }
    for (size_t l = 0; l < net->depth; l++) {
        float *y = pixel_output(net, tape, l);
        pixel_layer(net, l, parameters, y, keep ? y + net->pixels * net->pixel_width : NULL, h, features);
        h = y;
    }
    bumps_at(tape_bumps(net, tape), net->bumps, net->steps, t);
    weigh(net, parameters, scratch.weight, tape_bumps(net, tape));
    read_out(net, out, h, scratch.weight);
}

/* ---- backward ---- */

/* dh [pixels, pixel_width] and the read-out's part of the gradient; the bumps share it out. */
static void read_out_backward(const multiscale *net, float *partial, const float *dout, const float *h, const float *g,
                              const image_scratch *scratch)
{
    size_t c = net->image_channels, width = net->pixel_width, outputs = multiscale_outputs(net);
    float *dbias = scratch->dweight + outputs * width;
    memset(dbias, 0, outputs * sizeof *dbias);
    for (size_t half = 0; half < net->halves; half++) {
        const float *from = dout + half * net->base.task.dim;
        blas_sgemm(0, 0, net->pixels, width, c, 1.0f, from, c, scratch->weight + half * c * width, width,
                   half > 0 ? 1.0f : 0.0f, scratch->dh, width);
        blas_sgemm(1, 0, c, width, net->pixels, 1.0f, from, c, h, width, 0.0f, scratch->dweight + half * c * width,
                   width);
        bias_accumulate(dbias + half * c, from, net->pixels, c);
    }
    blas_sgemm(0, 0, net->bumps, outputs * width, 1, 1.0f, g, 1, scratch->dweight, outputs * width, 1.0f,
               partial + net->out_weight, outputs * width);
    blas_sgemm(0, 0, net->bumps, outputs, 1, 1.0f, g, 1, dbias, outputs, 1.0f, partial + net->out_bias, outputs);
}

/* From dh in scratch to dh in scratch. */
static void pixel_layer_backward(const multiscale *net, size_t l, const float *parameters, float *partial, float *dz,
                                 const float *x, float *features, float *dh)
{
    const linear *layer = &net->pixel[l];
    size_t in = l == 0 ? net->channels : layer->in, n = net->pixels;
    activation_backward(dz, dh, dz, n * layer->out);
    bias_accumulate(partial + layer->bias, dz, n, layer->out);
    blas_sgemm(1, 0, layer->out, in, n, 1.0f, dz, layer->out, x, in, 1.0f, partial + layer->weight, layer->in);
    blas_sgemm(0, 0, n, in, layer->out, 1.0f, dz, layer->out, parameters + layer->weight, layer->in, 0.0f, dh, in);
    if (in == layer->in)
        return;
    blas_sgemm(1, 0, layer->out, DENSE_FEATURES, n, 1.0f, dz, layer->out, features, DENSE_FEATURES, 1.0f,
               partial + layer->weight + in, layer->in);
    blas_sgemm(0, 0, n, DENSE_FEATURES, layer->out, 1.0f, dz, layer->out, parameters + layer->weight + in, layer->in,
               0.0f, features, DENSE_FEATURES);
}

/* The input's gradient, coarsest scale first, each enlarged into the next: the mean's way back. */
static void conv_layer_input(const multiscale *net, size_t l, const float *flipped, float *dz,
                             const image_scratch *scratch)
{
    size_t in = net->channels;
    for (size_t s = net->scales; s-- > 0;) {
        conv_shape shape = multiscale_conv(net, l, s);
        float *dx = pyramid_at(net, scratch->dh, scratch->x, s, in);
        conv_backward(&shape, dx, pyramid_at(net, dz, scratch->z, s, net->channels), flipped + s * conv_weights(&shape),
                      scratch->convolution);
        if (s + 1 < net->scales)
            pool_upsample(dx, pyramid_at(net, NULL, scratch->x, s + 1, in), 0.25f, shape.height, shape.width, in);
    }
}

static void conv_layer_backward(const multiscale *net, size_t l, const float *flipped, float *partial, float *dz,
                                const float *x, const image_scratch *scratch)
{
    size_t in = l == 0 ? net->image_channels : net->channels;
    activation_backward(dz, scratch->dh, dz, net->pixels * net->channels);
    bias_accumulate(partial + multiscale_conv_bias(net, l), dz, net->pixels, net->channels);
    fill_pyramid(net, x, scratch->x, 0.25f, in);
    fill_pyramid(net, dz, scratch->z, 1.0f, net->channels);
    for (size_t s = 0; s < net->scales; s++) {
        conv_shape shape = multiscale_conv(net, l, s);
        conv_backward_weight(&shape, partial + multiscale_conv_weight(net, l, s),
                             s == 0 ? x : pyramid_at(net, NULL, scratch->x, s, in),
                             pyramid_at(net, dz, scratch->z, s, net->channels), scratch->convolution);
    }
    if (l > 0)
        conv_layer_input(net, l, flipped, dz, scratch);
}

void multiscale_image_backward(const multiscale *net, const float *parameters, const float *flipped, float *partial,
                               const float *dout, const float *x, float *features, float *tape, float *memory)
{
    image_scratch scratch = scratch_at(net, memory);
    size_t kept = net->pixels * net->channels, pixel_kept = net->pixels * net->pixel_width;
    weigh(net, parameters, scratch.weight, tape_bumps(net, tape));
    read_out_backward(net, partial, dout, pixel_output(net, tape, net->depth - 1), tape_bumps(net, tape), &scratch);
    for (size_t l = net->depth; l-- > 0;)
        pixel_layer_backward(net, l, parameters, partial, pixel_output(net, tape, l) + pixel_kept,
                             l > 0 ? pixel_output(net, tape, l - 1) : conv_output(net, tape, net->layers - 1), features,
                             scratch.dh);
    for (size_t l = net->layers; l-- > 0;)
        conv_layer_backward(net, l, flipped_at(net, flipped, l), partial, conv_output(net, tape, l) + kept,
                            l > 0 ? conv_output(net, tape, l - 1) : x, &scratch);
}

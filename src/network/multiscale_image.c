/* One image through the layers, and back. Pyramids hold an image at the scales 1, 2, …, each half the one before. */
#include "math/activation.h"
#include "math/blas.h"
#include "math/pool.h"
#include "network/bumps.h"
#include "network/multiscale_memory.h"

#include <string.h>

/* ---- forward ---- */

static void fill_pyramid(const multiscale *net, const float *x, float *pyramid, float scale, size_t channels)
{
    for (size_t s = 1; s < net->scales; s++) {
        const float *from = s == 1 ? x : multiscale_pyramid_at(net, NULL, pyramid, s - 1, channels);
        pool_forward(multiscale_pyramid_at(net, NULL, pyramid, s, channels), from, scale, net->height >> (s - 1),
                     net->width >> (s - 1), channels);
    }
}

/* Convolves the coarsest scale first, and enlarges each result into the next. */
static void conv_layer(const multiscale *net, size_t l, const float *parameters, float *y, float *slope, const float *x,
                       const multiscale_scratch *scratch)
{
    size_t in = l == 0 ? net->image_channels : net->channels;
    fill_pyramid(net, x, scratch->x, 0.25f, in);
    for (size_t s = net->scales; s-- > 0;) {
        conv_shape shape = multiscale_conv(net, l, s);
        float *z = multiscale_pyramid_at(net, y, scratch->z, s, net->channels);
        conv_forward(&shape, z, s == 0 ? x : multiscale_pyramid_at(net, NULL, scratch->x, s, in),
                     parameters + multiscale_conv_weight(net, l, s), scratch->convolution);
        if (s + 1 < net->scales)
            pool_upsample(z, multiscale_pyramid_at(net, y, scratch->z, s + 1, net->channels), 1.0f, shape.height,
                          shape.width, net->channels);
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
    multiscale_scratch scratch = multiscale_scratch_at(net, memory);
    const float *h = x;
    for (size_t l = 0; l < net->layers; l++) {
        float *y = multiscale_conv_output(net, tape, l);
        conv_layer(net, l, parameters, y, keep ? y + net->pixels * net->channels : NULL, h, &scratch);
        h = y;
    }
    for (size_t l = 0; l < net->depth; l++) {
        float *y = multiscale_pixel_output(net, tape, l);
        pixel_layer(net, l, parameters, y, keep ? y + net->pixels * net->pixel_width : NULL, h, features);
        h = y;
    }
    bumps_at(multiscale_tape_bumps(net, tape), net->bumps, net->steps, t);
    weigh(net, parameters, scratch.weight, multiscale_tape_bumps(net, tape));
    read_out(net, out, h, scratch.weight);
}

/* ---- backward ---- */

/* dh [pixels, pixel_width] and the read-out's part of the gradient; the bumps share it out. */
static void read_out_backward(const multiscale *net, float *partial, const float *dout, const float *h, const float *g,
                              const multiscale_scratch *scratch)
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
                             const multiscale_scratch *scratch)
{
    size_t in = net->channels;
    for (size_t s = net->scales; s-- > 0;) {
        conv_shape shape = multiscale_conv(net, l, s);
        float *dx = multiscale_pyramid_at(net, scratch->dh, scratch->x, s, in);
        conv_backward(&shape, dx, multiscale_pyramid_at(net, dz, scratch->z, s, net->channels),
                      flipped + s * conv_weights(&shape), scratch->convolution);
        if (s + 1 < net->scales)
            pool_upsample(dx, multiscale_pyramid_at(net, NULL, scratch->x, s + 1, in), 0.25f, shape.height, shape.width,
                          in);
    }
}

static void conv_layer_backward(const multiscale *net, size_t l, const float *flipped, float *partial, float *dz,
                                const float *x, const multiscale_scratch *scratch)
{
    size_t in = l == 0 ? net->image_channels : net->channels;
    activation_backward(dz, scratch->dh, dz, net->pixels * net->channels);
    bias_accumulate(partial + multiscale_conv_bias(net, l), dz, net->pixels, net->channels);
    fill_pyramid(net, x, scratch->x, 0.25f, in);
    fill_pyramid(net, dz, scratch->z, 1.0f, net->channels);
    for (size_t s = 0; s < net->scales; s++) {
        conv_shape shape = multiscale_conv(net, l, s);
        conv_backward_weight(&shape, partial + multiscale_conv_weight(net, l, s),
                             s == 0 ? x : multiscale_pyramid_at(net, NULL, scratch->x, s, in),
                             multiscale_pyramid_at(net, dz, scratch->z, s, net->channels), scratch->convolution);
    }
    if (l > 0)
        conv_layer_input(net, l, flipped, dz, scratch);
}

void multiscale_image_backward(const multiscale *net, const float *parameters, const float *flipped, float *partial,
                               const float *dout, const float *x, float *features, float *tape, float *memory)
{
    multiscale_scratch scratch = multiscale_scratch_at(net, memory);
    size_t kept = net->pixels * net->channels, pixel_kept = net->pixels * net->pixel_width;
    weigh(net, parameters, scratch.weight, multiscale_tape_bumps(net, tape));
    read_out_backward(net, partial, dout, multiscale_pixel_output(net, tape, net->depth - 1),
                      multiscale_tape_bumps(net, tape), &scratch);
    for (size_t l = net->depth; l-- > 0;)
        pixel_layer_backward(net, l, parameters, partial, multiscale_pixel_output(net, tape, l) + pixel_kept,
                             l > 0 ? multiscale_pixel_output(net, tape, l - 1)
                                   : multiscale_conv_output(net, tape, net->layers - 1),
                             features, scratch.dh);
    for (size_t l = net->layers; l-- > 0;)
        conv_layer_backward(net, l, multiscale_flipped_at(net, flipped, l), partial,
                            multiscale_conv_output(net, tape, l) + kept,
                            l > 0 ? multiscale_conv_output(net, tape, l - 1) : x, &scratch);
}

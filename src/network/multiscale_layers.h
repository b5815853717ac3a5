/* What the files of the multi-scale network share. One image goes through its layers at a time; only the dense path
 * works on batches. */
#ifndef NETWORK_MULTISCALE_LAYERS_H
#define NETWORK_MULTISCALE_LAYERS_H

#include "math/conv.h"
#include "network/linear.h"
#include "network/network.h"

enum { DENSE_FEATURES = 2 /* values that the dense path gives each pixel */ };

typedef struct multiscale {
    network base;
    network *dense;                                       /* an mlp, its parameters behind ours; NULL: no dense path */
    size_t height, width, image_channels, pixels, halves; /* halves of the output: mean, or mean and variance */
    size_t scales, kernel, channels, layers;
    size_t pixel_width, depth; /* of the 1x1 convolutions */
    size_t bumps, steps;
    size_t *conv;      /* [layers], weight [scales, channels, kernel, kernel, in] in the flat array; the bias follows */
    linear *pixel;     /* [depth], the 1x1 convolutions */
    size_t out_weight; /* [bumps, halves * image_channels, pixel_width] */
    size_t out_bias;   /* [bumps, halves * image_channels] */
    size_t image_size; /* floats of all parameters but the dense path's */
    size_t work;       /* multiplications for one image, without the dense path's */
} multiscale;

static inline size_t multiscale_features(const multiscale *net)
{
    return net->dense != NULL ? net->pixels * DENSE_FEATURES : 0;
}

static inline size_t multiscale_outputs(const multiscale *net) /* of a pixel */
{
    return net->halves * net->image_channels;
}

/* The convolution of layer l at a scale; 0 is the whole image. */
conv_shape multiscale_conv(const multiscale *net, size_t l, size_t scale);

/* Where a layer's weight for a scale stands. */
size_t multiscale_conv_weight(const multiscale *net, size_t l, size_t scale);
size_t multiscale_conv_bias(const multiscale *net, size_t l);

/* Floats of all layers' weights, each scale's, as conv_flip() turns them. */
size_t multiscale_flipped_size(const multiscale *net);
void multiscale_flip(const multiscale *net, float *flipped, const float *parameters);

/* What an image leaves for the way back; and the memory that its layers need for a while. */
size_t multiscale_image_tape_size(const multiscale *net);
size_t multiscale_image_scratch_size(const multiscale *net);

/* out [outputs] from x [dim] at t, with features [pixels, DENSE_FEATURES] of the dense path. Slopes are left on the
 * tape if `keep`. */
void multiscale_image_forward(const multiscale *net, const float *parameters, float *out, const float *x, int32_t t,
                              const float *features, float *tape, int keep, float *scratch);

/* Adds to partial, which is laid out as the parameters before the dense path's. The gradient of the features takes the
 * features' place. */
void multiscale_image_backward(const multiscale *net, const float *parameters, const float *flipped, float *partial,
                               const float *dout, const float *x, float *features, float *tape, float *scratch);

/* The methods of network_class, in multiscale_batch.c. */
size_t multiscale_scratch_size(const network *self, size_t n, size_t threads);
size_t multiscale_tape_size(const network *self, size_t n);
size_t multiscale_training_scratch_size(const network *self, size_t n, size_t threads);
void multiscale_forward(const network *self, const float *parameters, const float *prepared, float *out,
                        network_batch batch, float *scratch);
void multiscale_forward_keep(const network *self, const float *parameters, float *out, network_batch batch, float *tape,
                             float *scratch);
void multiscale_backward(const network *self, const float *parameters, float *gradient, float *dx, const float *dout,
                         size_t n, float *tape, float *scratch);

#endif

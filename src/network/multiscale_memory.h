/* Where the multi-scale network's weights, what an image leaves for the way back, and its passing memory stand. */
#ifndef NETWORK_MULTISCALE_MEMORY_H
#define NETWORK_MULTISCALE_MEMORY_H

#include "network/multiscale_layers.h"

/* One scale of a pyramid of images; the first is `whole`, the others stand in `pyramid` one after another. */
float *multiscale_pyramid_at(const multiscale *net, float *whole, float *pyramid, size_t scale, size_t channels);

/* Where a layer's flipped weights stand: as in the parameters, without biases. */
const float *multiscale_flipped_at(const multiscale *net, const float *flipped, size_t l);

/* The tape: output and slope of each convolution [pixels, channels], of each 1x1 convolution [pixels, pixel_width],
 * and the bumps. */
float *multiscale_conv_output(const multiscale *net, float *tape, size_t l);
float *multiscale_pixel_output(const multiscale *net, float *tape, size_t l);
float *multiscale_tape_bumps(const multiscale *net, float *tape);

/* Of one image at a time: pyramids of a layer's input and of its output's gradient, the gradient between layers, the
 * read-out at one t, and the convolutions' own. */
typedef struct multiscale_scratch {
    float *x, *z;       /* pyramids */
    float *dh;          /* [pixels, the widest layer] */
    float *weight;      /* [outputs of a pixel, pixel_width], then its bias [outputs of a pixel] */
    float *dweight;     /* the same */
    float *convolution; /* conv_scratch_size() */
} multiscale_scratch;

multiscale_scratch multiscale_scratch_at(const multiscale *net, float *memory);

#endif

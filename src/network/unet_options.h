/* The keys of a U-Net. */
#ifndef NETWORK_UNET_OPTIONS_H
#define NETWORK_UNET_OPTIONS_H

#include "base/spec.h"

typedef enum unet_conditioning { UNET_CONDITIONING_DEFAULT, UNET_CONDITIONING_SCALE_SHIFT } unet_conditioning;

typedef struct unet_options {
    spec_shape channels;  /* of each level */
    int64_t blocks;       /* of each level; one more on the way up */
    spec_shape attention; /* heights of the levels that have it */
    int32_t mid_attention;
    int64_t head_channels; /* 0: one head */
    int64_t groups;
    double norm_epsilon;
    spec_reals fourier; /* exponents of the input's features; none: the input alone */
    int32_t flip_sin_to_cos;
    double freq_shift;
    int32_t conditioning;
    int64_t downsample_padding;
    double dropout;
    int32_t exact;
} unet_options;

#endif

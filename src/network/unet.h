/* The U-Net of DDPM (arXiv:2006.11239, appendix B) as diffusers' UNet2DModel builds it: its parameters have that
 * model's names and layouts, its options that model's meaning.
 *
 * ResNet blocks of group norm, SiLU and 3x3 convolution on `channels` levels, each half the size of the one before;
 * self-attention where asked; the way up sees what the way down left on each level. */
#ifndef NETWORK_UNET_H
#define NETWORK_UNET_H

#include "network/network.h"

typedef enum unet_conditioning { UNET_CONDITIONING_DEFAULT, UNET_CONDITIONING_SCALE_SHIFT } unet_conditioning;

typedef struct unet_options {
    spec_shape channels;  /* of each level */
    int64_t blocks;       /* of each level; one more on the way up */
    spec_shape attention; /* heights of the levels that have it */
    int32_t mid_attention;
    int64_t head_channels; /* 0: one head */
    int64_t groups;
    double norm_epsilon;
    int32_t flip_sin_to_cos;
    double freq_shift;
    int32_t conditioning;
    int64_t downsample_padding;
    double dropout;
    int32_t exact;
} unet_options;

enum { UNET_KEYS = 13 };
extern const spec_key unet_keys[UNET_KEYS];

/* `options` are unet_options. */
diffusion_status unet_create(network **out, const void *options, network_task task);

#endif

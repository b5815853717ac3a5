/* The U-Net of DDPM (arXiv:2006.11239, appendix B) as diffusers' UNet2DModel builds it: its parameters have that
 * model's names and layouts, its options that model's meaning.
 *
 * ResNet blocks of group norm, SiLU and 3x3 convolution on `channels` levels, each half the size of the one before;
 * self-attention where asked; the way up sees what the way down left on each level. */
#ifndef NETWORK_UNET_H
#define NETWORK_UNET_H

#include "network/network.h"

extern const network_kind unet_kind; /* its options are unet_options */

#endif

#include "network/kinds.h"

const spec_kind network_kinds[NETWORK_KINDS] = {
    {"mlp", "Multi-layer perceptron on [x, sinusoidal embedding of t, one-hot label].", mlp_keys, MLP_KEYS},
    {"rbf", "Normalised radial basis functions of x, read out with weights for each step.", rbf_keys, RBF_KEYS},
    {"multiscale", "Multi-scale convolutions of an image, then 1x1 convolutions and a read-out over bumps in t.",
     multiscale_keys, MULTISCALE_KEYS},
    {"unet", "U-Net of ResNet blocks and attention, as diffusers' UNet2DModel.", unet_keys, UNET_KEYS},
};

diffusion_status network_create(network **out, size_t kind, const network_options *options, network_task task)
{
    static diffusion_status (*const create[NETWORK_KINDS])(network **, const void *, network_task) = {
        mlp_create,
        rbf_create,
        multiscale_create,
        unet_create,
    };
    return create[kind](out, options, task);
}

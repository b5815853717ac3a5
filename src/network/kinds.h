/* The kinds of network that a spec can name. */
#ifndef NETWORK_KINDS_H
#define NETWORK_KINDS_H

#include "network/mlp.h"
#include "network/multiscale.h"
#include "network/network.h"
#include "network/rbf.h"
#include "network/unet.h"

/* The options of whichever kind was named. */
typedef union network_options {
    mlp_options mlp;
    rbf_options rbf;
    multiscale_options multiscale;
    unet_options unet;
} network_options;

/* Kinds for a spec grammar whose options struct begins with network_options. */
enum { NETWORK_KINDS = 4 };
extern const spec_kind network_kinds[NETWORK_KINDS];

/* Makes a network of kind network_kinds[kind]. */
diffusion_status network_create(network **out, size_t kind, const network_options *options, network_task task);

#endif

/* The tensors of a unet's folder: one file, or shards with their index; a variant where there is nothing else. */
#ifndef INTEROP_DIFFUSERS_WEIGHTS_H
#define INTEROP_DIFFUSERS_WEIGHTS_H

#include "model/model.h"

/* Reads the parameters of a model without any (model_create_shell), and the texts that diffusers_save() left with the
 * tensors: every tensor is there once, under today's name or the former one, and nothing else. */
diffusion_status diffusers_weights_read(struct diffusion_model *model, const char *folder);

#endif

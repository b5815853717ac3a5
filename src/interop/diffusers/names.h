/* Names of tensors that diffusers has changed: attention before version 0.14. */
#ifndef INTEROP_DIFFUSERS_NAMES_H
#define INTEROP_DIFFUSERS_NAMES_H

#include "format/safetensors.h"

typedef struct diffusers_name {
    char text[SAFETENSORS_NAME + 32];
} diffusers_name;

/* Today's name of a tensor that a file calls `name`. */
const char *diffusers_name_now(diffusers_name *out, const char *name);

/* What a file calls the tensor of today's name: that, or the former one where the file has that instead. */
const char *diffusers_name_in(diffusers_name *out, const safetensors *file, const char *name);

#endif

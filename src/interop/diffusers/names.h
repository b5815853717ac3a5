/* Names of tensors that diffusers has changed: attention before version 0.14. */
#ifndef INTEROP_DIFFUSERS_NAMES_H
#define INTEROP_DIFFUSERS_NAMES_H

#include "format/safetensors.h"

typedef struct diffusers_name {
    char text[SAFETENSORS_NAME + 32];
} diffusers_name;

/* Today's name of a tensor that a file calls `name`. */
const char *diffusers_name_now(diffusers_name *out, const char *name);

/* The former name of the tensor of today's name; NULL for one that was never renamed. */
const char *diffusers_name_before(diffusers_name *out, const char *name);

#endif

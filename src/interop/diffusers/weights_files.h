/* Which files of a unet's folder hold its tensors. */
#ifndef INTEROP_DIFFUSERS_WEIGHTS_FILES_H
#define INTEROP_DIFFUSERS_WEIGHTS_FILES_H

#include "format/safetensors.h"

#define DIFFUSERS_WEIGHTS "diffusion_pytorch_model.safetensors"
#define DIFFUSERS_SHARDS "diffusion_pytorch_model.safetensors.index.json"

typedef struct weights_file {
    char *path;
    safetensors *tensors;
} weights_file;

typedef struct weights_files {
    char *path; /* of the file that stands for all, in sentences: the one, or the index */
    weights_file *files;
    size_t count;
} weights_files;

diffusion_status weights_files_open(weights_files *out, const char *folder);
void weights_files_close(weights_files *self); /* also of one zeroed */

#endif

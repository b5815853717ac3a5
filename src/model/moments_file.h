/* Moments as tensors of a model's file, in double. */
#ifndef MODEL_MOMENTS_FILE_H
#define MODEL_MOMENTS_FILE_H

#include "format/safetensors.h"
#include "model/moments.h"

enum { MOMENTS_TENSORS = 5 };

/* They live as long as the moments do. */
void moments_describe(const noise_moments *self, safetensors_tensor tensors[MOMENTS_TENSORS]);

int moments_owns_tensor(const char *name);

/* NULL where the file has none. 0, DIFFUSION_E_CONTENT (one of the tensors is missing, or has another shape, or numbers
 * that moments are not), or what reading gives. */
diffusion_status moments_read(noise_moments **out, safetensors *file, const char *path);

#endif

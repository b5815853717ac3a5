/* How a model's data was scaled, as its metadata says: x = (value - shift) / scale. */
#ifndef MODEL_SCALING_H
#define MODEL_SCALING_H

#include "model/model.h"

/* In the order of scaling_names. */
enum { SCALING_SHIFT, SCALING_SCALE, SCALING_WIDTH, SCALING_MINIMUM, SCALING_MAXIMUM, SCALING_LISTS };
extern const char *const scaling_names[SCALING_LISTS];

typedef struct scaling {
    double *of[SCALING_LISTS]; /* each [dim], in one piece of memory */
} scaling;

/* `function` begins the sentence. */
diffusion_status scaling_read(scaling *out, const char *function, const struct diffusion_model *model);
void scaling_release(scaling *self);

/* Rows [n, dim]; DIFFUSION_E_NONFINITE where a float32, or a double, cannot hold one, and then nothing is written. */
diffusion_status scaling_apply(const scaling *self, const char *function, float *x, const double *values, size_t n,
                               size_t dim);
diffusion_status scaling_invert(const scaling *self, const char *function, double *values, const float *x, size_t n,
                                size_t dim);

/* The texts of bytes 0..255 as diffusers' pipelines scale them, to -1..1. */
diffusion_status scaling_suppose_bytes(struct diffusion_model *model);

#endif

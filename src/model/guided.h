/* Classifier-free guidance (Ho, Salimans 2022, arXiv:2207.12598): the raw output with and without the condition, in one
 * batch, and beyond the first by a factor. */
#ifndef MODEL_GUIDED_H
#define MODEL_GUIDED_H

#include "model/forward.h"

/* scale 1 is the condition's own output, 0 the one without; rescale > 0 brings the output's spread back to that of the
 * condition's, by this share (Lin et al. 2023, arXiv:2305.08891, section 3.4). It acts where low <= sigma / signal <=
 * high (Kynkaanniemi et al. 2024, arXiv:2404.07724). */
typedef struct guiding {
    double scale, rescale, low, high;
} guiding;

typedef struct guided_memory {
    buffer x, time, scale, raw;
} guided_memory;

void guided_memory_release(guided_memory *self);

/* raw [n, outputs] from x [n, dim]; ratio [n] is sigma / signal of each row. Without a condition nothing is guided. */
diffusion_status guided_forward(const guiding *self, guided_memory *room, const struct diffusion_model *model,
                                forward_memory *memory, double *raw, const double *x, const double *ratio,
                                forward_input input);

#endif

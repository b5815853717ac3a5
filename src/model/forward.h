/* The raw output of a model, whatever stands behind it. */
#ifndef MODEL_FORWARD_H
#define MODEL_FORWARD_H

#include "base/buffer.h"
#include "model/model.h"

enum { MODEL_FORWARD_ROWS = 1024 }; /* samples that go through the network, or to a callback, at a time */

/* Working memory, kept between calls. */
typedef struct forward_memory {
    buffer scratch; /* of the network, for every thread */
    buffer x, out;  /* one chunk, in the precision that the caller does not have */
    buffer vjp;     /* one sample's way there and back, for every thread */
} forward_memory;

/* The network's part is lent by the model: a pass need not ask the system for it each time. */
forward_memory forward_memory_open(const struct diffusion_model *model);
void forward_memory_close(forward_memory *memory, const struct diffusion_model *model); /* NULL: nothing was opened */

/* What a pass reads beside x: time [n] as the model's time= key makes it, and a condition of n rows, or NULL. */
typedef struct forward_input {
    const double *time;
    const struct diffusion_condition *condition;
    size_t n;
    const double *scale; /* [n], what a network's rows of x are multiplied by first; NULL: nothing */
} forward_input;

/* out [n, outputs] from x [n, dim]; a callback's value where it is not 0. */
diffusion_status model_forward(const struct diffusion_model *model, forward_memory *memory, float *out, const float *x,
                               forward_input input);
diffusion_status model_forward_double(const struct diffusion_model *model, forward_memory *memory, double *out,
                                      const double *x, forward_input input);

/* dx [n, dim], the gradient of sum(output * weight) by x; weight [n, outputs]. Networks alone: DIFFUSION_E_STATE for a
 * callback. A sample's bits do not depend on n or its place in the batch. */
diffusion_status model_vjp(const struct diffusion_model *model, forward_memory *memory, double *dx, const double *x,
                           const double *weight, forward_input input);

#endif

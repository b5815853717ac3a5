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
} forward_memory;

/* The network's part is lent by the model: a pass need not ask the system for it each time. */
forward_memory forward_memory_open(const struct diffusion_model *model);
void forward_memory_close(forward_memory *memory, const struct diffusion_model *model); /* NULL: nothing was opened */

/* out [n, outputs] from x [n, dim], t [n] and labels [n] or NULL; a callback's value where it is not 0. */
diffusion_status model_forward(const struct diffusion_model *model, forward_memory *memory, float *out,
                               network_batch batch);
diffusion_status model_forward_double(const struct diffusion_model *model, forward_memory *memory, double *out,
                                      const double *x, const int32_t *t, const int32_t *labels, size_t n);

#endif

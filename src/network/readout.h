/* The last layer of the paper's small networks: linear, with weights of its own for every step 1..steps. A time
 * between two steps has the nearest one's.
 *
 * In training a batch's rows are put in the order of their steps, so that each step's are one product. */
#ifndef NETWORK_READOUT_H
#define NETWORK_READOUT_H

#include "network/linear.h"
#include "network/network.h"

typedef struct readout {
    size_t steps;
    linear first; /* of step 1; the others' weights and biases follow */
} readout;

/* Lays out "output.weight" [steps, outputs, in] and "output.bias" [steps, outputs], and tells the network its last
 * step. */
void readout_add(readout *self, network *owner, size_t steps, size_t in);

/* The step whose weights a time has: the nearest one. */
int32_t readout_step(const readout *self, double time);
linear readout_layer(const readout *self, int32_t step);

/* out [samples, out] from a tile x [UNIFORM_ROWS, in] whose samples stand in the rows of uniform_rows_get(); product
 * [UNIFORM_ROWS, out] is scratch. One product for each step that is there: one where all samples are at the same. */
void readout_forward_tile(const readout *self, const float *parameters, float *out, float *product, const float *x,
                          const double *time, size_t samples);

/* A batch in the order of its steps. Arrays lie in the tape. */
typedef struct readout_batch {
    size_t n;
    int32_t *first;  /* [steps + 2]; step s stands in rows first[s]..first[s + 1]-1 */
    int32_t *sample; /* [n], the sample in each row */
    int32_t *step;   /* [n], its step */
    float *rows;     /* [n, out], the output, then its gradient */
} readout_batch;

size_t readout_tape_size(const readout *self, size_t n); /* floats */
readout_batch readout_batch_at(const readout *self, float *tape, size_t n);
void readout_sort(const readout *self, readout_batch *batch, const double *time);

/* Rows begin..end-1 of x [n, in], which are in order; out and dout [n, out] are by sample. */
void readout_forward(const readout *self, const float *parameters, float *out, const readout_batch *batch,
                     const float *x, size_t begin, size_t end);
void readout_backward(const readout *self, const float *parameters, float *dx, const readout_batch *batch,
                      const float *dout, size_t begin, size_t end);

/* The gradient of every step's weights, after readout_backward() of all rows; x [n, in]. Steps that the batch lacks get
 * zeros. */
void readout_gradient(const readout *self, float *gradient, const readout_batch *batch, const float *x);

#endif

/* What the files of the radial basis network share. */
#ifndef NETWORK_RBF_LAYERS_H
#define NETWORK_RBF_LAYERS_H

#include "network/readout.h"

typedef struct rbf {
    network base;
    size_t units;
    size_t centres;    /* [units, dim], where they stand in the flat array */
    size_t log_widths; /* [units] */
    readout per_step;
} rbf;

/* terms [2, units]: of each unit -1 / (2 w_k^2) and |c_k|^2. */
void rbf_unit_terms(const rbf *net, const float *parameters, float *terms);

/* The softmax's exponents, -(|x|^2 - 2 x c_k + |c_k|^2) / (2 w_k^2): [rows, units] from x [rows, dim]. */
void rbf_exponents(const rbf *net, const float *parameters, float *exponent, const float *x, size_t rows,
                   const float *terms);

/* Multiplications for one sample, roughly. */
size_t rbf_work(const rbf *net);

/* The methods of network_class, in rbf_forward.c and rbf_training.c. */
size_t rbf_scratch_size(const network *self, size_t n, size_t threads);
void rbf_forward(const network *self, const float *parameters, const float *prepared, float *out, network_batch batch,
                 float *scratch);
size_t rbf_tape_size(const network *self, size_t n);
size_t rbf_training_scratch_size(const network *self, size_t n, size_t threads);
void rbf_forward_keep(const network *self, const float *parameters, float *out, network_batch batch, float *tape,
                      float *scratch);
void rbf_backward(const network *self, const float *parameters, float *gradient, float *dx, const float *dout, size_t n,
                  float *tape, float *scratch);

#endif

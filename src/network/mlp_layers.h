/* What the files of the multi-layer perceptron share. */
#ifndef NETWORK_MLP_LAYERS_H
#define NETWORK_MLP_LAYERS_H

#include "math/activation.h"
#include "math/time_embedding.h"
#include "network/linear.h"
#include "network/readout.h"

typedef struct mlp {
    network base;
    time_embedding embedding;
    activation kind;
    int residual;
    size_t depth, width, features;
    linear *layers; /* [linears]: the hidden ones, and the output if it is the same for all steps */
    size_t linears;
    readout per_step; /* the output otherwise; its steps are 0 if not */
    size_t work;      /* weights that a sample meets */
    size_t gradients; /* tasks of the gradient of `layers` */
    size_t prepared;  /* floats of the weights for small_product(); 0: a layer has too many, or each step its own */
} mlp;

/* features [features] of one sample. `alike` are those of another at the same time, which is copied; NULL: none known.
 */
void mlp_gather_features(const mlp *net, float *features, const float *alike, network_batch batch, size_t sample);

/* y [rows, width] of hidden layer l from x [rows, in]; prepared as linear_multiply()'s, slope as
 * activation_forward()'s.
 */
void mlp_hidden_forward(const mlp *net, size_t l, const float *parameters, const float *prepared, float *y,
                        float *slope, const float *x, size_t rows);

/* The methods of network_class, in mlp_forward.c and mlp_training.c. */
size_t mlp_scratch_size(const network *self, size_t n, size_t threads);
size_t mlp_prepared_size(const network *self);
void mlp_prepare(const network *self, float *prepared, const float *parameters);
void mlp_forward(const network *self, const float *parameters, const float *prepared, float *out, network_batch batch,
                 float *scratch);
size_t mlp_tape_size(const network *self, size_t n);
size_t mlp_training_scratch_size(const network *self, size_t n, size_t threads);
void mlp_forward_keep(const network *self, const float *parameters, float *out, network_batch batch, float *tape,
                      float *scratch);
void mlp_backward(const network *self, const float *parameters, float *gradient, float *dx, const float *dout, size_t n,
                  float *tape, float *scratch);

#endif

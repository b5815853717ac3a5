/* Running the U-Net's list of operations, forward beside backward. */
#ifndef NETWORK_UNET_LAYERS_H
#define NETWORK_UNET_LAYERS_H

#include "network/unet_graph.h"

typedef enum unet_stage {
    UNET_SAMPLING,
    UNET_KEEPING,  /* training's forward pass */
    UNET_REMAKING, /* its backward pass, which makes again what was not kept */
} unet_stage;

/* One pass over n images. */
typedef struct unet_run {
    const unet *net;
    const float *parameters;
    const float *prepared; /* all of them; NULL in training */
    unet_stage stage;
    size_t n;
    float *arena[UNET_ARENAS];
    float *statistics;      /* of all norms; NULL while sampling */
    const float *projected; /* [n, projection.out], the time embedding's part for every block */
    float *scratch;         /* of the kernels */
    uint64_t seed, step;    /* for dropout */
} unet_run;

/* unet_forward.c. Where a value stands in this pass. */
float *unet_at(const unet_run *run, const unet_value *value);
void unet_op_forward(const unet_run *run, const unet_op *op);

/* Floats from a value's pixel to the next. */
static inline size_t unet_row(const unet_run *run, const unet_value *value)
{
    return run->net->buffers[value->buffer].row;
}

/* The output from its buffer, as [n] halves [pixels, image_channels]; and a gradient the other way. */
void unet_halves(const unet *net, float *halves, float *pixels, size_t n, int back);

/* A convolution of all images with the weights at `weight` in the parameters and at `prepared` in the prepared ones. */
void unet_convolve(const unet_run *run, const convolution *plan, float *y, size_t row_y, const float *x, size_t row_x,
                   size_t weight, size_t prepared, const convolution_epilogue *epilogue);

/* A norm's parameters, and its columns of the time embedding's projection. */
group_norm_weights unet_norm_weights(const unet_run *run, const unet_op *op);

/* Zeroes some of what stands behind a norm and scales the rest, always the same ones in one training step; on the way
 * back the gradient likewise. */
void unet_drop(const unet_run *run, const unet_op *op, float *y);

/* Floats of kernels' scratch: while sampling, or in training. */
size_t unet_kernel_scratch(const unet *net, size_t n, size_t threads, int training);

/* unet_backward.c. Gradients go to the buffers' gradient places. */
typedef struct unet_gradients {
    float *parameters;
    float *dx;         /* of the input; NULL: not wanted */
    float *dprojected; /* [n, projection.out] */
    float *aside;      /* one operand's gradient, to be added */
} unet_gradients;
void unet_op_backward(const unet_run *run, const unet_gradients *to, const unet_op *op);
float *unet_gradient_at(const unet_run *run, const unet_value *value);
float *unet_slopes_at(const unet_run *run, const unet_value *value); /* of a norm's output */
size_t unet_aside_size(const unet *net);                             /* floats for one image */

/* unet_time.c. What the time embedding leaves: features, layers behind SiLU and their slopes, projections. */
typedef struct unet_time_memory {
    float *features;                  /* [n, features] */
    float *hidden, *hidden_slope;     /* [n, width] */
    float *embedded, *embedded_slope; /* [n, width] */
    float *projected;                 /* [n, projection.out] */
} unet_time_memory;
size_t unet_time_size(const unet *net, size_t n);
unet_time_memory unet_time_at(const unet *net, float *memory, size_t n);
void unet_time_forward(const unet_run *run, const unet_time_memory *memory, network_batch batch);

/* Uses up dprojected; dlayers: [2, n, width] of scratch. */
void unet_time_backward(const unet_run *run, const unet_gradients *to, const unet_time_memory *memory,
                        const int32_t *labels, float *dlayers);

/* The methods of network_class: unet_sampling.c, unet_training.c. */
size_t unet_scratch_size(const network *self, size_t n, size_t threads);
size_t unet_tape_size(const network *self, size_t n);
size_t unet_training_scratch_size(const network *self, size_t n, size_t threads);
size_t unet_prepared_size(const network *self);
void unet_prepare(const network *self, float *prepared, const float *parameters);
void unet_forward(const network *self, const float *parameters, const float *prepared, float *out, network_batch batch,
                  float *scratch);
void unet_forward_keep(const network *self, const float *parameters, float *out, network_batch batch, float *tape,
                       float *scratch);
void unet_backward(const network *self, const float *parameters, float *gradient, float *dx, const float *dout,
                   size_t n, float *tape, float *scratch);

#endif

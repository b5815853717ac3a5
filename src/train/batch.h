/* A batch on its way to the loss: what a step and a measure share. The arrays are the trainer's buffers. */
#ifndef TRAIN_BATCH_H
#define TRAIN_BATCH_H

#include "train/trainer.h"

typedef struct batch {
    struct diffusion_trainer *self;
    const float *data;       /* [n, dim] */
    const uint8_t *observed; /* [n, dim] or NULL */
    size_t n;
    uint64_t step, first; /* sample i has the draws of (step, first + i) */
    int even;             /* t is drawn as if no losses had been seen */
} batch;

/* Checks what the caller gave; step and first are 0. */
diffusion_status batch_open(batch *out, struct diffusion_trainer *self, const float *x0,
                            const struct diffusion_condition *condition, size_t n);

/* Memory for what follows; 0 with the sentence set if it runs out. */
int batch_reserve(const batch *of);

/* Draws t and x_t into self->t, time and xt. */
void batch_draw(batch *of);

/* What the network is to read of x_t, [n, dim]. */
const float *batch_input(const batch *of);

/* Labels and vectors [n, width] that the network is told in training, NULL where there are none: of condition_dropout's
 * share of the samples they say nothing. */
diffusion_status batch_condition(const batch *of, const struct diffusion_condition *condition, const int32_t **labels,
                                 const float **vectors);

/* The mean loss of the outputs self->out, weighed by the law of t; self->loss receives those of the samples, not
 * weighed, and self->dout the gradient. */
double batch_loss(batch *of);

#endif

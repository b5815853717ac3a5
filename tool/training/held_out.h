/* The loss of samples that are kept out of the training, now and then, by draws that stay the same. */
#ifndef TRAINING_HELD_OUT_H
#define TRAINING_HELD_OUT_H

#include "training/curve.h"
#include "training/setup.h"

typedef struct held_out {
    float *x0;       /* [count, dim] */
    int32_t *labels; /* [count], or NULL */
    size_t count;    /* 0: nothing is measured */
    size_t batch;    /* samples at a time */
    int64_t every;   /* steps */
} held_out;

/* Of a run of so many steps of that batch: few enough samples that all measures together cost a few percent of it. */
void held_out_begin(held_out *out, const training_job *job, int64_t steps, int64_t batch);
void held_out_release(held_out *of);

/* Adds the loss to the curve if it is time. *loss is then that, else NaN. */
void held_out_measure(const held_out *of, diffusion_trainer *trainer, int64_t steps, curve *to, double *loss);

#endif

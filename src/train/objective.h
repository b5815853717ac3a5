/* What is minimised, sample by sample: the draw of x_t, the loss of the network's output, and its gradient. */
#ifndef TRAIN_OBJECTIVE_H
#define TRAIN_OBJECTIVE_H

#include "model/model.h"
#include "model/reading.h"
#include "train/options.h"

typedef struct objective {
    objective_kind kind;
    const struct diffusion_model *model;       /* borrowed */
    const struct diffusion_schedule *schedule; /* borrowed */
    reading *readings;                         /* [steps + 1], owned */
    uint64_t seed;
    double dequantize;
} objective;

/* One sample of a batch. Arrays are [dim], out and dout [outputs]. */
typedef struct objective_sample {
    const float *data; /* x_0 as given */
    float *x0;         /* with its dequantisation */
    float *xt;
    float *aside; /* the noise in x_t; for pairs x_{t-1} */
    const float *out;
    float *dout;
    int32_t t;
} objective_sample;

/* Checks that kind, model and schedule suit one another. On failure there is nothing to release. */
diffusion_status objective_open(objective *self, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const trainer_options *options);
void objective_close(objective *self);

/* The readings of another schedule, [steps + 1], which the caller owns; NULL with the sentence set if memory runs out.
 */
reading *objective_readings(const struct diffusion_model *model, const struct diffusion_schedule *schedule);

/* Draws t, x_0's dequantisation and x_t for sample `index` of training step `step`; noise: [dim] of scratch. */
void objective_draw(const objective *self, objective_sample *sample, uint64_t step, uint64_t index, double *noise);

/* The sample's loss; dout receives its gradient times `scale`. */
double objective_loss(const objective *self, const objective_sample *sample, double scale);

#endif

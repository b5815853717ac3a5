/* What a step does to the weights, by pieces: chunks of the flat array, or whole tensors where the optimizer works on
 * matrices. */
#ifndef TRAIN_UPDATE_H
#define TRAIN_UPDATE_H

#include "train/trainer.h"

typedef struct weight_update {
    struct diffusion_trainer *self;
    optimizer_step rule;
    double norm;                  /* the gradient's, clipped */
    double power[POWER_AVERAGES]; /* decays */
    size_t room;                  /* floats of a thread's scratch */
} weight_update;

/* Memory for the calls below; 0 where there is none, with the sentence set. */
int update_reserve(struct diffusion_trainer *self);

/* Of self->gradient. */
double update_norm(struct diffusion_trainer *self);

/* By a gradient of that norm. */
weight_update update_of_step(struct diffusion_trainer *self, double norm);

/* DIFFUSION_E_NONFINITE with the sentence, and nothing changed, where weights or moments would not be finite. */
diffusion_status update_check(const weight_update *update);

/* Takes the step; self->gradient is used up. */
void update_weights(const weight_update *update);

#endif

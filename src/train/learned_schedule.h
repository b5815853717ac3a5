/* A schedule that follows the gradient of K (section 2.4.1 of the paper): the logits of its betas, moved by Adam. */
#ifndef TRAIN_LEARNED_SCHEDULE_H
#define TRAIN_LEARNED_SCHEDULE_H

#include "base/buffer.h"
#include "base/text.h"
#include "model/model.h"
#include "process/beta_logits.h"
#include "train/options.h"

typedef struct learned_schedule {
    int32_t steps;
    /* All [steps + 1], by t; owned. NULL where no schedule is learned. */
    double *logit, *moment1, *moment2;
    double *gradient; /* of the loss by the logits */
    beta_gradient sums;
    double *next_logit, *next_moment1, *next_moment2; /* of a step that is not yet taken */
    buffer dx;                                        /* [n, dim] */
} learned_schedule;

/* Checks that model, schedule and objective allow it. On failure there is nothing to release. */
diffusion_status learned_schedule_open(learned_schedule *self, const struct diffusion_model *model,
                                       const struct diffusion_schedule *schedule, const trainer_options *options);
void learned_schedule_close(learned_schedule *self); /* also of one zeroed */
int learned_schedule_is_open(const learned_schedule *self);

/* A batch after the backward pass. Arrays are [n, dim], out [n, 2 dim]; observed NULL where all values are. */
typedef struct learned_batch {
    const float *x0, *noise, *out, *dx;
    const uint8_t *observed;
    const double *t; /* whole */
    size_t n, dim;
    double weight; /* the number of steps that t is drawn from */
} learned_batch;

/* Fills self->gradient: of the batch's bound, the prior's KL included, nats per dimension. */
void learned_schedule_gradient(learned_schedule *self, const struct diffusion_schedule *schedule,
                               const learned_batch *batch);

/* Prepares Adam's next step from self->gradient: *out receives its schedule. learned_schedule_take() then takes it. */
diffusion_status learned_schedule_next(learned_schedule *self, const struct diffusion_schedule *schedule,
                                       const trainer_options *options, int64_t step, struct diffusion_schedule **out);
void learned_schedule_take(learned_schedule *self);

/* State as text, for a checkpoint: logits and moments, comma-separated. */
void learned_schedule_write(const learned_schedule *self, text_buffer *out);
int learned_schedule_read(learned_schedule *self, const char *text); /* 0 if the text is not of that form */

#endif

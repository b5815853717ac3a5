/* A schedule that is trained beside the network: numbers moved by an Adam of their own. One file for each way. */
#ifndef TRAIN_LEARNED_SCHEDULE_H
#define TRAIN_LEARNED_SCHEDULE_H

#include "base/buffer.h"
#include "base/text.h"
#include "model/model.h"
#include "train/options.h"

typedef struct learned_schedule learned_schedule;

/* A batch after the backward pass. Arrays are [n, dim], out [n, outputs]; observed NULL where all values are. */
typedef struct learned_batch {
    const float *x0, *noise, *out, *dx;
    const uint8_t *observed;
    const double *t;    /* [n], whole */
    const double *loss; /* [n], per dimension */
    size_t n, dim;
    double weight;    /* the number of steps that t is drawn from */
    double by_end[2]; /* the gradient of the bound by the log SNR at t = 1 and T */
} learned_batch;

typedef struct learned_class {
    int by_x;     /* it reads dx */
    int by_ends;  /* it reads by_end */
    size_t first; /* of the numbers that move, among [count] */
    diffusion_status (*check)(const struct diffusion_model *model, const struct diffusion_schedule *schedule,
                              const trainer_options *options);
    size_t (*count)(const struct diffusion_schedule *schedule);
    void (*begin)(double *value, const struct diffusion_schedule *schedule);
    /* Fills self->gradient, of the loss per dimension, by all numbers. */
    void (*gradient)(learned_schedule *self, const struct diffusion_schedule *schedule, const learned_batch *batch);
    void (*hold)(double *value); /* where a schedule can be made of them; NULL: anywhere */
    diffusion_status (*schedule)(struct diffusion_schedule **out, const struct diffusion_schedule *before,
                                 const double *value, size_t count);
} learned_class;

/* What by_end is measured with. */
typedef struct ends_memory {
    buffer x, out, labels, vectors, row;
} ends_memory;

/* In the order of "no|yes|log_snr", from "yes" on. */
extern const learned_class learned_betas, learned_log_snr;

struct learned_schedule {
    const learned_class *methods;
    size_t count;
    /* All [count]; owned. NULL where no schedule is learned. */
    double *value, *moment1, *moment2;
    double *gradient;
    double *sum1, *sum2;                              /* the gradient's own */
    double *next_value, *next_moment1, *next_moment2; /* of a step that is not yet taken */
    buffer dx;                                        /* [n, dim] */
    ends_memory ends;
};

/* Checks that model, schedule and objective allow it. On failure there is nothing to release. */
diffusion_status learned_schedule_open(learned_schedule *self, const struct diffusion_model *model,
                                       const struct diffusion_schedule *schedule, const trainer_options *options);
void learned_schedule_close(learned_schedule *self); /* also of one zeroed */
int learned_schedule_is_open(const learned_schedule *self);

/* 0, or DIFFUSION_E_NONFINITE: fills self->gradient for step `step`. */
diffusion_status learned_schedule_gradient(learned_schedule *self, const struct diffusion_schedule *schedule,
                                           const learned_batch *batch, int64_t step);

/* Prepares Adam's next step from self->gradient: *out receives its schedule. learned_schedule_take() then takes it. */
diffusion_status learned_schedule_next(learned_schedule *self, const struct diffusion_schedule *schedule,
                                       const trainer_options *options, int64_t step, struct diffusion_schedule **out);
void learned_schedule_take(learned_schedule *self);

/* State as text, for a checkpoint: numbers and moments, comma-separated. */
void learned_schedule_write(const learned_schedule *self, text_buffer *out);
int learned_schedule_read(learned_schedule *self, const char *text); /* 0 if the text is not of that form */
size_t learned_schedule_size(const learned_schedule *self);          /* of the numbers in it */

#endif

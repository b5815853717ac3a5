/* One training run: the model, its average, the moments, and where it stands. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include "base/buffer.h"
#include "base/error.h"
#include "train/learned_schedule.h"
#include "train/objective.h"
#include "train/optimizer.h"
#include "train/power_average.h"

#include <diffusion/trainer.h>

/* More steps than any run takes; beyond it sums of steps could overflow. */
#define TRAINER_STEPS_MAX INT64_C(1000000000000000)

/* What begins the keys of its texts in a file. */
#define TRAINER_TEXTS "trainer.text."

struct diffusion_trainer {
    trainer_options options;
    char *spec;
    struct diffusion_model *model;   /* retained; trained in place */
    struct diffusion_model *average; /* owned; NULL with ema=0 */
    const struct diffusion_schedule *schedule;
    objective objective;
    learned_schedule learned; /* closed unless learn_schedule says so */
    int64_t step;
    kept_error error;                    /* of the last step, gradient or loss that failed */
    metadata texts;                      /* of the caller's, for checkpoints: keys begin with TRAINER_TEXTS */
    float *gradient, *moment1, *moment2; /* [model_size]; moment2 NULL with sgd */
    float *power[POWER_AVERAGES];        /* [model_size]; NULL without post_hoc_ema */
    /* Working memory of a batch, kept while its size stays. */
    buffer labels, vectors; /* of the samples that keep them */
    buffer x0, xt, read, aside, out, dout, loss, t, time, tape, scratch, rows, sums, directions;
};

/* `parse`: how to read the spec, as one that is asked for, or one that a checkpoint keeps. */
diffusion_status trainer_create(struct diffusion_trainer **out, struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const char *spec, spec_parse_fn *parse);
void trainer_free(struct diffusion_trainer *self);

/* Fills self->gradient for the next step's draws; norm is the gradient's. */
diffusion_status trainer_gradient(struct diffusion_trainer *self, const float *x0,
                                  const struct diffusion_condition *condition, size_t n, double *loss, double *norm);
diffusion_status trainer_step(struct diffusion_trainer *self, const float *x0,
                              const struct diffusion_condition *condition, size_t n, double *loss);
diffusion_status trainer_draw(const struct diffusion_trainer *self, int64_t count, size_t n, int64_t *indices);

/* measure.c: the loss of the averaged model, by draws that no step makes; sample i has those of first + i. */
diffusion_status trainer_loss(struct diffusion_trainer *self, const float *x0,
                              const struct diffusion_condition *condition, size_t n, uint64_t first, double *loss);

/* change.c: other values for keys that may have others in mid-run. On failure nothing has changed. */
/* Whether two specs are one run's, which may have been changed under way. */
int trainer_is_same_run(const char *a, const char *b);

diffusion_status trainer_change(struct diffusion_trainer *self, const char *changes);

/* What no single key's range says. */
diffusion_status trainer_check_options(const trainer_options *options);

/* Stores with the models which schedule they are trained on. */
diffusion_status trainer_name_schedule(struct diffusion_trainer *self, const struct diffusion_schedule *schedule);

/* The model with the averaged weights, or the trained one. */
const struct diffusion_model *trainer_model(const struct diffusion_trainer *self);

/* checkpoint.c */
diffusion_status trainer_save(const struct diffusion_trainer *self, const char *path);
diffusion_status trainer_resume(struct diffusion_trainer **out, const char *path);

#endif

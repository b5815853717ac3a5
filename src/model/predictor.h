/* The one way in which samplers and evaluators see a model: the law p(x_s | x_t), or the x_0 and noise that it sees in
 * x_t, in double, for batches. */
#ifndef MODEL_PREDICTOR_H
#define MODEL_PREDICTOR_H

#include "model/guided.h"
#include "model/parameterization.h"

/* Hears how many rows of a batch are done, unless all are; anything but DIFFUSION_OK ends the call with it. */
typedef diffusion_status predictor_tick_fn(void *user, size_t rows);

typedef struct predictor {
    const struct diffusion_model *model;       /* retained */
    const struct diffusion_schedule *schedule; /* retained */
    forward_memory memory;
    buffer time, scale, ratio, raw, room;
    guiding guidance; /* none where it is opened */
    guided_memory guided;
    predictor_tick_fn *tick; /* NULL: nobody listens */
    void *tick_user;
    size_t part; /* rows of the next part of a batch, found by the time that the last one took */
} predictor;

/* A batch for it: x [n, dim], and for each row the transition that it is at; a condition of n rows, or NULL. `function`
 * begins the sentence if the model gives a NaN or infinity. */
typedef struct predictor_input {
    const char *function;
    const double *x;
    const reverse_step *const *at; /* [n] */
    const struct diffusion_condition *condition;
    size_t n;
} predictor_input;

/* Checks that model and schedule suit each other. On failure there is nothing to release. */
diffusion_status predictor_open(predictor *self, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule);
void predictor_close(predictor *self); /* also of one zeroed and never opened */

/* From now on batches of a network go in parts of about a second's work, so that `tick` is called as often. The parts
 * change no result: a row has the same bits in any batch. A callback gets the batches that it always gets. */
void predictor_listen(predictor *self, predictor_tick_fn *tick, void *user);

/* The law of each row, [n, dim]. x_0 is held within the limit, NULL for none; its room is the predictor's. */
diffusion_status predictor_reverse(predictor *self, predictor_input input, const x0_limit *limit, law out);

/* The x_0, held likewise, and the noise in x before that: x_t = signal x_0 + sigma epsilon (additive kernels). x0,
 * epsilon: [n, dim]. */
diffusion_status predictor_denoise(predictor *self, predictor_input input, const x0_limit *limit, double *x0,
                                   double *epsilon);

/* dx [n, dim], the gradient of sum(output * weight) by x, the output being raw; weight [n, outputs].
 * DIFFUSION_E_STATE for a callback. */
diffusion_status predictor_vjp(predictor *self, predictor_input input, const double *weight, double *dx);

#endif

/* The one way in which samplers and evaluators see a model: the law p(x_s | x_t), or the x_0 and noise that it sees in
 * x_t, in double, for batches. */
#ifndef MODEL_PREDICTOR_H
#define MODEL_PREDICTOR_H

#include "model/forward.h"
#include "model/parameterization.h"

typedef struct predictor {
    const struct diffusion_model *model;       /* retained */
    const struct diffusion_schedule *schedule; /* retained */
    forward_memory memory;
    buffer time, raw;
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

/* The law of each row, [n, dim]. x_0 is held within -clip..clip unless clip is 0. */
diffusion_status predictor_reverse(predictor *self, predictor_input input, double clip, law out);

/* The x_0, held likewise, and the noise in x before that: x_t = signal x_0 + sigma epsilon (additive kernels). x0,
 * epsilon: [n, dim]. */
diffusion_status predictor_denoise(predictor *self, predictor_input input, double clip, double *x0, double *epsilon);

/* dx [n, dim], the gradient of sum(output * weight) by x, the output being raw; weight [n, outputs].
 * DIFFUSION_E_STATE for a callback. */
diffusion_status predictor_vjp(predictor *self, predictor_input input, const double *weight, double *dx);

#endif

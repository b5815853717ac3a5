/* The one way in which samplers and bounds see a model: mean and variance of p(x_{t-1} | x_t), or the x_0 and noise
 * that it sees in x_t, in double, for batches. */
#ifndef MODEL_PREDICTOR_H
#define MODEL_PREDICTOR_H

#include "model/forward.h"
#include "model/reading.h"

typedef struct predictor {
    const struct diffusion_model *model;       /* retained */
    const struct diffusion_schedule *schedule; /* retained */
    const int32_t *original;                   /* the model's t for each t of a respaced schedule; NULL: the same */
    reading *readings;                         /* [steps + 1], by t */
    forward_memory memory;
    buffer t, raw;
} predictor;

/* original: [steps + 1] or NULL, lives as long as the predictor. Checks that model and schedule suit each other. On
 * failure there is nothing to release. */
diffusion_status predictor_open(predictor *self, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const int32_t *original);
void predictor_close(predictor *self); /* also of one zeroed and never opened */

/* mean, variance [n, dim] (binomial: the rate, and rate (1 - rate); variance may be NULL) from x [n, dim] and t [n].
 * x_0 is held within -clip..clip unless clip is 0. `function` begins the sentence if the model gives a NaN or infinity.
 */
diffusion_status predictor_run(predictor *self, const char *function, const double *x, const int32_t *t,
                               const int32_t *labels, size_t n, double clip, double *mean, double *variance);

/* For predictor_denoise(): reads the output at `original`'s steps of the schedule that the model was trained with, as a
 * mean of x_{t-1} says more of x_0 than one of the step below in a respaced schedule would. */
void predictor_read_as(predictor *self, const struct diffusion_schedule *whole);

/* The x_0 and the noise epsilon that the model sees in x (Gaussian kernel): x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 -
 * alpha_bar_t) epsilon. x0, epsilon: [n, dim]; otherwise as predictor_run(). */
diffusion_status predictor_denoise(predictor *self, const char *function, const double *x, const int32_t *t,
                                   const int32_t *labels, size_t n, double *x0, double *epsilon);

#endif

/* How a network's raw output is read as the reverse transition p(x_s | x_t) between two levels s < t, and the way back
 * of its gradient. Everything that depends on the levels alone is worked out once. */
#ifndef MODEL_PARAMETERIZATION_H
#define MODEL_PARAMETERIZATION_H

#include "model/moments.h"
#include "model/options.h"
#include "model/prediction.h"
#include "model/variance.h"
#include "process/schedule.h"

/* Whether the variance is the output's second half. */
int parameterization_learns_variance(const model_options *options);
const prediction *parameterization_prediction(const model_options *options);

/* Whether the output tells x_0 through the step that the network was trained to take: it then means another where one
 * end of the step is another. */
int parameterization_hangs_on_step(const model_options *options, const struct diffusion_schedule *schedule);

/* What the network is told of a level, and whether that is the step. */
int parameterization_tells_step(const model_options *options);
double parameterization_time(const model_options *options, const noise_level *at);

/* 0, or DIFFUSION_E_KERNEL: predict and variance do not suit the schedule. */
diffusion_status parameterization_check(const model_options *options, const struct diffusion_schedule *schedule);

typedef struct reverse_step {
    const kernel *kernel;
    const prediction *prediction;
    int learned, of_network;
    noise_level from, to; /* p(x_to | x_from) */
    noise_level own;      /* the level below `from` that the network was trained to go to */
    double time;          /* what it is told of `from`, */
    double input_scale;   /* and what x is multiplied by for it */
    double sigma_data;
    level_slope rise; /* of `from` over t/T, where the prediction reads it */
    double ratio;     /* sigma / signal at `from` */
    /* Additive kernels. */
    level_posterior posterior; /* q(x_to | x_from, x_0) */
    prediction_target target;  /* of the output, where no learned variance plays a part in it */
    double x0_x, x0_output;    /* x_0 = x0_x * x + x0_output * output, where the variance plays no part in that, */
    double epsilon_x, epsilon_output; /* and the noise likewise; not finite at the data, where the output says none */
    variance_ends ends, own_ends;     /* of the transitions to `to` and to `own` */
} reverse_step;

/* The transition between two levels; `above` is the level that the chain came from, NULL at its first: a fixed variance
 * that would be 0, at the data, is the posterior's of that step. */
reverse_step reverse_step_between(const model_options *options, const struct diffusion_schedule *schedule,
                                  const noise_level *from, const noise_level *to, const noise_level *above);

/* Takes the variance that is asked for in the place of the model's own; `of` may be NULL where that reads none. A mean
 * that depends on the model's own variance still does (additive kernels). */
void reverse_step_take_variance(reverse_step *at, variance_asked asked, const noise_moments *of,
                                const struct diffusion_schedule *schedule, const noise_level *above);

/* `read`, from what the network says where it is told of another level. */
reverse_step reverse_step_told(const reverse_step *read, const reverse_step *told);

/* The transition from the whole step t = 1..T to t - 1, and all of them: [T + 1], owned by the caller; NULL with the
 * sentence set if memory runs out. */
reverse_step reverse_step_at(const model_options *options, const struct diffusion_schedule *schedule, int32_t t);
reverse_step *reverse_steps(const model_options *options, const struct diffusion_schedule *schedule);

/* Rows: x [dim], output [dim], or [2 dim] with the second half where the variance is learned. */

/* What estimates of x_0 are held within: -clip..clip, or, thresholded (Saharia et al. 2022, arXiv:2205.11487, section
 * 2.3), -s..s and divided by s, the `quantile` of a row's |x_0|, though at least 1 and at most `most`. */
typedef struct x0_limit {
    double clip;           /* 0: none */
    double quantile, most; /* quantile 0: none */
    double *room;          /* [dim], for a quantile */
} x0_limit;

/* limit NULL: none. */
void reverse_step_law(const reverse_step *at, law out, const double *x, const double *output, size_t dim,
                      const x0_limit *limit);

/* The x_0 and the noise in x that the output implies, the noise before x_0 is held (additive kernels). */
void reverse_step_denoise(const reverse_step *at, double *x0, double *epsilon, const double *x, const double *output,
                          size_t dim, const x0_limit *limit);

/* doutput, as output, from the derivative by the law; the log variance's counts the variance's own part only, its way
 * into the mean is added here. For steps whose `to` is `own`. */
void reverse_step_backward(const reverse_step *at, double *doutput, law value, law_slope by, const double *x,
                           const double *output, size_t dim);

#endif

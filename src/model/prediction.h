/* What a network's output may be read as: one file for each, and one row in the table. */
#ifndef MODEL_PREDICTION_H
#define MODEL_PREDICTION_H

#include "process/kernel.h"

/* Additive kernels: the output's target is x0 * x_0 + epsilon * noise, where x_t = signal x_0 + sigma noise. */
typedef struct prediction_target {
    double x0, epsilon;
} prediction_target;

/* Two levels of a transition p(x_to | x_from). */
typedef struct prediction_step {
    const kernel *kernel;
    const noise_level *from, *to;
    double sigma_data; /* standard deviation of the data, for edm */
    level_slope rise;  /* of `from` over t/T, for velocity */
    int of_network;    /* a network answers: in numbers of unit size, without bounds */
} prediction_step;

typedef struct prediction {
    const char *name;
    /* Additive kernels. `variance` is that of the transition, and slope the target's derivative by its logarithm, of
     * predictions that depend on it: other targets leave both alone. */
    int depends_on_variance;
    int needs_rise; /* it reads `rise` */
    prediction_target (*target)(const prediction_step *at, double variance, prediction_target *slope);
    /* What x_from is multiplied by before a network reads it; NULL: nothing. */
    double (*input_scale)(const prediction_step *at);
    /* Other kernels: the law of x_to that the output tells of, and the way back of a derivative by the law's natural
     * parameters. NULL where the prediction has no meaning. */
    void (*law)(const prediction_step *at, law out, const double *x, const double *output, size_t dim);
    void (*law_backward)(const prediction_step *at, double *doutput, law value, const double *dnatural, const double *x,
                         const double *output, size_t dim);
} prediction;

/* The table, predictions.c, in the order of the names "a|b". */
extern const char prediction_names[];
const prediction *prediction_at(size_t index); /* NULL past the last */

extern const prediction perturbation_prediction; /* which a schedule can be learned with */

/* The target of the mean of q(x_to | x_from, x_0). */
prediction_target prediction_mean_target(const prediction_step *at);

#endif

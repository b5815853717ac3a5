/* The bound K on log p(x_0), term by term (section 2.4 of the paper). */
#ifndef EVALUATE_BOUND_H
#define EVALUATE_BOUND_H

#include "evaluate/options.h"
#include "model/predictor.h"

#include <diffusion/bound.h>
#include <diffusion/runtime.h>

static const double nats_per_bit = 0.693147180559945309417232121458; /* log 2 */

/* What has been measured, in nats. "Per draw" is [n * draws]: draw d of sample i stands at i * draws + d. */
struct diffusion_bound {
    size_t n, dim, draws;
    int32_t steps;
    double dequantize;
    double *chain;      /* per draw: edge + sum of KLs */
    double *prior;      /* [n]: KL(q(x_T | x_0) || p(x_T)) */
    double *null;       /* [n]: log p(x_T = x_0) */
    double *term;       /* [steps]: the mean of step t's term at t - 1 */
    double *term_error; /* [steps]: its standard error over samples */
};

/* One measurement in the making. */
typedef struct bound_work {
    bound_options options;
    predictor predictor;
    const float *data;
    const int32_t *labels;
    diffusion_noise_fn *noise;
    void *noise_user;
    double *x0;                   /* [n, dim], dequantised */
    double *row;                  /* per draw: the term of the step at hand */
    double *xt, *mean, *variance; /* one chunk, [MODEL_FORWARD_ROWS, dim] */
    int32_t *t, *chunk_labels;    /* one chunk */
    struct diffusion_bound *result;
} bound_work;

typedef struct bound_input {
    const struct diffusion_model *model;
    const struct diffusion_schedule *schedule;
    const float *x0;
    const int32_t *labels;
    size_t n;
    const char *spec;
    diffusion_noise_fn *noise;
    void *noise_user;
    diffusion_progress_fn *progress;
    void *progress_user;
} bound_input;

diffusion_status bound_evaluate(struct diffusion_bound **out, const bound_input *input);
void bound_free(struct diffusion_bound *bound);

/* terms.c: the closed forms of one sample, or of one draw of it, in nats. Arrays are [dim]. */
double term_prior(const struct diffusion_schedule *schedule, const double *x0, size_t dim);
double term_null(const struct diffusion_schedule *schedule, const double *x0, size_t dim);
double term_edge_forward(const struct diffusion_schedule *schedule, const double *x0, size_t dim);
double term_edge_model(const bound_work *work, const double *x0, const double *mean, const double *variance);
double term_kl(const struct diffusion_schedule *schedule, int32_t t, const double *x0, const double *xt,
               const double *mean, const double *variance, size_t dim);

/* summary.c: a quantity by name. */
diffusion_status bound_summary(const struct diffusion_bound *bound, const char *quantity, double *out);
double bound_sample_nats(const struct diffusion_bound *bound, size_t sample);

#endif

/* The paper's lower bound K on log p(x_0), term by term (section 2.4 of the paper): what its files share. */
#ifndef EVALUATE_ELBO_H
#define EVALUATE_ELBO_H

#include "evaluate/evaluator.h"
#include "model/predictor.h"

typedef enum edge_rule { EDGE_FORWARD, EDGE_MODEL, EDGE_DISCRETIZED } edge_rule;

typedef struct elbo_options {
    uint64_t seed;
    int64_t draws, levels;
    double dequantize;
    int32_t edge;
} elbo_options;

/* What has been measured, in nats. "Per draw" is [n * draws]: draw d of sample i stands at i * draws + d. */
typedef struct elbo_figures {
    size_t n, draws;
    double *chain;      /* per draw: edge + sum of KLs */
    double *prior;      /* [n]: KL(q(x_T | x_0) || p(x_T)) */
    double *null;       /* [n]: log p(x_T = x_0) */
    double *term;       /* [steps]: the mean of step t's term at t - 1 */
    double *term_error; /* [steps]: its standard error over samples */
} elbo_figures;

void elbo_figures_release(elbo_figures *self);

/* elbo_figures.c: the class's functions for them. */
enum { ELBO_QUANTITIES = 12 };
extern const char *const elbo_quantities[ELBO_QUANTITIES];
double elbo_value(const struct diffusion_evaluator *self, size_t quantity);
void elbo_terms(const struct diffusion_evaluator *self, double *bits, double *standard_error);
double elbo_sample(const struct diffusion_evaluator *self, size_t index);

#endif

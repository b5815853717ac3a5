/* The paper's lower bound K on log p(x_0), term by term (section 2.4 of the paper): what its files share. */
#ifndef EVALUATE_ELBO_FIGURES_H
#define EVALUATE_ELBO_FIGURES_H

#include "evaluate/chain.h"
#include "evaluate/edge.h"
#include "evaluate/evaluator.h"

typedef enum elbo_terms_kind { ELBO_TERMS_AUTO, ELBO_TERMS_ALL, ELBO_TERMS_SAMPLED } elbo_terms_kind;

typedef struct elbo_options {
    uint64_t seed;
    int64_t draws, steps;
    int32_t terms, time_draws;
    chain_options chain;
    edge_options edge;
} elbo_options;

/* What has been measured, in nats. "Per draw" is [n * draws]: draw d of sample i stands at i * draws + d. */
typedef struct elbo_figures {
    size_t n, draws;
    double *chain;   /* per draw: edge + sum of KLs */
    double *prior;   /* [n]: KL(q(x_T | x_0) || p(x_T)) */
    double *null;    /* [n]: log p(x_T = x_0) */
    double edge, kl; /* the means of -log p(x_0 | x_1) and of the sum of KLs */
    double *term;    /* [T]: the mean of step t's term at t - 1; NaN where nothing was measured, 0 where the chain does
                        not come */
    double *term_error; /* [T]: its standard error over samples */
} elbo_figures;

void elbo_figures_release(elbo_figures *self);

/* elbo_record.c. The term of step t of every draw, the edge's or a KL; part of the sum of KLs of one draw; and, for the
 * terms of single steps, all that was measured at each draw's own steps: t, by number in the chain, and nats [passes, n
 * * draws]. */
void elbo_record_step(elbo_figures *self, int32_t t, int is_edge, const double *nats);
void elbo_record_part(elbo_figures *self, size_t draw, double nats);
diffusion_status elbo_record_hits(elbo_figures *self, const chain *by, size_t passes, const int32_t *t,
                                  const double *nats);

/* elbo_figures.c: the class's functions for them. */
enum { ELBO_QUANTITIES = 12 };
extern const char *const elbo_quantities[ELBO_QUANTITIES];
double elbo_value(const struct diffusion_evaluator *self, size_t quantity);
void elbo_terms(const struct diffusion_evaluator *self, double *bits, double *standard_error);
double elbo_sample(const struct diffusion_evaluator *self, size_t index);
double elbo_sample_error(const struct diffusion_evaluator *self, size_t index);

#endif

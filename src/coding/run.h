/* One run of a coder, there or back, which its files share. */
#ifndef CODING_RUN_H
#define CODING_RUN_H

#include "coding/coder.h"
#include "model/predictor.h"
#include "process/bins.h"

typedef struct coding_run {
    const struct diffusion_coder *self;
    const kernel *kernel;
    predictor predictor;
    symbol_stack *stack;
    struct diffusion_condition *labels; /* of all n samples, or NULL */
    size_t n, dim;
    size_t first, rows; /* the batch at hand */
    int32_t step;       /* of the chain, from 1 */
    double *x0;         /* [batch, dim] */
    double *below, *x;  /* [batch, dim]: x_{k-1} and x_k */
    double *mean, *variance;
    const reverse_step **at; /* [batch] */
    double *nats;            /* [batch]: of the rows' trajectories */
    coding_figures figures;
    int64_t done; /* in samples times steps */
} coding_run;

/* run.c. On failure close all the same. */
diffusion_status coding_run_open(coding_run *run, const struct diffusion_coder *self, size_t n);
void coding_run_close(coding_run *run);

/* The samples that go together with sample `first`. */
size_t coding_run_batch(const coding_run *run, size_t first);

/* p(x_{k-1} | x_k) of the batch, into its law; and x_k in the place of x_{k-1}, or the other way. */
diffusion_status coding_run_reverse(coding_run *run);
void coding_run_swap(coding_run *run);

/* The range of a label + 1: each is as likely, and none among them. */
symbol_range coding_run_label(const coding_run *run, uint32_t label);

/* Goes on from `hash` with rows of data, and their labels unless NULL. */
uint64_t coding_run_hash(uint64_t hash, const float *x0, const int32_t *labels, size_t rows, size_t dim);

/* q(x_k | x_{k-1}) of the batch, and p(x_T), likewise. */
void coding_run_step(coding_run *run);
void coding_run_prior(coding_run *run);

/* A step of the batch is done. */
diffusion_status coding_run_tell(coding_run *run);

static inline law coding_run_law(const coding_run *run, size_t row)
{
    return (law){run->mean + row * run->dim, run->variance + row * run->dim};
}

/* account.c. Adds what the batch's law says of its x, times the sign, and of the data at the edge, to its sums. */
void account_drawn(coding_run *run, const double *x, double sign);
void account_edge(coding_run *run);

/* symbols.c. Values of the batch by its law on the grid of level k, 0 being the data: onto the stack, and off it into
 * `values`. `draws`: by a law of q. Back is the exact reverse. */
void symbols_push(coding_run *run, const double *values, int32_t k, int draws, int back);
void symbols_pop(coding_run *run, double *values, int32_t k, int draws, int back);

/* The middle of the bin that a value of the data is in. */
double symbols_middle(const struct diffusion_coder *self, double value);

#endif

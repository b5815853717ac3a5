/* What takes a chain from one noise level to the next: one file in solvers/ for each, and one row in the table. A
 * solver sees two levels, its own arrays, and the functions below; conditions on the samples are applied by the chain.
 */
#ifndef SAMPLE_SOLVER_H
#define SAMPLE_SOLVER_H

#include "process/kernel.h"
#include "sample/plan.h"

struct diffusion_sampler;

/* One chain of `count` values, rows one after another. */
typedef struct solver_chain {
    struct diffusion_sampler *sampler; /* for the functions below */
    const void *options;               /* the solver's own */
    void *state;                       /* [solver.state_size] bytes of its own, zeroed where a chain begins */
    double *arrays;                    /* [solver.arrays(options), count], likewise: its history, and room to work */
    const double *x;                   /* [count], the state at `from` */
    size_t count;
} solver_chain;

/* One step: the law of x at `to`, from x at `from`. */
typedef struct solver_step {
    noise_level from, to; /* a solver may stop short, at a `to` above the one given: the next step begins there. It must
                             not choose it by x, or a sample would depend on its batch */
    noise_level aim;      /* the level to compute x for: `to`, but where the solver's own target() has it otherwise */
    int first;            /* no step yet, the chain's first state: then from, to and aim are one */
    int32_t index, steps; /* of this step from the chain's begin, 0.., and of how many */
    law next;             /* [count] each, to fill */
    int undrawn;          /* to set where x becomes the law's likeliest value and no noise is drawn for it */
} solver_step;

typedef struct solver {
    spec_kind spec;
    int additive;                                   /* it needs an additive kernel */
    diffusion_status (*check)(const void *options); /* of keys that may contradict one another; NULL: none do */
    int (*needs_signal)(const void *options); /* whether something of x_0 must be left at the first level; NULL: no */
    int transition; /* `next` is p(x_to | x_from), which can be multiplied by r: see conditions/ */
    /* What of the plan the solver has its own way with; NULL: nothing. */
    void (*plan)(const void *options, plan_options *plan);
    int whole_way; /* one step leads from the first level to the last: nothing can be held to a path between */
    size_t state_size;
    size_t (*arrays)(const void *options); /* NULL: none */
    /* The aim of the step from levels[step]; NULL: levels[step - 1], and the plan's end in the last step. */
    noise_level (*target)(const void *options, const chain_plan *plan, int32_t step);
    diffusion_status (*step)(const solver_chain *chain, solver_step *step);
} solver;

/* The table, solvers/table.c. */
const solver *solver_at(size_t index); /* NULL past the last */

/* What the model sees in x at a level, [count] each: x_0, held within the sampler's clip, and the noise as the model
 * has it (additive kernels). One evaluation. */
diffusion_status solver_predict(const solver_chain *chain, const double *x, const noise_level *at, double *x0,
                                double *epsilon);

/* The same where the model is told of another level: what its output says of x read `at` one, which may be the data's
 * if the noise follows from the output there. */
diffusion_status solver_predict_told(const solver_chain *chain, const double *x, const noise_level *at,
                                     const noise_level *told, double *x0, double *epsilon);

/* What the same output says, of x0 and epsilon that solver_predict() gave at x and `at`, read at another level and
 * state; where x_0 was held, of what it was held to. */
void solver_reread(const solver_chain *chain, const double *x, const noise_level *at, const double *x_other,
                   const noise_level *other, double *x0, double *epsilon);

/* solver_predict() of `count` rows, rising, each at a level of its own: x, x0 and epsilon [count, dim], at [count]. */
diffusion_status solver_predict_rows(const solver_chain *chain, const size_t *rows, size_t count, const double *x,
                                     const noise_level *at, double *x0, double *epsilon);
size_t solver_rows(const solver_chain *chain);

/* p(x_to | x_from) at chain->x, x_0 held within clip. One evaluation. */
diffusion_status solver_reverse(const solver_chain *chain, const noise_level *from, const noise_level *to, law out);

/* The paper's edge rule: p(x_0 | x_t) without the model, of chain->x at t. */
void solver_edge(const solver_chain *chain, const noise_level *t, law out);

/* The schedule's level at a real time, and the time of a log SNR: for levels between those of the step. */
noise_level solver_level(const solver_chain *chain, double t);
double solver_time(const solver_chain *chain, double log_snr);
noise_level solver_level_at(const solver_chain *chain, double log_snr);
const noise_level *solver_first_level(const solver_chain *chain); /* the schedule's, t = 1 */
const noise_level *solver_last_level(const solver_chain *chain);  /* t = T */

/* The kernel's standard noise, [count]: the next draw of this step. Left out where no row needs it, so that the draws
 * after it are the same whatever other rows there are. */
diffusion_status solver_draw(const solver_chain *chain, double *noise);
void solver_leave_draw(const solver_chain *chain);

#endif

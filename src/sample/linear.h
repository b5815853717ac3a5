/* What most solvers are made of: a step is a weighted sum of the state and of what the model saw in this step and those
 * before, with weights that depend on levels alone. */
#ifndef SAMPLE_LINEAR_H
#define SAMPLE_LINEAR_H

#include "sample/solver.h"

typedef struct linear_term {
    double weight;
    const double *values; /* [chain->count] */
} linear_term;

/* out = the sum of the terms, in their order. A weight of 0 leaves its term out, whatever stands there. */
void linear_sum(const solver_chain *chain, double *out, const linear_term *terms, size_t count);

/* One deviation for the step's law, whose means are filled; undrawn where it is 0. */
void linear_spread(const solver_chain *chain, solver_step *step, double deviation);

/* The step's law: that sum, and one deviation. */
void linear_finish(const solver_chain *chain, solver_step *step, const linear_term *terms, size_t count,
                   double deviation);

/* What of the model's output a solver goes by. The noise is that of the x_0 held within the sampler's clip. */
typedef enum linear_sight { SEES_X0, SEES_NOISE } linear_sight;

/* out [count]: what the model sees in x. `room` is another array. One evaluation. */
diffusion_status linear_see(const solver_chain *chain, linear_sight sight, const double *x, const noise_level *at,
                            double *out, double *room);

/* What was seen at the steps before, the newest first: its levels and, in chain->arrays from the first on, its
 * values. Part of a solver's state. */
enum { HISTORY = 4 };
typedef struct history {
    noise_level at[HISTORY];
    int32_t array[HISTORY];
    int32_t count;
} history;

/* Room for the newest, [chain->count]; at most `most` are kept. */
double *history_push(history *self, const solver_chain *chain, int32_t most, const noise_level *at);
const double *history_values(const history *self, const solver_chain *chain, int32_t index);

/* For solver.needs_signal: of solvers that always divide by the signal. */
int linear_needs_signal(const void *options);

double *linear_array(const solver_chain *chain, size_t index);

/* What the order can be: no more than evaluations have been seen. */
static inline int32_t order_within(int64_t order, int32_t seen)
{
    return order < seen ? (int32_t)order : seen;
}

#endif

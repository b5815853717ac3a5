/* What the forms of DPM-Solver share: a step between two levels, whatever was seen where. With h its length in lambda,
 * and D0, D1, D2 the value and the divided differences of what was seen at its begin,
 *
 *     x' = keep x + level D0 + slope D1 + bend D2 + deviation z
 */
#ifndef SAMPLE_SOLVERS_DPMSOLVER_H
#define SAMPLE_SOLVERS_DPMSOLVER_H

#include "sample/linear.h"

typedef enum dpmsolver_type { TYPE_MIDPOINT, TYPE_HEUN } dpmsolver_type;
typedef enum dpmsolver_curvature { CURVATURE_EXACT, CURVATURE_PUBLISHED, CURVATURE_DIFFUSERS } dpmsolver_curvature;
typedef enum dpmsolver_method { METHOD_MULTISTEP, METHOD_SINGLESTEP } dpmsolver_method;

typedef struct dpmsolver_options {
    int64_t order;
    double eta;
    int32_t type, method, lower_order_final, euler_at_final, curvature;
} dpmsolver_options;
SPEC_OWN(dpmsolver_options);

typedef struct dpmsolver_weights {
    double keep, level, slope, bend, deviation;
} dpmsolver_weights;

typedef dpmsolver_weights dpmsolver_weights_fn(const dpmsolver_options *options, const noise_level *from,
                                               const noise_level *to, int32_t order);

/* The arrays: what was seen, room, and where a step of higher order began. */
enum { DPMSOLVER_MOST = 3, DPMSOLVER_ROOM = DPMSOLVER_MOST, DPMSOLVER_BASE, DPMSOLVER_ARRAYS };

/* The steps, once history's newest is of this one. */
void dpmsolver_multistep(const solver_chain *chain, solver_step *step, dpmsolver_weights_fn *weights_of);
void dpmsolver_singlestep(const solver_chain *chain, solver_step *step, dpmsolver_weights_fn *weights_of);

#endif

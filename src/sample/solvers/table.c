/* The table of solvers. */
#include "sample/solver.h"

extern const solver ancestral_solver, ddim_solver;

static const solver *const solvers[] = {&ancestral_solver, &ddim_solver};

const solver *solver_at(size_t index)
{
    return index < SPEC_COUNT(solvers) ? solvers[index] : NULL;
}

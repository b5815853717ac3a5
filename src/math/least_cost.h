/* The cheapest way through nodes in their order: dynamic programming. */
#ifndef MATH_LEAST_COST_H
#define MATH_LEAST_COST_H

#include <diffusion/status.h>
#include <stddef.h>
#include <stdint.h>

/* Where the jump from node r down to node s < r stands in a table of costs, and how many costs it has up to node
 * `last`.
 */
static inline size_t least_cost_place(int32_t s, int32_t r)
{
    return (size_t)r * ((size_t)r - 1) / 2 + (size_t)s;
}
static inline size_t least_cost_size(int32_t last)
{
    return least_cost_place(0, last + 1);
}

/* path [jumps + 1]: nodes that rise from 0 to `last` in that many jumps, 1..last, of the least cost in all, which
 * *total receives unless it is NULL: INFINITY where every path has a jump of that cost. No cost is NaN or -INFINITY. Of
 * equally cheap paths always the same. 0 or DIFFUSION_E_MEMORY. Work: jumps (last - jumps)^2 / 2 at most. */
diffusion_status least_cost_path(int32_t *path, double *total, const double *cost, int32_t last, int32_t jumps);

#endif

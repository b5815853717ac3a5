#include "math/least_cost.h"

#include "base/memory.h"

#include <math.h>

/* Nodes that the k-th jump may end at: as many are left above as jumps are. */
typedef struct search {
    const double *cost;
    int32_t last, jumps;
    double *before, *now; /* [last + 1]: the least cost from node 0, by one jump less and by so many */
    int32_t *from;        /* [jumps + 1, last + 1]: the node before */
} search;

static void reach(search *self, int32_t k, int32_t r)
{
    const double *cost = self->cost + least_cost_place(0, r);
    double least = INFINITY;
    int32_t from = k - 1; /* a jump of infinite cost too has a place that it comes from */
    for (int32_t s = k - 1; s < r; s++) {
        const double sum = self->before[s] + cost[s];
        if (sum < least) {
            least = sum;
            from = s;
        }
    }
    self->now[r] = least;
    self->from[(size_t)k * ((size_t)self->last + 1) + (size_t)r] = from;
}

static void jump(search *self, int32_t k)
{
    for (int32_t r = k; r <= self->last - (self->jumps - k); r++)
        reach(self, k, r);
    double *spare = self->before;
    self->before = self->now;
    self->now = spare;
}

static void trace(const search *self, int32_t *path)
{
    path[self->jumps] = self->last;
    for (int32_t k = self->jumps; k > 0; k--)
        path[k - 1] = self->from[(size_t)k * ((size_t)self->last + 1) + (size_t)path[k]];
}

diffusion_status least_cost_path(int32_t *path, double *total, const double *cost, int32_t last, int32_t jumps)
{
    const size_t nodes = (size_t)last + 1;
    double *sums = memory_allocate(2 * nodes, sizeof *sums);
    int32_t *from = memory_allocate((size_t)jumps + 1, nodes * sizeof *from);
    search self = {cost, last, jumps, sums, sums != NULL ? sums + nodes : NULL, from};
    const int complete = sums != NULL && from != NULL;
    for (int32_t r = 1; r <= last && complete; r++)
        self.before[r] = INFINITY;
    for (int32_t k = 1; k <= jumps && complete; k++)
        jump(&self, k);
    if (complete) {
        trace(&self, path);
        if (total != NULL)
            *total = self.before[last];
    }
    memory_release(sums);
    memory_release(from);
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

#include "math/cholesky.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* In units where the diagonal is 1. L is built by columns in the order of the pivots; row i is that of unknown i. */
typedef struct cholesky {
    size_t n, rank;
    double *a;      /* [n, n] */
    double *factor; /* L, [n, n] */
    double *rest;   /* [n], the diagonal that is left; 0 once it is a pivot */
    double *unit;   /* [n], what makes the diagonal 1 */
    double *y;      /* [n] */
    size_t *pivots; /* [n] */
} cholesky;

static void release(cholesky *self)
{
    void *arrays[] = {self->factor, self->rest, self->unit, self->y, self->pivots};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
}

static int allocate(cholesky *self, double *a, size_t n)
{
    *self = (cholesky){.n = n, .a = a};
    return (self->factor = memory_allocate(n, n * sizeof *self->factor)) != NULL &&
           (self->rest = memory_allocate(n, sizeof *self->rest)) != NULL &&
           (self->unit = memory_allocate(n, sizeof *self->unit)) != NULL &&
           (self->y = memory_allocate(n, sizeof *self->y)) != NULL &&
           (self->pivots = memory_allocate(n, sizeof *self->pivots)) != NULL;
}

static void scale(cholesky *self)
{
    for (size_t i = 0; i < self->n; i++)
        self->unit[i] = 1.0 / sqrt(self->a[i * self->n + i]);
    for (size_t i = 0; i < self->n; i++) {
        for (size_t j = 0; j < self->n; j++)
            self->a[i * self->n + j] *= self->unit[i] * self->unit[j];
        self->rest[i] = 1.0;
    }
}

static size_t largest(const cholesky *self)
{
    size_t at = 0;
    for (size_t i = 1; i < self->n; i++)
        if (self->rest[i] > self->rest[at])
            at = i;
    return at;
}

static void add_column(cholesky *self, size_t pivot)
{
    const size_t n = self->n, k = self->rank++;
    const double root = sqrt(self->rest[pivot]);
    const double *of_pivot = self->factor + pivot * n;
    self->pivots[k] = pivot;
    for (size_t i = 0; i < n; i++) {
        double *row = self->factor + i * n, sum = self->a[i * n + pivot];
        for (size_t j = 0; j < k; j++)
            sum -= row[j] * of_pivot[j];
        row[k] = sum / root;
        self->rest[i] -= row[k] * row[k];
    }
    for (size_t j = 0; j <= k; j++) /* rounding may have left something of the pivots */
        self->rest[self->pivots[j]] = 0.0;
}

/* L y = b, then L' x = y, for the unknowns that are pivots. */
static void substitute(cholesky *self, double *x, const double *b)
{
    const size_t n = self->n;
    memset(x, 0, n * sizeof *x);
    for (size_t k = 0; k < self->rank; k++) {
        const double *row = self->factor + self->pivots[k] * n;
        double sum = b[self->pivots[k]] * self->unit[self->pivots[k]];
        for (size_t j = 0; j < k; j++)
            sum -= row[j] * self->y[j];
        self->y[k] = sum / row[k];
    }
    for (size_t k = self->rank; k-- > 0;) {
        double sum = self->y[k];
        for (size_t j = k + 1; j < self->rank; j++)
            sum -= self->factor[self->pivots[j] * n + k] * x[self->pivots[j]];
        x[self->pivots[k]] = sum / self->factor[self->pivots[k] * n + k];
    }
    for (size_t i = 0; i < n; i++)
        x[i] *= self->unit[i];
}

diffusion_status cholesky_solve(double *x, double *a, const double *b, size_t n, size_t sides, double least)
{
    cholesky self;
    if (!allocate(&self, a, n)) {
        release(&self);
        return DIFFUSION_E_MEMORY;
    }
    scale(&self);
    for (size_t pivot = largest(&self); self.rank < n && self.rest[pivot] > least; pivot = largest(&self))
        add_column(&self, pivot);
    for (size_t side = 0; side < sides; side++)
        substitute(&self, x + side * n, b + side * n);
    release(&self);
    return DIFFUSION_OK;
}

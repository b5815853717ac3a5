/* Sums of Gaussian kernels over the distances between two sets. */
#ifndef EVALUATE_KERNEL_SUMS_H
#define EVALUATE_KERNEL_SUMS_H

#include "evaluate/distances.h"
#include "evaluate/row_loop.h"

/* k(x, y) = the mean over widths w of exp(-|x - y|^2 / (2 (w unit)^2)). */
typedef struct kernel_sums {
    const double *widths;
    size_t count;
    double unit;
} kernel_sums;

/* out[i], the sum over j of k(row i, other j), without itself where both are the same set. Progress is that of `loop`,
 * of which self, done and total are to be set. */
diffusion_status kernel_sums_take(const kernel_sums *of, double *out, const centred *rows, const centred *others,
                                  row_loop *loop);

/* The median distance between rows that differ, of up to 1000 of them; DIFFUSION_E_ARGUMENT if none do. */
diffusion_status kernel_sums_median(double *out, const centred *of);

#endif

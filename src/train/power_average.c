#include "train/power_average.h"

#include "base/memory.h"
#include "math/cholesky.h"

#include <math.h>

const double power_widths[POWER_AVERAGES] = {0.05, 0.10};

static double width_of(double exponent)
{
    return sqrt((exponent + 1.0) / (exponent + 3.0)) / (exponent + 2.0);
}

/* The width falls with the exponent, and is below 1 / (exponent + 2). */
double power_exponent(double width)
{
    double low = 0.0, high = 1.0 / width;
    for (;;) {
        const double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high)
            return middle;
        if (width_of(middle) > width)
            low = middle;
        else
            high = middle;
    }
}

double power_decay(double exponent, int64_t t)
{
    return t > 1 ? exp((exponent + 1.0) * log1p(-1.0 / (double)t)) : 0.0;
}

/* Densities (exponent + 1) t^exponent / end^(exponent + 1) up to the earlier end. */
double power_product(power_profile a, power_profile b)
{
    const double both = a.exponent + b.exponent + 1.0, until = fmin(a.end, b.end);
    return (a.exponent + 1.0) * (b.exponent + 1.0) / both *
           exp(both * log(until) - (a.exponent + 1.0) * log(a.end) - (b.exponent + 1.0) * log(b.end));
}

static double square_of_rest(const double *weights, const double *projections, const power_profile *of, size_t count,
                             power_profile wanted)
{
    double sum = power_product(wanted, wanted);
    for (size_t i = 0; i < count; i++) {
        double row = -2.0 * projections[i];
        for (size_t j = 0; j < count; j++)
            row += weights[j] * power_product(of[i], of[j]);
        sum += weights[i] * row;
    }
    return fmax(sum, 0.0);
}

/* The nearest weights that sum to 1, so that a model which rests is its own average: from the nearest of all, along
 * what a unit more of the sum adds to them (Lagrange's multiplier). solved [2, count]. */
static void sum_to_one(double *weights, const double *solved, size_t count)
{
    double sum = 0.0, sum_added = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += solved[i];
        sum_added += solved[count + i];
    }
    for (size_t i = 0; i < count; i++)
        weights[i] = solved[i] + (1.0 - sum) / sum_added * solved[count + i];
}

/* Algorithm 3. Snapshots that lie closer than 1e-12 to the span of the others add rounding alone. */
diffusion_status power_fit(double *weights, double *error, const power_profile *of, size_t count, power_profile wanted)
{
    double *products = memory_allocate(count, count * sizeof *products);
    double *sides = memory_allocate(count, 2 * sizeof *sides), *solved = memory_allocate(count, 2 * sizeof *solved);
    diffusion_status status = DIFFUSION_E_MEMORY;
    if (products != NULL && sides != NULL && solved != NULL) {
        for (size_t i = 0; i < count; i++) {
            sides[i] = power_product(of[i], wanted);
            sides[count + i] = 1.0;
            for (size_t j = 0; j < count; j++)
                products[i * count + j] = power_product(of[i], of[j]);
        }
        status = cholesky_solve(solved, products, sides, count, 2, 1e-12);
    }
    if (status == DIFFUSION_OK) {
        sum_to_one(weights, solved, count);
        *error = sqrt(square_of_rest(weights, sides, of, count, wanted) / power_product(wanted, wanted));
    }
    memory_release(products);
    memory_release(sides);
    memory_release(solved);
    return status;
}

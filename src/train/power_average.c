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

/* Algorithm 3. Snapshots that lie closer than 1e-12 to the span of the others add rounding alone. */
diffusion_status power_fit(double *weights, double *error, const power_profile *of, size_t count, power_profile wanted)
{
    double *products = memory_allocate(count, count * sizeof *products);
    double *projections = memory_allocate(count, sizeof *projections);
    diffusion_status status = DIFFUSION_E_MEMORY;
    if (products != NULL && projections != NULL) {
        for (size_t i = 0; i < count; i++) {
            projections[i] = power_product(of[i], wanted);
            for (size_t j = 0; j < count; j++)
                products[i * count + j] = power_product(of[i], of[j]);
        }
        status = cholesky_solve(weights, products, projections, count, 1e-12);
    }
    if (status == DIFFUSION_OK)
        *error = sqrt(square_of_rest(weights, projections, of, count, wanted) / power_product(wanted, wanted));
    memory_release(products);
    memory_release(projections);
    return status;
}

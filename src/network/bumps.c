#include "network/bumps.h"

#include <math.h>

static double exponent(size_t j, size_t count, size_t steps, double time)
{
    double spacing = steps > 1 && count > 1 ? (double)(steps - 1) / (double)(count - 1) : 1.0;
    double off = (time - 1.0) / spacing - (double)j;
    return -0.5 * off * off;
}

/* Against the largest, so that no time is too far from all. */
void bumps_at(float *g, size_t count, size_t steps, double time)
{
    double largest = -INFINITY, sum = 0.0;
    for (size_t j = 0; j < count; j++)
        largest = fmax(largest, exponent(j, count, steps, time));
    for (size_t j = 0; j < count; j++)
        sum += exp(exponent(j, count, steps, time) - largest);
    for (size_t j = 0; j < count; j++)
        g[j] = (float)(exp(exponent(j, count, steps, time) - largest) / sum);
}

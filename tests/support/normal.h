/* Normal numbers of a test's own, not the library's draws. */
#ifndef SUPPORT_NORMAL_H
#define SUPPORT_NORMAL_H

#include "test.h"

#include <stdlib.h>

static const double pi = 3.14159265358979323846;

/* A standard normal draw of a linear congruential generator (Knuth's), by Box and Muller. */
static inline double normal(uint64_t *state)
{
    double u[2];
    for (int i = 0; i < 2; i++) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        u[i] = ((double)(*state >> 12) + 0.5) * 0x1p-52;
    }
    return sqrt(-2 * log(u[0])) * cos(2 * pi * u[1]);
}

static inline float *draw(size_t count, double mean, double deviation, uint64_t seed)
{
    float *values = malloc(count * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)(mean + deviation * normal(&seed));
    return values;
}

#endif

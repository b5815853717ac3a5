#include "math/normal_quantile.h"

#include <math.h>

double normal_chance(double z)
{
    return 0.5 * erfc(-z * 0.70710678118654752440);
}

/* Equation 26.2.23 of Abramowitz and Stegun, off by 5e-4 at most. */
static double rough_upper_quantile(double tail)
{
    const double r = sqrt(-2.0 * log(tail));
    return r - (2.515517 + r * (0.802853 + r * 0.010328)) / (1.0 + r * (1.432788 + r * (0.189269 + r * 0.001308)));
}

/* In the smaller tail, which keeps its digits; each of Halley's steps triples those of z. */
double normal_quantile(double p)
{
    enum { STEPS = 3 };
    const double root_two_pi = 2.50662827463100050242, tail = fmin(p, 1.0 - p);
    if (!(tail > 0.0))
        return p > 0.5 ? INFINITY : -INFINITY;
    double z = rough_upper_quantile(tail);
    for (int i = 0; i < STEPS; i++) {
        const double error = (normal_chance(-z) - tail) * root_two_pi * exp(0.5 * z * z);
        z += error / (1.0 - 0.5 * z * error);
    }
    return p > 0.5 ? z : -z;
}

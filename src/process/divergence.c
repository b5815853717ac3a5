#include "process/divergence.h"

#include <float.h>
#include <math.h>

/* x - log(1 + x) for |x| <= 1/4. With s = x / (2 + x), log(1 + x) = 2 (s + s^3/3 + s^5/5 + ...) and x - 2 s = s x. */
static double excess(double x)
{
    const double s = x / (2.0 + x), square = s * s;
    double series = 0.0;
    for (int k = 21; k >= 3; k -= 2) /* |s| <= 1/7: the next term is below 2^-60 of the first */
        series = series * square + 1.0 / k;
    return s * (x - 2.0 * square * series);
}

/* p / q leaves the range of double before log p and log q do. */
static double log_ratio(double p, double q)
{
    double ratio = p / q;
    return ratio > DBL_MIN && ratio < INFINITY ? log(ratio) : log(p) - log(q);
}

double divergence(double p, double q, double difference)
{
    if (p == 0.0)
        return q;
    if (fabs(difference) <= 0.25 * p) /* further off, less than a digit cancels */
        return p * excess(difference / p);
    return p * log_ratio(p, q) + difference;
}

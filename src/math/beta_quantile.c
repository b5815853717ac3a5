#include "math/beta_quantile.h"

#include <math.h>

/* The continued fraction of the incomplete beta function, DLMF 8.17.22, by the modified Lentz method. */
static double continued_fraction(double x, double a, double b)
{
    double c = 1.0, d = 1.0 / (1.0 - (a + b) * x / (a + 1.0)), value = d;
    for (int m = 1; m < 500; m++) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m));
        d = 1.0 / (1.0 + even * d);
        c = 1.0 + even / c;
        value *= c * d;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0));
        d = 1.0 / (1.0 + odd * d);
        c = 1.0 + odd / c;
        value *= c * d;
        if (fabs(c * d - 1.0) < 1e-16)
            break;
    }
    return value;
}

/* P(X <= x), from the side where the fraction converges fast. */
static double lower_tail(double x, double a, double b)
{
    const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1.0) / (a + b + 2.0))
        return front * continued_fraction(x, a, b) / a;
    return 1.0 - front * continued_fraction(1.0 - x, b, a) / b;
}

/* Below the median, where the tail keeps its relative digits; in log x, in which it is nearly straight. */
static double quantile_below(double p, double a, double b)
{
    double low = -800.0, high = 0.0;
    while (high - low > 1e-15 * fmax(1.0, fabs(low))) {
        const double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high)
            break;
        if (lower_tail(exp(middle), a, b) < p)
            low = middle;
        else
            high = middle;
    }
    return exp(0.5 * (low + high));
}

double beta_quantile(double p, double a, double b)
{
    if (p <= 0.0 || p >= 1.0)
        return p <= 0.0 ? 0.0 : 1.0;
    return p <= 0.5 ? quantile_below(p, a, b) : 1.0 - quantile_below(1.0 - p, b, a);
}

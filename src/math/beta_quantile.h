/* Quantiles of the beta distribution, for a spacing of levels. */
#ifndef MATH_BETA_QUANTILE_H
#define MATH_BETA_QUANTILE_H

/* x with P(X <= x) = p for X ~ Beta(a, b), to some 1e-14; 0 <= p <= 1. */
double beta_quantile(double p, double a, double b);

#endif

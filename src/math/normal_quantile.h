/* The standard normal distribution. */
#ifndef MATH_NORMAL_QUANTILE_H
#define MATH_NORMAL_QUANTILE_H

/* P(Z <= z), its relative digits kept below the mean; z may be infinite. */
double normal_chance(double z);

/* z with P(Z <= z) = p, to some 1e-14; 0 <= p <= 1, whose ends are infinite. */
double normal_quantile(double p);

#endif

/* Averages of the weights by powers of the step, and any other made of them afterwards (Karras et al. 2024,
 * arXiv:2312.02696, section 3): step t counts in proportion to t^gamma. The width is the profile's standard deviation,
 * relative to the steps averaged. */
#ifndef TRAIN_POWER_AVERAGE_H
#define TRAIN_POWER_AVERAGE_H

#include <diffusion/status.h>

enum { POWER_AVERAGES = 2 /* that are kept in training */ };

/* Their widths, 0.05 and 0.10, and the widest, of a plain mean. */
extern const double power_widths[POWER_AVERAGES];
#define POWER_WIDEST 0.28867513459481287

/* gamma of a width in 0..POWER_WIDEST, and how much of the average stays when step t, from 1 on, joins it. */
double power_exponent(double width);
double power_decay(double exponent, int64_t t);

/* What an average at step `end` counts. */
typedef struct power_profile {
    double exponent, end;
} power_profile;

/* The integral of the product of two. */
double power_product(power_profile a, power_profile b);

/* The weights [count], 1 in all, by which the sum of `of` is nearest to `wanted`, and how far it is away, relative to
 * that. */
diffusion_status power_fit(double *weights, double *error, const power_profile *of, size_t count, power_profile wanted);

#endif

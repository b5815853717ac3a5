/* The embedded Runge-Kutta pair of orders 5 and 4 of Dormand and Prince (1980), with step control: the solver that
 * likelihoods by a flow are computed with since Chen et al. 2018 (arXiv:1806.07366). The last stage is the first of the
 * next step. */
#ifndef MATH_DORMAND_PRINCE_H
#define MATH_DORMAND_PRINCE_H

#include <stddef.h>

enum { DORMAND_PRINCE_STAGES = 7 };

/* Where stage s looks: at this part of the step h, from y + h sum of weight[s][i] slope[i] over the stages i < s. Stage
 * 6 looks at the step's end. */
extern const double dormand_prince_time[DORMAND_PRINCE_STAGES];
extern const double dormand_prince_weight[DORMAND_PRINCE_STAGES][DORMAND_PRINCE_STAGES];
/* h times the sum of error[i] slope[i] is the difference of the two orders. */
extern const double dormand_prince_error[DORMAND_PRINCE_STAGES];

/* out = y + h sum of weight[i] slope_i over `stages` stages, slope_i at slopes + i * stride; [count]. */
void dormand_prince_sum(double *out, const double *y, double h, const double *weight, size_t stages,
                        const double *slopes, size_t stride, size_t count);

/* The length of the next try, or of this one again where its error, in units of the tolerance, is above 1. */
double dormand_prince_next(double h, double error);

#endif

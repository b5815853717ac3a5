/* How much the square error of a level counts, whatever draws the levels: a function of the level and of what is
 * predicted. One file in weights/ for each weight, and one row in the table. */
#ifndef TRAIN_WEIGHT_H
#define TRAIN_WEIGHT_H

#include "model/parameterization.h"
#include "train/options.h"

/* What a weight may depend on. */
typedef struct weight_at {
    const reverse_step *step;
    const struct diffusion_schedule *schedule;
    double gamma;
    int real; /* t is drawn between the steps too */
} weight_at;

typedef struct weight_class {
    const char *name;
    double (*of_x0)(const weight_at *at); /* of (x_0 - the predicted one)^2; NULL: the output's own weighs 1 */
} weight_class;

/* The table, weights/table.c, in the order of weight_names. */
const weight_class *weight_class_at(size_t index); /* NULL past the last */

extern const weight_class bound_weight; /* which a schedule can be learned with */

/* Of (target - output)^2: that of x_0's, times the square of how far x_0 moves with the output. */
double weight_of_output(const weight_class *self, const weight_at *at);

/* 0, or the sentence: a whole step whose weight is 0 or not finite. Where nothing of x_0 is left it may be 0 if the
 * network is smooth in time: its output there then follows from that of the levels beside it. */
diffusion_status weight_check(const weight_class *self, const weight_at *of, const reverse_step *steps, int smooth);

#endif

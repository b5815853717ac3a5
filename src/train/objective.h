/* What is minimised, sample by sample: the draw of x_t, the loss of the network's output, and its gradient. One file in
 * objectives/ for each objective, and one row in the table. */
#ifndef TRAIN_OBJECTIVE_H
#define TRAIN_OBJECTIVE_H

#include "model/model.h"
#include "model/parameterization.h"
#include "process/bins.h"
#include "train/times.h"
#include "train/weight.h"

typedef struct objective objective;

/* One sample in double, [dim]; output and doutput as the network has them. The laws and slopes are room to work. */
typedef struct objective_row {
    const reverse_step *at;
    const double *x0, *xt;
    const double *aside; /* the noise in x_t; of pairs x_{t-1} */
    const double *output;
    double *doutput;
    double weight; /* of a square error of the output */
    size_t dim;
    law p, q;
    law_slope by;
} objective_row;

/* The loss, a sum over the row's values; doutput, or by, receives its gradient. */
typedef double objective_loss_fn(const objective *self, const objective_row *row);

typedef struct objective_class {
    const char *name;
    int32_t first_step; /* t is drawn from first_step..T; from 1 where the model's edge is trained */
    int pairs;          /* x_t is drawn through x_{t-1} */
    int weighted;       /* a square error of the output is part of it, which weight= weighs */
    int trains_edge;    /* a term of step 1 is trained by edge */
    int real_times;     /* t may lie between the steps */
    diffusion_status (*check)(const objective *self); /* whether model and schedule suit it; NULL: any */
    objective_loss_fn *loss;                          /* with the gradient of all outputs */
} objective_class;

/* The table, objectives/table.c, in the order of objective_names. */
const objective_class *objective_class_at(size_t index); /* NULL past the last */

extern const objective_class bound_objective; /* which a schedule can be learned with */

struct objective {
    const objective_class *methods;
    const weight_class *weight;
    trained_times times;
    const struct diffusion_model *model;       /* borrowed */
    const struct diffusion_schedule *schedule; /* borrowed */
    reverse_step *steps;                       /* [T + 1], owned */
    int32_t first_step, edge;
    bins bins; /* of edge=discretized */
    uint64_t seed;
    double dequantize, snr_gamma;
};

/* Checks that objective, model and schedule suit one another. On failure there is nothing to release. */
diffusion_status objective_open(objective *self, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const trainer_options *options);
void objective_close(objective *self);

/* 0, or the sentence: data that the kernel has not, or that is in no bin. */
diffusion_status objective_check_values(const objective *self, const float *data, size_t count);

/* One sample of a batch. Arrays are [dim], out and dout [outputs]. */
typedef struct objective_sample {
    const float *data;       /* x_0 as given */
    const uint8_t *observed; /* NULL: all of it */
    int even;                /* draw t as if no losses had been seen */
    float *x0;               /* with its dequantisation; 0 where it is not observed */
    float *xt;
    float *aside;
    const float *out;
    float *dout;
    double t, time;     /* and what the network is told of it, */
    double input_scale; /* and multiplied with x_t for it */
} objective_sample;

/* Doubles of scratch that the next two need. */
size_t objective_scratch_size(const objective *self);

/* Draws t, x_0's dequantisation and x_t for sample `index` of training step `step`. */
void objective_draw(const objective *self, objective_sample *sample, uint64_t step, uint64_t index, double *scratch);

/* The sample's loss, divided by dim; dout receives its gradient times `scale`. */
double objective_loss(const objective *self, const objective_sample *sample, double scale, double *scratch);

/* A sample at a step that need not be the schedule's, [dim], and the output there, [outputs]; observed may be NULL. */
typedef struct objective_state {
    const double *x0, *xt, *output;
    const uint8_t *observed;
} objective_state;

/* Its term of the bound, nats, by objective_divergence(); and the square error of the x_0 that the output tells. */
double objective_term(const objective *self, const reverse_step *at, const objective_state *of, double *scratch);
double objective_x0_error(const objective *self, const reverse_step *at, const objective_state *of, double *scratch);

/* Shared by objectives: weight (output - target)^2 of the first half of the outputs, and KL(q(x_{t-1} | x_t, x_0) ||
 * p), at step 1 -log p(x_0 | x_1), with the derivative by p left in row->by. */
double objective_squared_error(const objective_row *row);
double objective_divergence(const objective *self, const objective_row *row);
/* DIFFUSION_E_KERNEL or _SPEC where the output has no target of its own that a squared error could compare it with. */
diffusion_status objective_check_target(const objective *self);

#endif

/* What samplers, evaluators and coders are tried on: made before the scenarios, so that they alone are under test. */
#ifndef FAULT_MODELS_H
#define FAULT_MODELS_H

#include "fault.h"
#include "make.h"

enum { N = 5, DIM = 2 };

static diffusion_schedule *schedule, *bits;
static diffusion_model *model, *bit_model;
static diffusion_condition *labels; /* of the model's classes */

static inline int models_enter(void **state)
{
    int status = fault_enter(state);
    schedule = make_schedule("linear steps=4");
    bits = make_schedule("linear steps=4 kernel=binomial rate=0.2,0.7");
    model = make_model("mlp shape=2 width=5 depth=1 time_features=2 classes=3", 1);
    labels = make_labels((const int32_t[N]){0, 1, 2, -1, 0}, N);
    bit_model = make_model("mlp shape=2 width=5 depth=1 time_features=2 predict=perturbation", 1);
    fill_weights(model, 2);
    fault_warm(model);
    fault_warm(bit_model);
    return status;
}

static inline int models_leave(void **state)
{
    diffusion_model_free(model);
    diffusion_model_free(bit_model);
    diffusion_condition_free(labels);
    diffusion_schedule_free(schedule);
    diffusion_schedule_free(bits);
    return fault_blocks.live == 0 ? folder_leave(state) : -1;
}

#endif

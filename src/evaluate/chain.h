/* The chain that a bound is of: which steps of the schedule it visits, and with what variance. */
#ifndef EVALUATE_CHAIN_H
#define EVALUATE_CHAIN_H

#include "evaluate/evaluator.h"
#include "model/parameterization.h"

/* Evenly from 1 to T, or those of the best bound: model/trajectory.h. */
typedef enum chain_spacing { CHAIN_EVEN, CHAIN_OPTIMAL } chain_spacing;

typedef struct chain_options {
    int64_t steps;   /* 0: all T */
    spec_reals list; /* steps to visit, falling, instead */
    int32_t spacing, variance;
    double clip; /* of x_0; 0: none */
} chain_options;

/* The keys, for an options struct that has chain_options as its member `chain`. */
#define CHAIN_STEPS_KEY(type)                                                                                          \
    {                                                                                                                  \
        "chain", SPEC_INTEGER, offsetof(type, chain.steps), "0", 0, 100000, NULL,                                      \
            "steps of the schedule that the chain visits, at most T; 0 for all T (fewer: Gaussian kernel)"             \
    }
#define CHAIN_SPACING_KEY(type)                                                                                        \
    {                                                                                                                  \
        "spacing", SPEC_CHOICE, offsetof(type, chain.spacing), "even", 0, 0, "even|optimal",                           \
            "which: 1..T evenly (a sampler's linspace), or 1, T and those between that make the bound best, by the "   \
            "model's moments"                                                                                          \
    }
#define CHAIN_LIST_KEY(type)                                                                                           \
    {                                                                                                                  \
        "steps_list", SPEC_REALS, offsetof(type, chain.list), "", 0, 100000, NULL,                                     \
            "the steps visited, falling, instead of chain and spacing (Gaussian kernel)"                               \
    }
#define CHAIN_VARIANCE_KEY(type)                                                                                       \
    {                                                                                                                  \
        "variance", SPEC_CHOICE, offsetof(type, chain.variance), "model", 0, 0, variance_asked_names,                  \
            "of p(x_s | x_t): the model's own, a fixed one in its place, or the best for the model's mean "            \
            "(Analytic-DPM), by the moments that were measured of it (Gaussian kernel)"                                \
    }
#define CHAIN_CLIP_KEY(type)                                                                                           \
    {                                                                                                                  \
        "clip", SPEC_REAL, offsetof(type, chain.clip), "0", 0, HUGE_VAL, NULL,                                         \
            "the model's x_0 is held within -clip..clip; 0 for no limit (Gaussian kernel)"                             \
    }

typedef struct chain {
    int32_t steps;
    noise_level *levels; /* [steps + 1]: the data first; t is that of the schedule */
    reverse_step *at;    /* [steps + 1]: from levels[i] to levels[i - 1] */
} chain;

/* 0, or the sentence: steps that the schedule has not, moments that the model has not, the wrong kernel. On failure
 * there is nothing to release. */
diffusion_status chain_open(chain *self, const struct diffusion_evaluator *of, const chain_options *options);
void chain_close(chain *self); /* also of one zeroed */

/* Whether the options make one, for a measure that is opened. */
diffusion_status chain_check(const struct diffusion_evaluator *of, const chain_options *options);

/* The schedule's step that a level of a chain is. */
static inline int32_t chain_step(const chain *self, int32_t index)
{
    return (int32_t)self->levels[index].t;
}

#endif

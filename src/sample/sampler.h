/* A chain of samples on its way from x_T to x_0. */
#ifndef SAMPLE_SAMPLER_H
#define SAMPLE_SAMPLER_H

#include "model/predictor.h"
#include "sample/options.h"

#include <diffusion/runtime.h>
#include <diffusion/sampler.h>

enum { SAMPLER_DRAW_COST = 20 }; /* nanoseconds to draw one value */

struct diffusion_sampler {
    sampler_options options;
    struct diffusion_schedule *respaced; /* NULL: every step of the schedule */
    int32_t *original;                   /* its steps in the schedule's count, [steps + 1] */
    int32_t total;                       /* T of the schedule */
    predictor predictor;
    diffusion_noise_fn *noise;
    void *noise_user;
    diffusion_progress_fn *progress;
    void *progress_user;
    /* The chain. `step` counts down in the predictor's schedule; -1 where no chain has begun. */
    int32_t step;
    size_t n;
    buffer x, mean, variance, draws, t, labels;
    int has_labels;
};

diffusion_status sampler_create(struct diffusion_sampler **out, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const char *spec);
void sampler_free(struct diffusion_sampler *self);

diffusion_status sampler_begin(struct diffusion_sampler *self, const int32_t *labels, size_t n);
diffusion_status sampler_step(struct diffusion_sampler *self);

/* The step in the model's count: T..0. */
int32_t sampler_position(const struct diffusion_sampler *self);

/* Fills draws [n, dim] with the noise of `step`, by the callback or the seeded generator: normal, or uniform for the
 * binomial kernel. */
diffusion_status sampler_draw(struct diffusion_sampler *self, int32_t step);

/* ancestral.c: takes x to the step below. */
diffusion_status ancestral_step(struct diffusion_sampler *self);

#endif

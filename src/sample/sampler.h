/* A chain of samples on its way from x_T to x_0. */
#ifndef SAMPLE_SAMPLER_H
#define SAMPLE_SAMPLER_H

#include "model/predictor.h"
#include "sample/options.h"

#include <diffusion/runtime.h>
#include <diffusion/sampler.h>

enum { SAMPLER_DRAW_COST = 20 }; /* nanoseconds to draw one value */

/* What a caller has told of x_0: row i mod n belongs to sample i. Copies; n is 0 where nothing is told. */
typedef struct given {
    float *values; /* [n, dim] */
    uint8_t *mask; /* [n, dim], 0: not known; NULL for an observation */
    size_t n;
    double noise; /* of an observation: variance, or probability that a bit is flipped */
} given;

struct diffusion_sampler {
    sampler_kind kind;
    sampler_options options;
    const struct diffusion_schedule *whole; /* retained */
    struct diffusion_schedule *respaced;    /* NULL: every step of the schedule */
    int32_t *original;                      /* its steps in the schedule's count, [steps + 1] */
    predictor predictor;
    diffusion_noise_fn *noise;
    void *noise_user;
    diffusion_progress_fn *progress;
    void *progress_user;
    given known, observed;
    diffusion_guidance_fn *guidance;
    void *guidance_user;
    /* The chain. `step` counts down in the predictor's schedule; -1 where no chain has begun. Sample i has the rows
     * i * particles and following; all but `weights` are [rows, dim] or [rows]. */
    int32_t step;
    size_t n, rows;
    buffer x, mean, variance, draws, t, labels;
    buffer weights; /* log weights, [rows]; not used with one particle */
    int has_labels;
};

diffusion_status sampler_create(struct diffusion_sampler **out, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const char *spec);
void sampler_free(struct diffusion_sampler *self);

diffusion_status sampler_begin(struct diffusion_sampler *self, const int32_t *labels, size_t n);
diffusion_status sampler_step(struct diffusion_sampler *self);

/* The step in the model's count: T..0. */
int32_t sampler_position(const struct diffusion_sampler *self);

/* Fills draws [rows, dim] with the noise of `step`, by the callback or the seeded generator: normal, or uniform for the
 * binomial kernel. */
diffusion_status sampler_draw(struct diffusion_sampler *self, int32_t step);

/* Draws x from mean, variance (or rate) and draws. */
void sampler_settle(struct diffusion_sampler *self);

/* Ends a chain that was begun under another r. */
void sampler_forget(struct diffusion_sampler *self);

/* Mean and variance of p(x_{t-1} | x_t) for all rows, t in the predictor's schedule. */
diffusion_status sampler_predict(struct diffusion_sampler *self, const double *x, int32_t t);

/* The x_0 and the noise that the model sees in x, into mean and variance. */
diffusion_status sampler_denoise(struct diffusion_sampler *self);

/* One file for each kind: takes x to the step below. */
diffusion_status ancestral_step(struct diffusion_sampler *self);
diffusion_status ddim_step(struct diffusion_sampler *self);

#endif

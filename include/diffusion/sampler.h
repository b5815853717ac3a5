/** Draws from the reverse process, from x_T down to x_0. */
#ifndef DIFFUSION_SAMPLER_H
#define DIFFUSION_SAMPLER_H

#include <diffusion/model.h>
#include <diffusion/runtime.h>

DIFFUSION_BEGIN

/** A solver and its position. For one thread at a time. */
typedef struct diffusion_sampler diffusion_sampler;

/**
 * Makes a sampler.
 *
 * Kinds: "ancestral", x_{t-1} ~ p(x_{t-1} | x_t), for both kernels. Keys: seed, first (index of the first sample:
 * sample i of any batch is drawn from (seed, first + i)), steps (fewer than T: the chain is respaced, Gaussian kernel),
 * clip (x_0 estimates are held within -clip..clip), last (how x_0 is drawn: mean | model | forward, the paper's edge
 * rule).
 *
 * @param spec  Such as "ancestral steps=100 seed=7".
 * @return 0, DIFFUSION_E_SPEC, DIFFUSION_E_KERNEL, DIFFUSION_E_SHAPE (rates for another number of bits),
 *         DIFFUSION_E_STEP (the chain goes beyond the network's own steps) or DIFFUSION_E_MEMORY.
 * The caller frees *out, and may free `model` and `schedule` at any time. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_create(diffusion_sampler **out, const diffusion_model *model,
                                                        const diffusion_schedule *schedule, const char *spec);

/**
 * Replaces the seeded generator. Order of the draws: first, for every sample, x_T with step = T + 1; then, going down,
 * for every sample the noise that makes x_{t-1} of x_t with step = t. No noise is drawn where none is added.
 *
 * @param noise  NULL restores the generator.
 * @return 0 or DIFFUSION_E_ARGUMENT. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_set_noise(diffusion_sampler *sampler, diffusion_noise_fn *noise,
                                                           void *user);

/** Sets who hears of progress during diffusion_sampler_run(), in steps of the chain, and may stop it; NULL for nobody.
 * Since 0.1. */
DIFFUSION_API diffusion_status diffusion_sampler_set_progress(diffusion_sampler *sampler,
                                                              diffusion_progress_fn *progress, void *user);

/**
 * Draws n samples.
 *
 * @param labels  [n], or NULL.
 * @param x0      Result, [n, dim]; untouched on failure.
 * @return 0, DIFFUSION_E_LABEL, DIFFUSION_E_NONFINITE (the model's output), DIFFUSION_E_MEMORY, or a callback's value.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_run(diffusion_sampler *sampler, const int32_t *labels, size_t n,
                                                     float *x0);

/**
 * Begins n samples step by step: draws x_T. What diffusion_sampler_run() does is begin, then step until t is 0.
 *
 * @return as diffusion_sampler_run(). Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_begin(diffusion_sampler *sampler, const int32_t *labels, size_t n);

/**
 * Takes one step down the chain.
 *
 * @return 0, DIFFUSION_E_STATE (not begun, or finished), or as diffusion_sampler_run(). After a failure begin again.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_step(diffusion_sampler *sampler);

/**
 * Where the chain stands.
 *
 * @param x  Receives x_t, [n, dim] of diffusion_sampler_begin(); may be NULL.
 * @param t  Receives the step, T..0; 0 when finished. May be NULL.
 * @return 0 or DIFFUSION_E_STATE (not begun). Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_state(const diffusion_sampler *sampler, float *x, int32_t *t);

/** Releases the handle; NULL is allowed. Since 0.1. */
DIFFUSION_API void diffusion_sampler_free(diffusion_sampler *sampler);

DIFFUSION_END

#endif

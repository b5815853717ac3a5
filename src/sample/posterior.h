/* Multiplying by r (section 2.5 of the paper): p~(x_{t-1} | x_t) = p(x_{t-1} | x_t) r(x_{t-1}) / Z(x_t).
 *
 * A step goes: p's mean and variance; guidance and observation change them; noise is drawn; known values take the place
 * of theirs; x is drawn. Z(x_t) / r(x_t), which the paper takes for constant, is the weight of a particle's step. */
#ifndef SAMPLE_POSTERIOR_H
#define SAMPLE_POSTERIOR_H

#include "sample/sampler.h"

/* How often r counts at the step of position `t` (the model's count): 1, or (T - t) / T. */
double posterior_power(const struct diffusion_sampler *self, int32_t t);

/* Position of the step below the one at hand. */
int32_t posterior_below(const struct diffusion_sampler *self);

/* The row of what is given that belongs to a row of the chain. */
size_t given_row(const given *self, const struct diffusion_sampler *sampler, size_t row);
diffusion_status given_copy(given *out, const float *values, const uint8_t *mask, size_t n, size_t dim);
void given_release(given *self);
/* DIFFUSION_E_SHAPE unless n samples are whole rounds of what is given. */
diffusion_status given_check(const given *self, const char *setter, size_t n);

/* known.c: r a delta. Known values run through q(x_{0..T} | x_0) backwards, one path for all particles of a sample. */
diffusion_status known_set(struct diffusion_sampler *self, const float *x0, const uint8_t *mask, size_t n);
int known_at(const struct diffusion_sampler *self, size_t row, size_t column);
void known_begin(struct diffusion_sampler *self, int32_t step);
void known_step(struct diffusion_sampler *self);

/* observed.c: r Gaussian in x_0, or a probability for each bit. */
diffusion_status observed_set(struct diffusion_sampler *self, const float *y, double noise, size_t n);
void observed_begin(struct diffusion_sampler *self);
void observed_step(struct diffusion_sampler *self);

/* exact.c: mean and variance of the first state of a chain that begins at the observation's own noise; *step is where.
 */
diffusion_status exact_begin(struct diffusion_sampler *self, int32_t *step);

/* guidance.c: any smooth r, by the gradient of its logarithm. */
diffusion_status guidance_set(struct diffusion_sampler *self, diffusion_guidance_fn *gradient, void *user);
diffusion_status guidance_begin(struct diffusion_sampler *self);
diffusion_status guidance_step(struct diffusion_sampler *self);

/* particles.c: resamples the particles of each sample where their weights have become uneven; after the last step one
 * of them, the sample, stands first. */
void particles_begin(struct diffusion_sampler *self);
void particles_step(struct diffusion_sampler *self);

#endif

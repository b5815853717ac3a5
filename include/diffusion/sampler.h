/** Draws from the reverse process, from x_T down to x_0. */
#ifndef DIFFUSION_SAMPLER_H
#define DIFFUSION_SAMPLER_H

#include <diffusion/model.h>
#include <diffusion/runtime.h>

DIFFUSION_BEGIN

/** A solver and its position. For one thread at a time. While a call runs its callbacks may read it; every function
 * that would run or change it is DIFFUSION_E_STATE then. */
typedef struct diffusion_sampler diffusion_sampler;

/**
 * Makes a sampler.
 *
 * Keys of all kinds: seed, first (index of the first sample: sample i of any batch is drawn from (seed, first + i)),
 * steps, which levels they visit (below), variance and noise_limit (of ancestral, below), clip or threshold (x_0
 * estimates are held within -clip..clip, or within a quantile of their own), guidance_scale, guidance_rescale,
 * guidance_low, guidance_high (classifier-free guidance: the output without the condition and guidance_scale times what
 * the condition adds, where sigma / signal is within low..high; two evaluations, in one batch), posterior and particles
 * (see below). Kinds; all but ancestral need the Gaussian kernel, see no variance of the model's, and, told the noise,
 * are functions of x_T:
 *
 * - ancestral: x_{t-1} ~ p(x_{t-1} | x_t), for both kernels; last (how x_0 is drawn: mean | model | forward, the
 *   paper's edge rule)
 * - ddim: equation 12 of Song et al. (arXiv:2010.02502), x_{t-1} from the x_0 and the noise that the model sees in x_t;
 *   eta (0: x_0 is a function of x_T; 1: DDPM's noise). As diffusers' DDIMScheduler with spacing=leading
 * - ddim_inverse, heun_inverse: the same flow upwards, from data (diffusion_sampler_set_start()) to the noise that ddim
 *   and heun make them of; the result of a run is x_T
 * - dpmsolver++, dpmsolver, sde-dpmsolver++, sde-dpmsolver: orders 1 to 3 over several steps or method=singlestep
 *   (arXiv:2206.00927, arXiv:2211.01095); with eta k-diffusion's 2M and 3M SDE. curvature=exact is of order 3, as
 *   the authors' code is not
 * - unipc: predictor and corrector of orders 1 to 3 (arXiv:2302.04867)
 * - deis, lms: polynomials through the last slopes, in log sigma (arXiv:2204.13902) and in sigma
 * - pndm, ipndm: pseudo linear multistep (arXiv:2202.09778)
 * - sa_solver: stochastic Adams, predictor and corrector (arXiv:2305.15881)
 * - euler, heun, kdpm2: the probability flow in sigma, with noise put back before a step (s_churn, arXiv:2206.00364);
 *   euler and heun in another time or state by path and scaling, as in flow matching (path=flow) or EDM's ablation
 * - euler_ancestral, kdpm2_ancestral, dpmpp_2s, dpmpp_sde: with noise drawn behind a step, as in k-diffusion
 * - dpm_fast: single steps of order 3 in a number of `evaluations`
 * - dpm_adaptive: steps of orders 2 and 3 by a tolerance (rtol, atol), each sample its own; one step of the chain
 *
 * Orders, the power of 1/steps by which errors fall, are what `order` or the authors say; with noise the order of a
 * sample's law is at most 2 and that of a sample for one path of the noise 1, see docs/mathematics.md, section 4.
 *
 * Levels: spacing=trailing|linspace|leading visits steps of the schedule (steps_offset, times, drop_lowest as the
 * schedulers of other systems have them), karras|exponential|polyexponential|beta levels from sigma_max to sigma_min,
 * sigma being the ratio sigma / signal, steps_list= any times. final=sigma_min ends there and not at the data. Kinds
 * that divide by the signal refuse a first level without any, but for signal_min=. The default, trailing, begins at T
 * for any number of steps (arXiv:2305.08891). leading, with which most of diffusers' schedulers begin, visits 1 and
 * every floor(T / steps)-th: its highest is below T, far below for few steps or for a number that does not divide T
 * (600 of 1000 end at 600).
 *
 * From the model's moments (moments.h): spacing=optimal visits 1, T and those steps between, so many, of which the KLs
 * of the jumps are least in all (at most 4096 to choose from; by variance=, or the model's own, a learned one counting
 * as analytic), and ancestral's variance=analytic is the best one for the model's mean, between any two steps (Bao et
 * al. 2022, arXiv:2206.07309); analytic_ideal is that of a model that knows the mean, as published code has it
 * (arXiv:2201.06503); fixed_small and fixed_large take the place of the model's own. noise_limit and noise_limit_steps
 * hold the last draws above the data small, as that code does.
 *
 * diffusion_help("sampler") lists all keys.
 *
 * @param spec  Such as "ancestral steps=100 seed=7" or "dpmsolver++ steps=20 spacing=karras seed=7".
 * @return 0, DIFFUSION_E_SPEC, DIFFUSION_E_KERNEL, DIFFUSION_E_SHAPE (rates for another number of bits),
 *         DIFFUSION_E_STEP (the chain goes beyond the network's own steps), DIFFUSION_E_STATE (moments that the model
 *         lacks, or has of another schedule) or DIFFUSION_E_MEMORY.
 * The caller frees *out, and may free `model` and `schedule` at any time. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_create(diffusion_sampler **out, const diffusion_model *model,
                                                        const diffusion_schedule *schedule, const char *spec);

/**
 * Replaces the seeded generator. Order of the draws: first, for every sample, the chain's first state with step = T +
 * 1; then, going down, for every sample the noise of the step from x_t with step = t, of times between whole steps the
 * whole part. No noise is drawn where none is added (ddim with eta=0, but for the path of known values). Where a step
 * is drawn for twice (dpmpp_sde, noise put back, known values where posterior=exact of ancestral begins), the draws
 * follow one another. With particles=P a sample's count is P dim, one particle after another; which particles live on
 * depends on the seed alone.
 *
 * @param noise  NULL restores the generator.
 * @return 0 or DIFFUSION_E_ARGUMENT. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_set_noise(diffusion_sampler *sampler, diffusion_noise_fn *noise,
                                                           void *user);

/**
 * Sets the callback that hears of progress during diffusion_sampler_run() and diffusion_sampler_step(), and may stop
 * them. Its `done` and `total` count samples times steps of the chain. It is called after every step, and where a step
 * is long within it: batches of a network then go in parts of about a second, which change no result. A network behind
 * a callback is called for 1024 samples at a time, as always, and may stop the call itself.
 *
 * @param progress  NULL for none.
 * @return 0 or DIFFUSION_E_ARGUMENT. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_set_progress(diffusion_sampler *sampler,
                                                              diffusion_progress_fn *progress, void *user);

/**
 * Gives the chain its first state, which is then not drawn: the x_T that decides samples of a solver without noise of
 * its own, or, for ddim_inverse and heun_inverse, which go upwards, the data. What these made of data,
 * diffusion_sampler_run() of the same levels (steps, spacing and what shifts them) brings back to the data:
 *
 *     diffusion_sampler_create(&encoder, model, schedule, "ddim_inverse steps=100");
 *     diffusion_sampler_set_start(encoder, data, n);
 *     diffusion_sampler_run(encoder, condition, n, latents);
 *     diffusion_sampler_create(&decoder, model, schedule, "ddim steps=100");
 *     diffusion_sampler_set_start(decoder, latents, n);
 *     diffusion_sampler_run(decoder, condition, n, data);
 *
 * It is copied; a run draws a multiple of n samples, and sample i takes row i mod n. It holds for every chain begun
 * after the call. Known values that are set too replace their part of it.
 *
 * @param x  [n, dim], states at the chain's first level, scaled as the model expects (binomial: 0 or 1); may be NULL if
 *           n is 0.
 * @param n  0 forgets it.
 * @return 0, DIFFUSION_E_ARGUMENT (NULL; a bit that is not 0 or 1), DIFFUSION_E_NONFINITE or DIFFUSION_E_MEMORY. The
 *         chain, if one has begun, is over. Runs may return DIFFUSION_E_SHAPE (samples not a multiple of n) or
 *         DIFFUSION_E_STATE (posterior=exact; a chain that goes upwards without a first state). Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_set_start(diffusion_sampler *sampler, const float *x, size_t n);

/**
 * diffusion_sampler_set_start() in the chain's own precision.
 *
 * @param x  [n, dim]; may be NULL if n is 0.
 * @param n  0 forgets it.
 * @return as diffusion_sampler_set_start(). Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_set_start_double(diffusion_sampler *sampler, const double *x,
                                                                  size_t n);

/* ---- Posteriors: samples of p(x_0) r(x_0) / Z, section 2.5 of the paper ----
 *
 * The kind ancestral draws each step from p(x_{t-1} | x_t) r(x_{t-1}), normalised for each x_t; x_T from p(x_T) r(x_T).
 * Other kinds, all for the Gaussian kernel, go by the score of p(x_t) r(x_t): the x_0 and noise that the model sees are
 * moved, or seen of x_t and an observation together. Key "posterior": r(x_t) is r(x_0) at every t ("constant", the
 * paper's choice) or r(x_0)^((T-t)/T) ("annealed"); or ("exact") the chain of the kind ancestral begins where x_t has
 * an observation's own noise, and that of other kinds takes E[x_0 | x_t, y]. What the first two leave out, what
 * particles=P (ancestral) mends, and figures for both: docs/posteriors.md.
 *
 * What is given is copied, [n, dim]; a run draws a multiple of n samples, and sample i takes row i mod n. It holds for
 * every chain begun after the call. Known values, an observation and guidance may be combined: their r multiply. */

/**
 * Inpainting: r is a delta on the known values, which come out bit by bit as they were given.
 *
 * r(x_t) is the delta on a path drawn from q(x_{1..T} | x_0), where the network has seen such values in training:
 * downwards x_T ~ q(x_T | x_0), x_{t-1} ~ q(x_{t-1} | x_t, x_0), at t = 1 x_0 itself. Key "posterior" plays no part.
 * Exact as particles grow (Trippe et al., arXiv:2206.04119); one particle is replacement, which does not let the rest
 * of x_t know where the path will go.
 *
 * @param x0    Values, [n, dim], scaled as the model expects (binomial: 0 or 1); those not known are not looked at. May
 *              be NULL if n is 0.
 * @param mask  [n, dim], other than 0 where the value is known; may be NULL if n is 0.
 * @param n     0 forgets what was known.
 * @return 0, DIFFUSION_E_ARGUMENT (NULL; a bit that is not 0 or 1), DIFFUSION_E_NONFINITE, DIFFUSION_E_STATE
 *         (dpm_adaptive; a kind that goes upwards) or DIFFUSION_E_MEMORY. The chain, if one has begun, is over.
 *         Runs may return DIFFUSION_E_SHAPE (samples not a multiple of n).
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_set_known(diffusion_sampler *sampler, const float *x0,
                                                           const uint8_t *mask, size_t n);

/**
 * Denoising: y is x_0 with independent noise, r(x_0) = p(y | x_0).
 *
 * Gaussian kernel: r(x) = N(y; x, noise). A step of mean m and variance v becomes one of mean
 * (m noise + c v y) / (noise + c v) and variance v noise / (noise + c v), c = 1 or (T-t)/T: the product in closed form.
 * Binomial kernel: each bit of y was flipped with probability `noise`. A rate c becomes c d / (c d + (1-c)(1-d)), d the
 * probability that r gives to a 1 (Table App.1 of the paper).
 * posterior=exact (Gaussian kernel): y has the law of x_t / sqrt(alpha_bar_t) at the step where (1-alpha_bar_t) /
 * alpha_bar_t = noise, so the chain begins there, and takes no more than those steps. An observation between two steps
 * is brought to the lower one by a part of a step. Exact but for discretisation and, combined with known values, for
 * what is said above. Kinds other than ancestral take posterior=exact alone: x_t and y are two views of x_0 in Gaussian
 * noise, which come to one in less, so the model is asked there, at 1 / N = signal^2 / sigma^2 + 1 / noise. Exact but
 * for discretisation; x_T is drawn as of standard normal data.
 *
 * @param y      Observation, [n, dim], scaled as the model expects (binomial: 0 or 1); may be NULL if n is 0.
 * @param noise  Variance in the same scale, > 0; or a probability, > 0 and < 1.
 * @param n      0 forgets the observation.
 * @return as diffusion_sampler_set_known(), and DIFFUSION_E_KERNEL (posterior=exact with bits) or DIFFUSION_E_STATE
 *         (a kind other than ancestral without posterior=exact; one that goes upwards). Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_set_observed(diffusion_sampler *sampler, const float *y, double noise,
                                                              size_t n);

/**
 * The gradient of log r(x) with respect to x, for any smooth r.
 *
 * @param x         [n, dim], all samples of the chain: the means of the law of x_t, given the state before (at the
 *                  chain's begin: of its first state); kinds other than ancestral: the states x_t themselves that the
 *                  model is asked about, within a step too.
 * @param t         T..0, the time that x belongs to. The power (T-t)/T of posterior=annealed is applied to what comes
 *                  back.
 * @param gradient  To fill, [n, dim].
 * @return 0; anything else stops the library's call, which then returns that value.
 */
typedef int32_t diffusion_guidance_fn(const double *x, double t, size_t n, double *gradient, void *user);

/**
 * Guidance: to the first order in log r a step's mean moves by variance * grad log r(mean), and its variance stays
 * (equation 61 of the paper). Right where r changes little over a step's standard deviation. Kinds other than ancestral
 * go by epsilon - sigma grad log r(x_t), and the x_0 that follows (Dhariwal, Nichol 2021, arXiv:2105.05233, algorithm
 * 2): with the gradient of log p(y | x_t), told the time, they draw from p(x_0 | y) but for discretisation; with that
 * of an r held constant they do not, as nothing does by one chain. The x_0 is moved after clip and threshold.
 *
 * @param gradient  Called from the thread that calls the library, once for the first state and once a
 *                  step (an evaluation), but where the power is 0; NULL for no guidance.
 * @return 0, DIFFUSION_E_ARGUMENT, DIFFUSION_E_KERNEL (bits have no gradient), or DIFFUSION_E_STATE (particles > 1 are
 *         weighted by r itself; posterior=exact; dpm_adaptive; a chain upwards, or without signal at its first step).
 * Runs may return DIFFUSION_E_NONFINITE (the gradient). `user` stays the caller's. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_set_guidance(diffusion_sampler *sampler,
                                                              diffusion_guidance_fn *gradient, void *user);

/**
 * Draws n samples.
 *
 * @param condition  Of n samples, or NULL; copied.
 * @param x0         Result, [n, dim]; untouched on failure.
 * @return 0, DIFFUSION_E_LABEL, DIFFUSION_E_SHAPE (n is no multiple of what is known or observed; a condition that does
 *         not suit), DIFFUSION_E_ARGUMENT (likewise, and guidance_scale without labels or vectors),
 *         DIFFUSION_E_NONFINITE (the model's output, or what a step makes of it; samples beyond float32),
 *         DIFFUSION_E_MEMORY, or a callback's value.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_run(diffusion_sampler *sampler, const diffusion_condition *condition,
                                                     size_t n, float *x0);

/**
 * Begins n samples step by step: draws the first state. What diffusion_sampler_run() does is begin, then step until t
 * is 0 (upwards: until diffusion_sampler_step() is DIFFUSION_E_STATE).
 *
 * @param condition  Of n samples, or NULL; copied.
 * @return as diffusion_sampler_run(). Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_begin(diffusion_sampler *sampler, const diffusion_condition *condition,
                                                       size_t n);

/**
 * Takes one step along the chain.
 *
 * @return 0, DIFFUSION_E_STATE (not begun, or finished), or as diffusion_sampler_run(). After a failure begin again.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_step(diffusion_sampler *sampler);

/**
 * Where the chain stands.
 *
 * @param x  Receives x_t, [n, dim] of diffusion_sampler_begin(), of particles the first; may be NULL.
 * @param t  Receives the time, T..0; 0 when finished (upwards: rising, to that of the last level). May be NULL.
 * @return 0, DIFFUSION_E_STATE (not begun) or DIFFUSION_E_NONFINITE (x_t is beyond float32). Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_state(const diffusion_sampler *sampler, float *x, double *t);

/**
 * How often the model has been asked about each sample since its chain began: a solver's number of evaluations, which
 * dpm_adaptive chooses for each sample by itself. Guidance's second output of an evaluation is part of it, and so are a
 * sample's particles.
 *
 * @param evaluations  Result, [n].
 * @param n            Must be that of the chain.
 * @return 0, DIFFUSION_E_SHAPE or DIFFUSION_E_STATE (not begun). Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_sampler_evaluations(const diffusion_sampler *sampler, int64_t *evaluations,
                                                             size_t n);

/** The complete spec, defaults spelled out, and keys that a kind sets by itself (dpm_fast its steps by `evaluations`,
 * dpm_adaptive its one step) as it has them; NULL for NULL. A sampler made of it draws the same samples. Lives as long
 * as the sampler. Since 0.1. */
DIFFUSION_API const char *diffusion_sampler_spec(const diffusion_sampler *sampler);

/**
 * The sentence of the last begin, step or run of this handle that failed (by more than a NULL argument): what
 * diffusion_last_error() said in the thread of that call, for hosts that run calls on threads of their choosing.
 *
 * @return the handle's own text, never NULL, valid until its next failing call; "" if none has failed, and for NULL.
 * Since 0.1.
 */
DIFFUSION_API const char *diffusion_sampler_error(const diffusion_sampler *sampler);

/** Releases the handle; NULL is allowed. Since 0.1. */
DIFFUSION_API void diffusion_sampler_free(diffusion_sampler *sampler);

DIFFUSION_END

#endif

/**
 * Measures models on data.
 *
 *     diffusion_evaluator_create(&evaluator, model, schedule, "elbo draws=4 seed=1");
 *     diffusion_evaluator_run(evaluator, x0, NULL, n);
 *     diffusion_evaluator_value(evaluator, "k_bits", &bits);
 *
 * - elbo: the paper's lower bound K on log p(x_0), term by term (section 2.4 of the paper)
 * - flow: log p(x_0) of the probability flow, which is another model than the chain (arXiv:2011.13456)
 * - parzen: the log density of data under a Gaussian of one width around each of the model's samples, as the
 *   literature's tables have it (Breuleux et al. 2011)
 */
#ifndef DIFFUSION_EVALUATOR_H
#define DIFFUSION_EVALUATOR_H

#include <diffusion/model.h>
#include <diffusion/runtime.h>

DIFFUSION_BEGIN

/** A measure, what it is made of, and the figures of its last run. For one thread at a time while it runs; its figures
 * may be read by any number of threads, and by the callbacks of a run; every function that would run or change it is
 * DIFFUSION_E_STATE in those. */
typedef struct diffusion_evaluator diffusion_evaluator;

/**
 * Makes an evaluator.
 *
 * elbo: K = E[log p(x_0 | x_1)] - sum over t = 2..T of E[KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t))] -
 * KL(q(x_T | x_0) || p(x_T)). KLs are closed forms; only x_t is drawn, and t where steps=m says so. Keys: draws (of x_t
 * per sample and step), steps (below), seed, edge=forward|model|discretized (p(x_0 | x_1): the paper's rule, the
 * forward kernel with beta_1, whose term is closed too; the model's own law; or its mass in the bins of discrete data
 * spread over -1..1), levels (of discretized data), dequantize (width of the uniform noise added to each value of x_0).
 * For data of variance 1 this is the paper's equation 14; it is a bound for any other.
 *
 * steps=0, the default, takes every t: n draws T passes through the network. With steps=m each draw takes m of the t =
 * 2..T, one from each of m strata of equal chance, and weights their KLs by 1 / (m chance); the other terms are
 * measured in full. A pilot of one more t for every draw, with noise of its own, finds the chances: in proportion to
 * the root mean square of the KLs, a tenth spread evenly. K is then without bias for any model, and its standard error
 * covers the choice of t too. m of T - 1 or more is every t. 20 of 1000 made the error of K 1.2 times as large and the
 * run 30 times as fast (digits of 8x8, schedule "cosine steps=1000").
 *
 * flow: the density of the x_0 that the deterministic flow dx/dt of the model's score makes of x_T ~ p(x_T), at the
 * noise of the level `from` (1: that of t = 1), by the change of variables along it. Keys: trace=exact (dim products
 * with the network's Jacobian a step; of callbacks by central differences, so give those in double), probe
 * (Hutchinson's estimate along one random direction a draw, without bias), auto (exact up to 16 dimensions); draws,
 * seed; rtol and atol of the Dormand-Prince steps, which each sample has of its own; dequantize. Gaussian kernel, any
 * schedule, those without signal at T included. It is no bound: on data of two modes it may be above or below log p of
 * the chain.
 *
 * parzen: log 1/m sum over the m samples of exp(-|x - sample|^2 / (2 s^2)) - dim/2 log(2 pi s^2). Keys: bandwidth (s; 0
 * chooses the one between minimum and maximum under which the data of the run is likeliest: use validation data, then
 * measure other data with it), minimum, maximum. It says more about m and s than about the model where dim is large
 * (arXiv:1511.01844), and depends on the unit of the data. Needs diffusion_evaluator_set_reference().
 *
 * @param model     NULL for parzen, whose samples may be anybody's.
 * @param schedule  NULL for parzen.
 * @param spec      A kind and its keys; diffusion_help("evaluator") lists them all.
 * @return 0, DIFFUSION_E_SPEC, DIFFUSION_E_ARGUMENT (a NULL that the kind needs), DIFFUSION_E_KERNEL, DIFFUSION_E_SHAPE
 *         (rates for another number of bits), DIFFUSION_E_STEP (a schedule beyond the network's own steps),
 *         DIFFUSION_E_MEMORY.
 * The caller frees *out, and may free `model` and `schedule` at any time. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_create(diffusion_evaluator **out, const diffusion_model *model,
                                                          const diffusion_schedule *schedule, const char *spec);

/**
 * Replaces the seeded generator (elbo, flow). Order of the draws: for t = 1 (none with edge=forward), then t = 2 and so
 * on up to T, for every sample, for every draw: the noise that makes x_t of x_0. With steps=m for the m strata in place
 * of the T - 1 steps; which t they are, and the pilot, stay the seed's. The callback's `sample` is i * draws + draw,
 * its `step` is t. It also replaces the noise of dequantize, before all others, as step = 0, uniform in [0, 1). flow:
 * for every draw that of dequantize, then (trace=probe) the direction, of mean 0 and variance 1, as step = 1.
 *
 * @param noise  NULL restores the generator.
 * @return 0 or DIFFUSION_E_ARGUMENT. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_set_noise(diffusion_evaluator *evaluator, diffusion_noise_fn *noise,
                                                             void *user);

/**
 * Sets the callback that hears of progress during a run, and may stop it. Its `done` and `total` count samples that go
 * through one pass (elbo: draws times terms; parzen: points times bandwidths' grids). It is called after every pass,
 * and within one as diffusion_sampler_set_progress() says.
 *
 * @param progress  NULL for none.
 * @return 0 or DIFFUSION_E_ARGUMENT. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_set_progress(diffusion_evaluator *evaluator,
                                                                diffusion_progress_fn *progress, void *user);

/**
 * Sets the samples that data is measured against (parzen).
 *
 * @param samples  What the model has drawn, [m, dim], in the unit of the data; copied.
 * @param m        At least 1.
 * @param dim      Values in a sample, 1..2^31 - 1; that of the model if there is one.
 * @return 0, DIFFUSION_E_STATE (a kind that needs none), DIFFUSION_E_ARGUMENT, DIFFUSION_E_SHAPE, DIFFUSION_E_NONFINITE
 *         or DIFFUSION_E_MEMORY. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_set_reference(diffusion_evaluator *evaluator, const float *samples,
                                                                 size_t m, size_t dim);

/**
 * Measures data, which the model should not have seen. The figures of the last run that succeeded stay if this one
 * fails.
 *
 * @param x0         [n, dim], scaled as the model expects.
 * @param condition  Of n samples, or NULL (parzen: NULL).
 * @param n          At least 1.
 * @return 0, DIFFUSION_E_ARGUMENT (n of 0; binomial data other than 0 and 1; discretized data more than half a bin
 *         outside -1..1; a condition that does not suit), DIFFUSION_E_LABEL, DIFFUSION_E_SHAPE, DIFFUSION_E_STATE (no
 *         reference set), DIFFUSION_E_NONFINITE (also a K of infinity less infinity: a model whose variance underflows
 * to 0), DIFFUSION_E_MEMORY, or a callback's value. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_run(diffusion_evaluator *evaluator, const float *x0,
                                                       const diffusion_condition *condition, size_t n);

/**
 * One figure of the last run, the mean over samples, in bits per sample unless its name says otherwise.
 *
 * elbo
 * "k_bits"                          the bound K; larger is better
 * "null_bits"                       L_null: the data's log likelihood under N(0, 1), or bits at the prior's rate
 * "k_minus_null_bits"               K - L_null: what the model knows of the data
 * "standard_error_bits"             of k_bits, over samples (over draws for one sample); NaN for one draw of one
 * sample; with steps=m it covers the choice of t "null_standard_error_bits"        of null_bits, over samples
 * "k_minus_null_standard_error_bits"
 * "draw_error_bits"                 the part of standard_error_bits that more draws would remove; NaN for one draw
 * "edge_bits"                       E[log2 p(x_0 | x_1)]
 * "kl_bits"                         the sum of the KLs, t = 2..T
 * "prior_bits"                      KL(q(x_T | x_0) || p(x_T))
 * "k_bits_per_dimension"            K / dim
 * "bits_per_dimension"              code length of the data, -K / dim; with dequantize=w the discrete data's,
 *                                   -K / dim - log2 w, but with edge=discretized K is theirs as it stands
 * flow
 * "log_density_bits"                log2 density
 * "standard_error_bits"             of log_density_bits, over samples; NaN for one
 * "bits_per_dimension"              code length, -log_density_bits / dim; with dequantize=w less log2 w
 * "evaluations"                     of the network for a draw, the mean
 * parzen
 * "log_density_bits"                log2 density
 * "standard_error_bits"             of log_density_bits, over samples; NaN for one
 * "bandwidth"                       s, in the unit of the data
 *
 * @return 0, DIFFUSION_E_NAME or DIFFUSION_E_STATE (nothing has been run). Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_value(const diffusion_evaluator *evaluator, const char *quantity,
                                                         double *out);

/**
 * The term of every step (elbo), bits per sample, the mean over samples and draws: element t - 1 is the KL of step t;
 * element 0 is -E[log2 p(x_0 | x_1)]. Their sum and prior_bits make -K, unless steps=m: then each is the mean of what
 * was measured at its t, NaN where that is nothing, and kl_bits is the sum to trust.
 *
 * @param bits            Result, [T].
 * @param standard_error  Result, [T], over samples, NaN where there are less than two; may be NULL.
 * @return 0 or DIFFUSION_E_STATE (nothing has been run; a kind without terms). Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_terms(const diffusion_evaluator *evaluator, double *bits,
                                                         double *standard_error);

/**
 * The figure of every sample: K, or the log density.
 *
 * @param bits            Result, [n], bits.
 * @param standard_error  Result, [n], of each over its draws; 0 where nothing is drawn, NaN for one draw; may be NULL.
 * @param count           Must be n of the last run.
 * @return 0, DIFFUSION_E_SHAPE or DIFFUSION_E_STATE (nothing has been run). Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_samples(const diffusion_evaluator *evaluator, double *bits,
                                                           double *standard_error, size_t count);

/** The complete spec, defaults spelled out. Lives as long as the evaluator. Since 0.1. */
DIFFUSION_API const char *diffusion_evaluator_spec(const diffusion_evaluator *evaluator);

/** Releases the handle; NULL is allowed. Since 0.1. */
DIFFUSION_API void diffusion_evaluator_free(diffusion_evaluator *evaluator);

DIFFUSION_END

#endif

/**
 * Measures models on data, and samples against data.
 *
 *     diffusion_evaluator_create(&evaluator, model, schedule, "elbo draws=4 seed=1");
 *     diffusion_evaluator_run(evaluator, x0, NULL, n);
 *     diffusion_evaluator_value(evaluator, "k_bits", &bits);
 *
 * - elbo: the paper's lower bound K on log p(x_0), term by term (section 2.4 of the paper)
 * - flow: log p(x_0) of the probability flow, which is another model than the chain (arXiv:2011.13456)
 * - iwae: a bound that comes to log p(x_0) itself as its trajectories grow in number (arXiv:1509.00519)
 * - parzen: the log density of data under a Gaussian of one width around each of the model's samples, as the
 *   literature's tables have it (Breuleux et al. 2011)
 * - moments: how large the noise is that the model sees in x_t, step by step, for variance=analytic and
 *   spacing=optimal (moments.h)
 *
 * Two sets of rows compared, with nothing known of where they come from; the data is the reference, the samples are
 * run. Each depends on the unit of the data, and means most beside its own figure for data that was held out:
 *
 * - sliced_wasserstein: the Wasserstein distance of order 2 along random directions
 * - mmd: the squared maximum mean discrepancy
 * - two_sample: whether the nearest of all rows is of the same set
 * - nearest: how near samples come to the data
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
 * KL(q(x_T | x_0) || p(x_T)). KLs are closed forms; only x_t is drawn, and t with terms=sampled. Keys: draws (of x_t
 * per sample and step), terms, steps and time_draws (below), seed, edge=forward|model|discretized (p(x_0 | x_1): the
 * paper's rule, the forward kernel with beta_1, whose term is closed too; the model's own law; or its mass in the bins
 * of discrete data spread over -1..1), levels and cdf (of discretized data: the normal distribution function, or
 * published code's approximation by tanh), dequantize (width of the uniform noise added to each value of x_0). For data
 * of variance 1 this is the paper's equation 14; it is a bound for any other.
 *
 * terms=all takes every t: n draws T passes through the network. With terms=sampled steps=m, m 20 unless it is given,
 * each draw takes m of the t = 2..T and weights their KLs by 1 / (m chance); the other terms are
 * measured in full. A pilot of one more t for every draw, with noise of its own, finds the chances: in proportion to
 * the root mean square of the KLs, a tenth spread evenly. K is then without bias for any model, and its standard error
 * covers the choice of t too. m of T - 1 or more is every t. terms=auto, the default, is sampled if steps is given.
 * time_draws=stratified takes one t from each of m strata of equal chance, antithetic the same at numbers u and 1 - u
 * in neighbouring strata (less variance still where the KLs change smoothly with t), independent none with regard to
 * the others (at m = 20 of 1000 the standard deviation of a sample's K was 1.9 times as large, MNIST). 20 of 1000 made
 * the error of K 1.2 times as large and the run 30 times as fast (digits of 8x8, schedule "cosine steps=1000").
 *
 * A chain of fewer steps is measured with chain=n: spacing=even visits 1..T evenly, optimal those of the best bound by
 * the model's moments (moments.h), steps_list= whole steps of the caller's, falling. variance=fixed_small|fixed_large|
 * analytic|analytic_ideal takes the place of the model's own, the last two as in samplers (moments.h; at the data
 * fixed_small's of the whole schedule, as in the published code); clip holds the model's x_0. t = 1, 2.. above are then
 * the steps visited.
 *
 * flow: the density of the x_0 that the deterministic flow dx/dt of the model's score makes of x_T ~ p(x_T), at the
 * noise of the level `from` (1: that of t = 1), by the change of variables along it. Keys: trace=exact (dim products
 * with the network's Jacobian a step; of callbacks by central differences, so give those in double), probe
 * (Hutchinson's estimate along one random direction a draw, without bias), auto (exact up to 16 dimensions); draws,
 * seed; rtol and atol of the Dormand-Prince steps, which each sample has of its own; dequantize. Gaussian kernel, any
 * schedule, those without signal at T included. It is no bound: on data of two modes it may be above or below log p of
 * the chain.
 *
 * iwae: log of the mean over `samples` trajectories x_{1..T} ~ q(. | x_0) of p(x_{0..T}) / q(x_{1..T} | x_0), every
 * step of them drawn. Its mean is a lower bound on log p(x_0), K's or better, rising with samples; how close it is
 * effective_samples tells, the number of equal weights that would be as good. n samples T passes. Keys: samples, seed,
 * edge, levels, cdf, dequantize, chain, spacing, steps_list, variance, clip, as of elbo. Both kernels.
 *
 * moments: for every t = 1..T draws of x_t ~ q(x_t | x_0), x_0 of rows of the data in turn, in orders of the seed's,
 * and the means of |epsilon(x_t)|^2 / dim and |epsilon - epsilon(x_t)|^2 / dim, epsilon(x_t) being the noise that the
 * model's output implies, whatever it predicts. Keys: rows (draws at every step; 0: as many as have 16384 values, 64 at
 * least), seed, dequantize. T rows passes. Gaussian kernel.
 *
 * parzen: log 1/m sum over the m samples of exp(-|x - sample|^2 / (2 s^2)) - dim/2 log(2 pi s^2). Keys: bandwidth (s; 0
 * chooses the one between minimum and maximum under which the data of the run is likeliest: use validation data, then
 * measure other data with it), minimum, maximum. It says more about m and s than about the model where dim is large
 * (arXiv:1511.01844), and depends on the unit of the data. Needs diffusion_evaluator_set_reference(), as all below do.
 *
 * sliced_wasserstein: the root of the mean over `projections` directions of the mean square difference between the
 * quantiles of both sets along each (arXiv:1304.7717's distance of order 2; sets of other sizes too). Exact for dim 1.
 * Of finite sets it is above 0 even if both have one law, so compare it with that of data held out, as many rows. Its
 * standard error comes from up to ten subsets of both; the directions are the seed's, and common to all runs. Keys:
 * projections, seed.
 *
 * mmd: mean k(x, x') + mean k(y, y') - 2 mean k(x, y) over different rows, k the mean of Gaussian kernels (Gretton et
 * al. 2012): without bias, so it may be negative. Key: widths, as multiples of the median distance between (up to 1000)
 * rows of the reference that differ. The standard error is that of a jackknife over both sets, which is up to 1.4 times
 * too large where the truth is 0. (n + m)^2 dim multiplications, those within the reference once for all runs.
 *
 * two_sample: of n = m rows each (of the larger set so many are taken at random) the share whose nearest neighbour in
 * both sets together is of their own: 0.5 if the sets have one law, towards 1 if not, towards 0 if samples lie on data.
 * Equally near ones count half. The standard error is binomial, but for rows that are each other's neighbours, which
 * count as one observation. Key: seed.
 *
 * nearest: the Euclidean distance of each sample to the nearest row of the reference, found exactly; its standard error
 * is that of the mean over samples. diffusion_evaluator_neighbours() says which row it is. No keys.
 *
 * @param model     NULL for all but elbo, flow, iwae and moments: samples may be anybody's.
 * @param schedule  NULL likewise.
 * @param spec      A kind and its keys; diffusion_help("evaluator") lists them all.
 * @return 0, DIFFUSION_E_SPEC, DIFFUSION_E_ARGUMENT (a NULL that the kind needs), DIFFUSION_E_KERNEL, DIFFUSION_E_SHAPE
 *         (rates for another number of bits), DIFFUSION_E_STEP (a schedule beyond the network's own steps),
 *         DIFFUSION_E_STATE (moments that the model lacks, or has of another schedule), DIFFUSION_E_MEMORY.
 * The caller frees *out, and may free `model` and `schedule` at any time. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_create(diffusion_evaluator **out, const diffusion_model *model,
                                                          const diffusion_schedule *schedule, const char *spec);

/**
 * Replaces the seeded generator (elbo, flow, iwae, moments; no other kind draws by it). Order of the draws of elbo: for
 * t = 1 (none with edge=forward), then t = 2 and so on up to T, for every sample, for every draw: the noise that makes
 * x_t of x_0. With terms=sampled for the m terms in place of the T - 1 steps; which t they are, and the pilot, stay the
 * seed's. The callback's `sample` is i * draws + draw, its `step` is t. It also replaces the noise of dequantize,
 * before all others, as step = 0, uniform in [0, 1). flow: for every draw that of dequantize, then (trace=probe) the
 * direction, of mean 0 and variance 1, as step = 1. moments: for every draw that of dequantize, 1024 draws at a time,
 * then the noise of x_t as step = t; `sample` is the row of the data. iwae: after that of dequantize, for up to 1024
 * trajectories at a time, `sample` i * samples + k: for t = T down to 1 that which x_t is drawn with, as step = t.
 *
 * @param noise  NULL restores the generator.
 * @return 0 or DIFFUSION_E_ARGUMENT. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_set_noise(diffusion_evaluator *evaluator, diffusion_noise_fn *noise,
                                                             void *user);

/**
 * Sets the callback that hears of progress during a run, and may stop it. Its `done` and `total` count samples that go
 * through one pass (elbo: draws times terms; parzen: points times bandwidths' grids; mmd, two_sample and nearest: rows
 * whose distances are taken), or directions (sliced_wasserstein). It is called after every pass, and within one as
 * diffusion_sampler_set_progress() says.
 *
 * @param progress  NULL for none.
 * @return 0 or DIFFUSION_E_ARGUMENT. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_set_progress(diffusion_evaluator *evaluator,
                                                                diffusion_progress_fn *progress, void *user);

/**
 * Sets what a run is measured against: the model's samples (parzen), or the data that samples are compared with.
 *
 * @param samples  [m, dim], in the unit of what is run; copied.
 * @param m        At least 1.
 * @param dim      Values in a sample, 1..2^31 - 1; that of the model if there is one.
 * @return 0, DIFFUSION_E_STATE (a kind that needs none), DIFFUSION_E_ARGUMENT, DIFFUSION_E_SHAPE, DIFFUSION_E_NONFINITE
 *         or DIFFUSION_E_MEMORY. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_set_reference(diffusion_evaluator *evaluator, const float *samples,
                                                                 size_t m, size_t dim);

/**
 * Measures data, which the model should not have seen, or compares samples with the reference. The figures of the last
 * run that succeeded stay if this one fails.
 *
 * @param x0         [n, dim], scaled as the model expects; in the unit of the reference.
 * @param condition  Of n samples, or NULL (all kinds but elbo, flow, iwae and moments: NULL).
 * @param n          At least 1; mmd and two_sample: 2, as of the reference.
 * @return 0, DIFFUSION_E_ARGUMENT (n of 0; binomial data other than 0 and 1; discretized data more than half a bin
 *         outside -1..1; a condition that does not suit; mmd: a reference whose rows are all alike; flow of a callback:
 *         so little noise at `from` that rounding hides it, below some 2e-6 of x in float32, 3e-15 in double),
 *         DIFFUSION_E_LABEL, DIFFUSION_E_SHAPE, DIFFUSION_E_STATE (no reference set), DIFFUSION_E_NONFINITE (also a K of
 *         infinity less infinity: a model whose variance underflows to 0), DIFFUSION_E_MEMORY, or a callback's value.
 *         Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_run(diffusion_evaluator *evaluator, const float *x0,
                                                       const diffusion_condition *condition, size_t n);

/**
 * One figure of the last run, the mean over samples, in bits per sample unless its name says otherwise.
 *
 * elbo
 * "k_bits"                          the bound K; larger is better
 * "null_bits"                       L_null: the data's log likelihood under N(0, 1), with edge=discretized a mass of
 *                                   bins as K is, or bits at the prior's rate
 * "k_minus_null_bits"               K - L_null: what the model knows of the data
 * "standard_error_bits"             of k_bits, over samples (over draws for one sample); NaN for one draw of one
 *                                   sample; with terms=sampled it covers t too
 * "null_standard_error_bits"        of null_bits, over samples
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
 * iwae
 * "log_likelihood_bits"             the bound
 * "standard_error_bits"             of it, over samples; NaN for one
 * "bits_per_dimension"              code length, -log_likelihood_bits / dim; with dequantize=w less log2 w
 * "effective_samples"               sum of weights, squared, over the sum of their squares: the mean over samples
 * parzen
 * "log_density_bits"                log2 density
 * "standard_error_bits"             of log_density_bits, over samples; NaN for one
 * "bandwidth"                       s, in the unit of the data
 *
 * - sliced_wasserstein: "distance" (in the unit of the data) and its "standard_error", NaN for one row
 * - mmd: "mmd_squared" and its "standard_error", NaN for two rows; "bandwidth", the median that widths multiply
 * - moments: "data_variance" (of x_0, the mean over its values, dequantised), "mean_square_error" (of the noise, the
 *   mean over steps), "rows" (draws at every step)
 * - two_sample: "accuracy" and its "standard_error"; "sample_accuracy" and "data_accuracy", of which it is the mean
 * - nearest: "mean_distance" and its "standard_error", NaN for one sample; "median_distance"
 *
 * @param out  Receives the figure.
 * @return 0, DIFFUSION_E_NAME or DIFFUSION_E_STATE (nothing has been run). Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_value(const diffusion_evaluator *evaluator, const char *quantity,
                                                         double *out);

/**
 * The term of every step (elbo), bits per sample, the mean over samples and draws: element t - 1 is the KL of step t;
 * element 0 is -E[log2 p(x_0 | x_1)]. Their sum and prior_bits make -K, unless terms=sampled: then each is the mean of
 * what was measured at its t, NaN where that is nothing, and kl_bits is the sum to trust. Of a chain of fewer steps the
 * term of the jump from step t stands at t - 1, and 0 where it does not come.
 *
 * @param bits            Result, [T].
 * @param standard_error  Result, [T], over samples, NaN where there are less than two; may be NULL.
 * @return 0 or DIFFUSION_E_STATE (nothing has been run; a kind without terms). Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_terms(const diffusion_evaluator *evaluator, double *bits,
                                                         double *standard_error);

/**
 * The figure of every sample: K, the log density, or (nearest) the distance.
 *
 * @param bits            Result, [n], bits; distances in the unit of the data.
 * @param standard_error  Result, [n], of each over its draws; 0 where nothing is drawn, NaN for one draw; may be NULL.
 * @param count           Must be n of the last run.
 * @return 0, DIFFUSION_E_SHAPE or DIFFUSION_E_STATE (nothing has been run; a kind without such figures). Thread-safe.
 *         Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_samples(const diffusion_evaluator *evaluator, double *bits,
                                                           double *standard_error, size_t count);

/**
 * Which row of the reference is nearest to every sample (nearest); the first of equally near ones.
 *
 * @param rows   Result, [n], 0..m-1 of the reference of the last run.
 * @param count  Must be n of the last run.
 * @return 0, DIFFUSION_E_SHAPE or DIFFUSION_E_STATE (nothing has been run; another kind). Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_neighbours(const diffusion_evaluator *evaluator, int64_t *rows,
                                                              size_t count);

/**
 * The means of every step (moments): what diffusion_model_set_moments() stores.
 *
 * @param noise  Result, [T], element t - 1 that of step t: of the model's noise squared, for each value.
 * @param error  Result, [T]: of its error squared.
 * @return 0 or DIFFUSION_E_STATE (nothing has been run; another kind). Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_evaluator_moments(const diffusion_evaluator *evaluator, double *noise,
                                                           double *error);

/** The complete spec, defaults spelled out; NULL for NULL. Lives as long as the evaluator. Since 0.1. */
DIFFUSION_API const char *diffusion_evaluator_spec(const diffusion_evaluator *evaluator);

/**
 * The sentence of the last run of this handle that failed (by more than a NULL argument): what
 * diffusion_last_error() said in the thread of that call, for hosts that run calls on threads of their choosing.
 *
 * @return the handle's own text, never NULL, valid until its next failing call; "" if none has failed, and for NULL.
 * Since 0.1.
 */
DIFFUSION_API const char *diffusion_evaluator_error(const diffusion_evaluator *evaluator);

/** Releases the handle; NULL is allowed. Since 0.1. */
DIFFUSION_API void diffusion_evaluator_free(diffusion_evaluator *evaluator);

DIFFUSION_END

#endif

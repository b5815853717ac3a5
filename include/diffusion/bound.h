/**
 * Measures a model: the paper's lower bound K on log p(x_0) (section 2.4), term by term.
 *
 *     K = E[log p(x_0 | x_1)] - sum over t = 2..T of E[KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t))]
 *         - KL(q(x_T | x_0) || p(x_T))
 *
 * KLs are closed forms; only x_t is drawn. With the paper's edge rule (equation 44: p(x_0 | x_1) is the forward kernel
 * with beta_1) the first term is closed too. For data of variance 1 this is the paper's equation 14; it stays a bound
 * for any other. L_null is the data's log likelihood under p(x_T) as a model of x_0.
 */
#ifndef DIFFUSION_BOUND_H
#define DIFFUSION_BOUND_H

#include <diffusion/model.h>
#include <diffusion/runtime.h>

DIFFUSION_BEGIN

/** A finished measurement. Immutable, shared by any number of threads. */
typedef struct diffusion_bound diffusion_bound;

/**
 * Measures the bound on data that the model should not have seen.
 *
 * Keys: draws (of x_t per sample and step), seed, edge=forward|model|discretized (p(x_0 | x_1): the paper's rule, the
 * model's own Gaussian density, or its mass in the bins of 8-bit data), levels (of discretized data), dequantize (width
 * of uniform noise added to each value of x_0). diffusion_help("bound") lists them all.
 *
 * @param x0      [n, dim], scaled as the model expects.
 * @param labels  [n], or NULL.
 * @param spec    Such as "draws=4 seed=1"; "" or NULL for the defaults.
 * @return 0, DIFFUSION_E_SPEC, DIFFUSION_E_KERNEL, DIFFUSION_E_SHAPE, DIFFUSION_E_STEP, DIFFUSION_E_LABEL,
 *         DIFFUSION_E_NONFINITE, DIFFUSION_E_ARGUMENT (n of 0; binomial data other than 0 and 1, discretized data
 *         outside -1..1), DIFFUSION_E_MEMORY, or a callback's value.
 * The caller frees *out. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_bound_evaluate(diffusion_bound **out, const diffusion_model *model,
                                                        const diffusion_schedule *schedule, const float *x0,
                                                        const int32_t *labels, size_t n, const char *spec);

/**
 * The same with noise and progress of the caller's. Order of the draws: for t = 1 (none with edge=forward), then t = 2
 * and so on up to T, for every sample, for every draw: the noise that makes x_t of x_0. The callback's `sample` is
 * i * draws + draw, its `step` is t.
 *
 * @param noise     NULL for the seeded generator. It also replaces the noise of dequantize, as step = 0, uniform in [0,
 * 1).
 * @param progress  In steps t; NULL for nobody.
 * @return as diffusion_bound_evaluate(). Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_bound_evaluate_with(diffusion_bound **out, const diffusion_model *model,
                                                             const diffusion_schedule *schedule, const float *x0,
                                                             const int32_t *labels, size_t n, const char *spec,
                                                             diffusion_noise_fn *noise, void *noise_user,
                                                             diffusion_progress_fn *progress, void *progress_user);

/**
 * One figure, the mean over samples, in bits per sample unless its name says otherwise.
 *
 * "k_bits"                          the bound K; larger is better
 * "null_bits"                       L_null
 * "k_minus_null_bits"               K - L_null: what the model knows of the data
 * "standard_error_bits"             of k_bits, over samples (over draws for one sample); NaN for one draw of one sample
 * "null_standard_error_bits"        of null_bits, over samples
 * "k_minus_null_standard_error_bits"
 * "draw_error_bits"                 the part of standard_error_bits that more draws would remove; NaN for one draw
 * "edge_bits"                       E[log2 p(x_0 | x_1)]
 * "kl_bits"                         the sum of the KLs, t = 2..T
 * "prior_bits"                      KL(q(x_T | x_0) || p(x_T))
 * "k_bits_per_dimension"            K / dim
 * "bits_per_dimension"              code length of the data, -K / dim; with dequantize=w the discrete data's, -K / dim
 * - log2 w
 *
 * @return 0 or DIFFUSION_E_NAME. Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_bound_value(const diffusion_bound *bound, const char *quantity, double *out);

/**
 * The term of every step, bits per sample, the mean over samples and draws: element t - 1 is the KL of step t; element
 * 0 is -E[log2 p(x_0 | x_1)]. Their sum and prior_bits make -K.
 *
 * @param bits            Result, [T].
 * @param standard_error  Result, [T]; may be NULL.
 * @return 0. Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_bound_terms(const diffusion_bound *bound, double *bits,
                                                     double *standard_error);

/**
 * K of every sample.
 *
 * @param bits   Result, [n], bits.
 * @param count  Must be n.
 * @return 0 or DIFFUSION_E_SHAPE. Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_bound_samples(const diffusion_bound *bound, double *bits, size_t count);

/** Releases the handle; NULL is allowed. Since 0.1. */
DIFFUSION_API void diffusion_bound_free(diffusion_bound *bound);

DIFFUSION_END

#endif

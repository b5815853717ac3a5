/**
 * The paper's closed forms on plain arrays: forward steps and marginals, posteriors, divergences, entropies.
 *
 * Gaussian kernel (Table App.1 of the paper): q(x_t | x_{t-1}) = N(x_{t-1} sqrt(1 - beta_t), beta_t).
 * Binomial kernel: q(x_t | x_{t-1}) = B(x_{t-1} (1 - beta_t) + rate beta_t), bits are 0 or 1.
 *
 * Pure functions: thread-safe, and none allocates. Each also returns DIFFUSION_E_NONFINITE for a NaN or infinity in an
 * array that it reads, DIFFUSION_E_ARGUMENT for what the binomial kernel has not, a bit that is neither 0 nor 1 or a
 * probability outside 0..1, and DIFFUSION_E_MEMORY where an array of that many values cannot be addressed; on a failure
 * nothing is written.
 */
#ifndef DIFFUSION_PROCESS_H
#define DIFFUSION_PROCESS_H

#include <diffusion/schedule.h>

DIFFUSION_BEGIN

/**
 * Draws x_t from q(x_t | x_0). Gaussian: sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) noise (equation 4 of
 * arXiv:2006.11239). Binomial: 1 where noise < rate + alpha_bar_t (x_0 - rate), else 0.
 *
 * @param t      Steps, [n], each 1..T.
 * @param x0     Data, [n, dim], scaled as the model expects (binomial: 0 or 1).
 * @param noise  [n, dim]: standard normal draws (Gaussian), uniform draws in [0, 1) (binomial).
 * @param xt     Result, [n, dim]; may be `noise` or `x0` itself.
 * @return 0, DIFFUSION_E_STEP (nothing is written), DIFFUSION_E_SHAPE (per-bit rates of another number than dim),
 *         DIFFUSION_E_NONFINITE or DIFFUSION_E_ARGUMENT (noise outside 0..1, or no bit; binomial).
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_forward_sample(const diffusion_schedule *schedule, const int32_t *t,
                                                        const float *x0, const float *noise, size_t n, size_t dim,
                                                        float *xt);

/**
 * Draws one step, x_t from q(x_t | x_{t-1}).
 *
 * @param t         The step arrived at, 1..T.
 * @param previous  x_{t-1}, [n, dim].
 * @param noise     [n, dim], as for diffusion_forward_sample().
 * @param xt        Result, [n, dim]; may be `noise` or `previous` itself.
 * @return 0, DIFFUSION_E_STEP or DIFFUSION_E_SHAPE.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_forward_step(const diffusion_schedule *schedule, int32_t t,
                                                      const float *previous, const float *noise, size_t n, size_t dim,
                                                      float *xt);

/**
 * Draws a whole trajectory x_1..x_T step by step, from q(x_{1..T} | x_0) (equation 3 of the paper).
 *
 * @param x0     Data, [n, dim].
 * @param noise  [T, n, dim].
 * @param x      Result, [T, n, dim]; element t - 1 is x_t; may be `noise` itself.
 * @return 0 or DIFFUSION_E_SHAPE.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_forward_trajectory(const diffusion_schedule *schedule, const float *x0,
                                                            const float *noise, size_t n, size_t dim, float *x);

/**
 * The marginal q(x_t | x_0): mean and variance, or rate and its variance rate (1 - rate) for the binomial kernel.
 *
 * @param x0    [count]; binomial: a bit, or the probability that it is 1.
 * @param mean  Result, [count]; may be `x0` itself.
 * @param variance  Result, [count].
 * @return 0, DIFFUSION_E_STEP or DIFFUSION_E_SHAPE.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_marginal(const diffusion_schedule *schedule, int32_t t, const double *x0,
                                                  size_t count, double *mean, double *variance);

/**
 * The posterior q(x_{t-1} | x_t, x_0): mean and variance (equation 7 of arXiv:2006.11239), or rate and its variance
 * for the binomial kernel (by Bayes' rule). At t = 1 it is x_0 itself with variance 0.
 *
 * @param t   1..T.
 * @param x0  [count]; binomial: a bit, or the probability that it is 1.
 * @param xt  [count]; binomial: 0 or 1.
 * @param mean      Result, [count]; may be `x0` or `xt` itself.
 * @param variance  Result, [count].
 * @return 0, DIFFUSION_E_STEP or DIFFUSION_E_SHAPE.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_posterior(const diffusion_schedule *schedule, int32_t t, const double *x0,
                                                   const double *xt, size_t count, double *mean, double *variance);

/**
 * KL(N(mean1, variance1) || N(mean2, variance2)), summed over count independent components.
 *
 * @param mean1, mean2  [count].
 * @param variance1, variance2  [count], > 0.
 * @param nats  Receives one number, >= 0.
 * @return 0 or DIFFUSION_E_ARGUMENT (a variance that is not positive).
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_gaussian_kl(const double *mean1, const double *variance1, const double *mean2,
                                                     const double *variance2, size_t count, double *nats);

/**
 * KL(B(rate1) || B(rate2)), summed over count independent bits; infinite where rate2 rules out what rate1 allows.
 *
 * @param rate1, rate2  [count], 0..1.
 * @param nats  Receives one number, >= 0.
 * @return 0 or DIFFUSION_E_ARGUMENT (a rate outside 0..1).
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_bernoulli_kl(const double *rate1, const double *rate2, size_t count,
                                                      double *nats);

/**
 * The log probability of 8-bit data (or any number of levels, spread over -1..1) under a Gaussian, section 3.3 of
 * arXiv:2006.11239: the mass between x - 1/(levels-1) and x + 1/(levels-1), the outermost bins open.
 *
 * @param cdf    The distribution function: "normal" (NULL: likewise), or "tanh", the approximation that published bits
 *               per dimension use.
 * @param x      [count], -1..1.
 * @param mean, variance  [count], variance > 0.
 * @param levels 2..65536.
 * @param nats   Result, [count], each <= 0; with "tanh" at least log(1e-12), as in the published code.
 * @return 0, DIFFUSION_E_ARGUMENT or DIFFUSION_E_NAME (another cdf).
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_discretized_log_likelihood(const char *cdf, const double *x,
                                                                    const double *mean, const double *variance,
                                                                    size_t count, int32_t levels, double *nats);

/**
 * The entropy of a conditional of the forward process, summed over count components.
 *
 * which         of                       first      second
 * "step"        q(x_t | x_{t-1})         x_{t-1}    -
 * "marginal"    q(x_t | x_0)             x_0        -
 * "posterior"   q(x_{t-1} | x_t, x_0)    x_0        x_t
 *
 * @param first, second  [count]; binomial: x_t a bit, the others a bit or the probability that it is 1. For the
 * Gaussian kernel, whose entropies do not depend on them, they may be NULL.
 * @param nats  Receives one number; -infinity for the Gaussian posterior at t = 1.
 * @return 0, DIFFUSION_E_NAME, DIFFUSION_E_STEP, DIFFUSION_E_SHAPE, or DIFFUSION_E_ARGUMENT (NULL where needed).
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_entropy(const diffusion_schedule *schedule, const char *which, int32_t t,
                                                 const double *first, const double *second, size_t count, double *nats);

/**
 * The bounds on the reverse conditional's entropy (equations 24 and 36 of the paper):
 * H(X_t | X_{t-1}) + H(X_{t-1} | X_0) - H(X_t | X_0)  <=  H(X_{t-1} | X_t)  <=  H(X_t | X_{t-1}).
 *
 * For the binomial kernel the data's bits are taken to be 1 as often as the prior's (the mean over bits if the rates
 * differ). The upper bound holds where H(X_t) >= H(X_{t-1}).
 *
 * @param lower, upper  Receives nats per dimension; lower is -infinity for the Gaussian kernel at t = 1.
 * @return 0 or DIFFUSION_E_STEP.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_entropy_bounds(const diffusion_schedule *schedule, int32_t t, double *lower,
                                                        double *upper);

DIFFUSION_END

#endif

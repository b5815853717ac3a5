/** The forward process q: its kernel and how much it diffuses at each of the steps t = 1..T (section 2.1 of the paper).
 */
#ifndef DIFFUSION_SCHEDULE_H
#define DIFFUSION_SCHEDULE_H

#include <diffusion/status.h>

DIFFUSION_BEGIN

/** Immutable, shared by any number of threads. */
typedef struct diffusion_schedule diffusion_schedule;

/**
 * Makes a schedule.
 *
 * Kinds: "linear", "scaled_linear", "cosine", "sigmoid", "constant_rate" (beta_t = 1/(T-t+1), the paper's binomial
 * schedule), "betas values=b1,b2,…", "log_snr maximum=… minimum=… shares=…" (the log SNR falls in equal steps, or in as
 * many equal parts as there are shares, each in its share of the time), "trigonometric" (signal = cos(pi t / 2T)),
 * "linear_vp" (signal = 1 - t/T), "vp beta_min=… beta_max=…" (beta rises evenly in continuous time); and three that do
 * not preserve variance, "edm sigma_min=… sigma_max=… rho=…" and "ve sigma_min=… sigma_max=…" (x_t = x_0 + sigma
 * epsilon) and "flow shift=… power=…" (x_t = (1 - s) x_0 + s epsilon). Keys of all: steps=T, kernel=gaussian|binomial,
 * rate=r or r1,r2,… (binomial: the prior's rate for every bit, or for each), zero_terminal_snr=yes|no (curves of
 * betas). diffusion_help("schedule") lists them all.
 *
 * @param spec  Such as "cosine steps=1000" or "constant_rate steps=2000 kernel=binomial rate=0.2".
 * @return 0, DIFFUSION_E_SPEC, DIFFUSION_E_ARGUMENT or DIFFUSION_E_MEMORY.
 * Thread-safe. The caller frees *out. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_schedule_create(diffusion_schedule **out, const char *spec);

/**
 * Makes a schedule of given betas.
 *
 * @param betas  [steps], each in (0, 1], 1 at the last step alone; copied.
 * @param steps  T, 1..100000.
 * @param spec   Kernel keys only, such as "kernel=binomial rate=0.5"; "" or NULL for the Gaussian kernel.
 * @return 0, DIFFUSION_E_ARGUMENT (such a beta), DIFFUSION_E_SPEC or DIFFUSION_E_MEMORY.
 * Thread-safe. The caller frees *out. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_schedule_create_from_betas(diffusion_schedule **out, const double *betas,
                                                                    int32_t steps, const char *spec);

/** The number of steps T; 0 for NULL. Thread-safe. Since 0.1. */
DIFFUSION_API int32_t diffusion_schedule_steps(const diffusion_schedule *schedule);

/** The complete spec: made again from it, a schedule has the same bits; NULL for NULL. Lives as long as the schedule.
 * Since 0.1. */
DIFFUSION_API const char *diffusion_schedule_spec(const diffusion_schedule *schedule);

/**
 * Copies one quantity for all steps.
 *
 * "beta"                    beta_t, the diffusion rate
 * "alpha"                   1 - beta_t; this and the next three: schedules that preserve variance only
 * "alpha_bar"               product of alpha_1..alpha_t
 * "one_minus_alpha_bar"     the same without cancellation where alpha_bar is near 1
 * "log_alpha_bar"           natural logarithm of alpha_bar
 * "snr"                     alpha_bar / (1 - alpha_bar)
 * "log_snr"                 its natural logarithm
 * "posterior_variance"      variance of q(x_{t-1} | x_t, x_0); 0 at t = 1 (Gaussian kernel)
 * "posterior_log_variance"  its natural logarithm, with the value at t = 2 in place of t = 1's (Gaussian kernel)
 * "posterior_mean_x0"       coefficient of x_0 in the mean of q(x_{t-1} | x_t, x_0) (Gaussian kernel)
 * "posterior_mean_xt"       coefficient of x_t in it (Gaussian kernel)
 *
 * @param out  [T], element t - 1 belongs to step t.
 * @return 0, DIFFUSION_E_NAME (a quantity that is unknown, or not this schedule's), DIFFUSION_E_KERNEL (a Gaussian
 *         quantity of a binomial schedule).
 * Thread-safe. Allocates nothing. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_schedule_values(const diffusion_schedule *schedule, const char *quantity,
                                                         double *out);

/**
 * The noise level at a time: x_t = signal x_0 + sigma epsilon (bits: signal^2 is the chance that x_0's bit has not been
 * drawn anew). Between two whole steps log signal^2 is linear in t, or, with "log_snr", the log SNR; before a last
 * step without signal, the signal.
 *
 * @param t        0 (the data) .. T, any real number between.
 * @param signal   Receives the signal; may be NULL.
 * @param sigma    Receives sigma; may be NULL.
 * @param log_snr  Receives 2 log(signal / sigma), natural logarithm; infinite at t = 0, -infinite where signal is 0;
 *                 may be NULL.
 * @return 0 or DIFFUSION_E_STEP (t outside 0..T). Thread-safe. Allocates nothing. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_schedule_level(const diffusion_schedule *schedule, double t, double *signal,
                                                        double *sigma, double *log_snr);

/**
 * The time at which the log SNR has come down to a value: the inverse of diffusion_schedule_level().
 *
 * @param log_snr  Natural logarithm; above that of every t > 0 it is t = 0, below that of T it is T.
 * @param t        Receives the time, 0..T.
 * @return 0 or DIFFUSION_E_ARGUMENT (a NaN). Thread-safe. Allocates nothing. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_schedule_time(const diffusion_schedule *schedule, double log_snr, double *t);

/** Releases the handle; NULL is allowed. What was made from the schedule goes on living. Since 0.1. */
DIFFUSION_API void diffusion_schedule_free(diffusion_schedule *schedule);

DIFFUSION_END

#endif

/** Fits a model's reverse process to data, and keeps all that is needed to go on later to the same bits. */
#ifndef DIFFUSION_TRAINER_H
#define DIFFUSION_TRAINER_H

#include <diffusion/model.h>

DIFFUSION_BEGIN

/** Gradients, moments, averaged weights and position. For one thread at a time. */
typedef struct diffusion_trainer diffusion_trainer;

/**
 * Makes a trainer that changes `model` in place.
 *
 * objective  what is minimised, summed over a sample's values and divided by dim
 * bound      the paper's -K but for the prior's term, nats: T times KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t)), and
 *            at t = 1 T times -log p(x_0 | x_1), t drawn from 1..T
 * simple     (o - target)^2, the target being what `predict` names (epsilon: equation 14 of arXiv:2006.11239)
 * pair       (x_{t-1} - mean)^2 for pairs simulated by q
 * hybrid     simple + 0.001 of bound, the mean held fixed in that (equation 16 of arXiv:2102.09672)
 *
 * edge=model, the default, takes p(x_0 | x_1) for the model's own law, which samplers read. With edge=forward, the
 * paper's edge, nothing at t = 1 depends on the model: bound then draws t from 2..T (and is T - 1 times the KL), hybrid
 * is simple at t = 1, and the output (or its variance) at t = 1 stays untrained: draw samples with last=forward.
 * edge=discretized takes the mass of that law in the bin of x_0, of discrete data that is spread evenly over -1..1
 * (levels values; cdf as of the evaluator elbo) and not dequantized: a value that never changes costs nothing then.
 *
 * weight     what (o - target)^2 of simple and hybrid counts at a noise level, whatever t's law
 * none       1
 * min_snr    min(SNR, snr_gamma) of an error of x_0, SNR = signal^2 / sigma^2 (arXiv:2303.09556): of epsilon
 *            min(SNR, gamma) / SNR, of v min(SNR, gamma) / (SNR + 1)
 * edm        1 of EDM's F (arXiv:2206.00364): (s^2 + d^2) / (s d)^2 of x_0, s = sigma / signal, d = sigma_data
 * bound      what the bound makes of it, nats: T times the KL's factor for the model's fixed variance (the posterior's
 *            where it is learned); with times=continuous its limit -(T - 1) SNR'(t) / 2 (arXiv:2107.00630)
 *
 * times         the law of t; `real` ones lie between the steps too: for objective=simple, and no weights of steps' own
 * uniform       every step alike
 * continuous    real: from 1 to T alike
 * importance    steps in proportion to the root mean square of their last 10 losses once all have so many, each sample
 *               weighed against that (arXiv:2102.09672): the same mean loss. Checkpoints hold those losses. For the
 *               bound of samples of many values: of few, a loss tells little of its gradient.
 * lognormal     real: log(sigma / signal) is normal with p_mean, p_std (EDM), cut off at steps 1 and T
 * logit_normal  real: log(t / (T - t)) is normal with logit_mean, logit_std (arXiv:2403.03206), cut off at 1
 *
 * The last two weigh levels by drawing them more often. time_draws=antithetic draws t of samples 2i and 2i + 1 at
 * quantiles u and 1 - u, low_discrepancy spreads those of a batch evenly: each t keeps its law, whatever the batch, and
 * the mean loss varies less. diffusion_trainer_loss() draws by uniform in the place of importance.
 *
 * learn_schedule=yes moves beta_2..beta_T along the gradient of K as well, noise frozen and beta_1 fixed
 * (section 2.4.1). learn_schedule=log_snr moves a schedule "log_snr" (arXiv:2107.00630): maximum and minimum by the
 * bound's gradient, at a tenth of schedule_rate, and shares, 32 of them unless it has others, by the gradient of the
 * mean square of the losses at t > 1. It needs objective=bound, or hybrid with weight=bound, times=uniform, a model
 * with a learned variance that is told the level (time=log_snr), and each step measures the ends by a forward pass of
 * three sixteenths of the batch. docs/mathematics.md, section 11.
 *
 * post_hoc_ema=yes keeps two more averages, for diffusion_trainer_save_snapshot().
 *
 * optimizer=muon (Jordan et al. 2024) turns the momentum of each matrix of weights ([first size, product of the
 * others]) into its orthogonal factor before the step, scaled to the size of Adam's (arXiv:2502.16982); what is no
 * matrix goes by AdamW. U-Nets learn in a fraction of Adam's steps, at rates up to 8e-3; a step takes some 14 ms of a
 * core longer for a million weights. Networks with weights of each step's own are refused.
 *
 * Other keys: optimizer=adam|adamw|sgd|muon, rate, beta1, beta2, epsilon, momentum, weight_decay, warmup, decay, steps,
 * clip, ema, ema_warmup, batch, dequantize, seed. diffusion_help("trainer") lists them all.
 *
 * @param schedule  Its spec is stored with the model under "schedule".
 * @param spec      Such as "objective=hybrid optimizer=adamw rate=2e-4 ema=0.9995 batch=128 seed=1".
 * @return 0, DIFFUSION_E_SPEC, DIFFUSION_E_KERNEL, DIFFUSION_E_SHAPE (rates for another number of bits),
 *         DIFFUSION_E_STEP (the schedule goes beyond the network's own steps), DIFFUSION_E_STATE (a callback model),
 *         DIFFUSION_E_MEMORY.
 * The caller frees *out, and may free `model` and `schedule` at any time. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_trainer_create(diffusion_trainer **out, diffusion_model *model,
                                                        const diffusion_schedule *schedule, const char *spec);

/**
 * The samples that the next step should train on: which of `count` samples, in an order shuffled anew for each epoch.
 * It depends on seed and step alone, so a resumed run goes on where it stopped.
 *
 * @param count    The size of the data set, 1..2^32.
 * @param indices  Result, [n], each 0..count-1. Without repetition within an epoch of floor(count / n) steps if
 *                 n <= count.
 * @return 0 or DIFFUSION_E_ARGUMENT. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_trainer_draw(const diffusion_trainer *trainer, int64_t count, size_t n,
                                                      int64_t *indices);

/**
 * One step: draws t and noise for each sample, follows the gradient, averages.
 *
 * @param x0      [n, dim], scaled so that the prior N(0, 1) suits it (binomial: 0 or 1).
 * @param condition  Of n samples, or NULL. Values that are not observed play no part in the loss.
 * @param n       >= 1; allocates when it differs from the last call's, else not at all.
 * @param loss    Receives the batch's loss before the step; may be NULL.
 * @return 0, DIFFUSION_E_NONFINITE (data, loss, gradient or the weights that the step would make; nothing has changed),
 *         DIFFUSION_E_LABEL, DIFFUSION_E_SHAPE (a condition that does not suit), DIFFUSION_E_ARGUMENT (n of 0; binomial
 *         data other than 0 and 1), DIFFUSION_E_STATE (10^15 steps have been taken), DIFFUSION_E_MEMORY.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_trainer_step(diffusion_trainer *trainer, const float *x0,
                                                      const diffusion_condition *condition, size_t n, double *loss);

/**
 * The loss and its gradient for the next step's draws, without taking the step.
 *
 * @param x0         [n, dim], as for diffusion_trainer_step().
 * @param condition  Of n samples, or NULL.
 * @param n          At least 1.
 * @param loss       Receives the batch's loss; may be NULL.
 * @param gradient   Result, [count], all parameters one after another in the order of diffusion_model_parameter_name();
 *                   may be NULL.
 * @param count      Their number.
 * @return as diffusion_trainer_step(), and DIFFUSION_E_SHAPE (count). Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_trainer_gradient(diffusion_trainer *trainer, const float *x0,
                                                          const diffusion_condition *condition, size_t n, double *loss,
                                                          float *gradient, size_t count);

/**
 * The loss of samples that are not trained on, by the weights of diffusion_trainer_model(), without dropout. Its t and
 * noise depend on the seed and on `first` alone and are those of no step, so that one call after another, steps in
 * between, gives figures that can be compared. Training goes on to the same bits as without the call.
 *
 * @param x0         [n, dim], scaled as for diffusion_trainer_step().
 * @param condition  Of n samples, or NULL.
 * @param first      Index of the first sample: sample i has the draws of first + i, whichever call it is in.
 * @param loss       Receives the mean over the samples, of the trainer's objective.
 * @return as diffusion_trainer_step(). Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_trainer_loss(diffusion_trainer *trainer, const float *x0,
                                                      const diffusion_condition *condition, size_t n, uint64_t first,
                                                      double *loss);

/**
 * Changes keys of the trainer's spec in mid-run: rate, decay, steps and batch. The next step follows the new ones as if
 * they had been so from the beginning: decay=cosine steps=3000 at step 500 goes on at 0.93 of the rate, whatever it
 * was. Other keys may be given with the values that they have.
 *
 * @param spec  Such as "rate=1e-4 steps=3000".
 * @return 0, DIFFUSION_E_SPEC (a key that may not change, a bad value, decay without steps; nothing has changed) or
 *         DIFFUSION_E_MEMORY. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_trainer_change(diffusion_trainer *trainer, const char *spec);

/** Steps taken so far, those before a resume included; 0 for NULL. Since 0.1. */
DIFFUSION_API int64_t diffusion_trainer_steps(const diffusion_trainer *trainer);

/** The learning rate of the next step, warm-up and decay applied; 0 for NULL. Since 0.1. */
DIFFUSION_API double diffusion_trainer_rate(const diffusion_trainer *trainer);

/** The complete spec, defaults spelled out; NULL for NULL. Lives as long as the trainer, or until
 * diffusion_trainer_change(). Since 0.1. */
DIFFUSION_API const char *diffusion_trainer_spec(const diffusion_trainer *trainer);

/**
 * Stores a text with the trainer's checkpoints, such as the losses so far. Models do not get it: what is to stay with
 * them is diffusion_model_set_metadata()'s.
 *
 * @param key    UTF-8, not empty.
 * @param value  UTF-8; NULL removes the key.
 * @return 0, DIFFUSION_E_ARGUMENT or DIFFUSION_E_MEMORY. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_trainer_set_metadata(diffusion_trainer *trainer, const char *key,
                                                              const char *value);

/** Such a text, also after diffusion_trainer_resume(); NULL if there is none, and for NULL. Lives until the key is set
 * again. Since 0.1. */
DIFFUSION_API const char *diffusion_trainer_metadata(const diffusion_trainer *trainer, const char *key);

/**
 * Writes everything as one safetensors file, whole or not at all: weights, averaged weights, moments, specs, step,
 * texts.
 *
 * @return 0, DIFFUSION_E_IO or DIFFUSION_E_MEMORY. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_trainer_save(const diffusion_trainer *trainer, const char *path);

/**
 * Writes the two averages that post_hoc_ema=yes keeps, as one safetensors file, whole or not at all: of the weights
 * after steps i = 1..t in proportion to i^gamma, gamma such that the profile's standard deviation is 0.05 and 0.1 of t
 * (Karras et al. 2024, arXiv:2312.02696). Some 32 of them, evenly over a training, give averages of other widths by
 * diffusion_trainer_average(). A snapshot is a model file too, of the first average.
 *
 * @return 0, DIFFUSION_E_STATE (post_hoc_ema=no, or no step has been taken), DIFFUSION_E_IO or DIFFUSION_E_MEMORY.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_trainer_save_snapshot(const diffusion_trainer *trainer, const char *path);

/**
 * Makes the model whose weights are the average of any width, at the last of some snapshots' steps: the combination of
 * their averages, by weights that sum to 1, that comes nearest to it (algorithm 3 of arXiv:2312.02696).
 *
 * @param snapshots  Paths, [count], in any order: of one run, and each of another step.
 * @param width      Above 0, at most 1 / sqrt(12), the plain mean of all steps.
 * @param error      Receives how far the combined profile is from the one wanted, relative to its norm: some 0.003 for
 *                   widths of 0.03 to 0.15 from 32 even snapshots. May be NULL.
 * @return 0, DIFFUSION_E_SPEC (an error above 0.1), DIFFUSION_E_ARGUMENT, DIFFUSION_E_CONTENT (not snapshots, or not of
 *         one run), DIFFUSION_E_IO, DIFFUSION_E_FORMAT, DIFFUSION_E_MEMORY, or what diffusion_model_create() refuses
 *         the files' spec with.
 * The caller frees *out. Its metadata holds the width under "average_width". Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_trainer_average(diffusion_model **out, const char *const *snapshots,
                                                         size_t count, double width, double *error);

/**
 * Makes a trainer, with a model and schedule of its own, that goes on from a checkpoint to the same bits.
 *
 * @return 0, DIFFUSION_E_IO, DIFFUSION_E_FORMAT, DIFFUSION_E_CONTENT (also a file without a trainer),
 *         DIFFUSION_E_MEMORY, or what diffusion_model_create(), diffusion_schedule_create() and
 *         diffusion_trainer_create() refuse the file's specs with.
 * The caller frees *out. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_trainer_resume(diffusion_trainer **out, const char *path);

/**
 * The model with the averaged (EMA) weights, or the trained model itself with ema=0. Borrowed: lives as long as the
 * trainer and changes with every step. NULL for NULL. With ema=0 two trainers of one model share it, and its text
 * "schedule" is that of the trainer made last; checkpoints hold their own trainer's. Since 0.1.
 */
DIFFUSION_API const diffusion_model *diffusion_trainer_model(const diffusion_trainer *trainer);

/**
 * The schedule as it stands: the one given, or with learn_schedule the one reached. Borrowed: lives until the next
 * step; what is made of it (a sampler, say) keeps it alive. NULL for NULL. Since 0.1.
 */
DIFFUSION_API const diffusion_schedule *diffusion_trainer_schedule(const diffusion_trainer *trainer);

/**
 * The sentence of the last step, gradient or loss of this handle that failed (by more than a NULL argument): what
 * diffusion_last_error() said in the thread of that call, for hosts that run calls on threads of their choosing.
 *
 * @return the handle's own text, never NULL, valid until its next failing call; "" if none has failed, and for NULL.
 * Since 0.1.
 */
DIFFUSION_API const char *diffusion_trainer_error(const diffusion_trainer *trainer);

/** Releases the handle; NULL is allowed. The model keeps the weights reached. Since 0.1. */
DIFFUSION_API void diffusion_trainer_free(diffusion_trainer *trainer);

DIFFUSION_END

#endif

/** The reverse process p(x_{t-1} | x_t): a network, and how its output is read as mean and variance or as rates. */
#ifndef DIFFUSION_MODEL_H
#define DIFFUSION_MODEL_H

#include <diffusion/condition.h>
#include <diffusion/schedule.h>

DIFFUSION_BEGIN

/** Parameters, spec and metadata. Any number of threads may use a model that none changes. */
typedef struct diffusion_model diffusion_model;

/**
 * A network that lives outside the library.
 *
 * @param x          [n, dim].
 * @param time       [n], what the model's key time= says: steps t, 1..T, or log SNRs. Real numbers: samplers that visit
 *                   levels between two steps ask for those.
 * @param condition  Of these n samples, for the call alone; or NULL.
 * @param out        To fill, [n, outputs]: dim values, or 2 dim where the variance is learned (for a sample the dim
 *                   mean outputs stand before the dim variance outputs, as in improved-diffusion).
 * @return 0; anything else stops the library's call, which then returns that value.
 */
typedef int32_t diffusion_predict_fn(const float *x, const double *time, const diffusion_condition *condition, size_t n,
                                     float *out, void *user);

/**
 * The same in double, for closed forms and for measurements finer than float32.
 *
 * @param x          [n, dim].
 * @param time       [n].
 * @param condition  Of these n samples, for the call alone; or NULL.
 * @param out        To fill, [n, outputs].
 * @return as diffusion_predict_fn.
 */
typedef int32_t diffusion_predict_double_fn(const double *x, const double *time, const diffusion_condition *condition,
                                            size_t n, double *out, void *user);

/**
 * Makes a model with random parameters.
 *
 * Kinds: "mlp", "unet", and the paper's "rbf" and "multiscale". Keys of all: shape=…, classes=… (labels), condition=…
 * (width of a vector that each sample is conditioned on), predict=…, variance=…, time=step|log_snr|edm|ve (what
 * the network is told of time: the step, the log SNR, or of EDM and score SDEs log(sigma / signal) / 4 and log(sigma /
 * signal / 2)), sigma_data (of predict=edm).
 *
 * predict       the network's output o is                        mean of p(x_{t-1} | x_t)
 * epsilon       the noise in x_t                                 posterior mean of the x_0 that it implies
 * x0            x_0 (binomial: the log odds of its bits)         posterior mean (binomial: rate)
 * v             signal epsilon - sigma x_0                       posterior mean of the x_0 that it implies
 * mean          that mean itself (binomial: the rate); of the    o, or a x_t + b o (binomial: sigmoid(o))
 *               library's networks how far it is from a x_t, its
 *               best linear guess for data of variance 1, in
 *               units b of the guess's deviation
 * perturbation  the paper's perturbation of the forward step     (x_t - o)(1 - Sigma) + o with Sigma the variance
 *               (binomial: of its log odds)                      (binomial: sigmoid(o + logit of the forward rate))
 * flow          epsilon - x_0, the slope of flow matching        posterior mean of the x_0 that it implies
 * edm, edm_v    EDM's F, or -F (arXiv:2206.00364, table 1); a    likewise
 *               network of the library's reads c_in x_t, a
 *               callback x_t
 * velocity      dx_t/du, u = t/T: the slope of the schedule's    likewise
 *               own path (with the schedule flow that is flow)
 * scaled_score  sigma grad log p(x_t), which is -epsilon         likewise
 *
 * Chains that leave steps out read mean and perturbation as the x_0 that they imply at the network's own step.
 *
 * variance       Sigma, the variance of p(x_{t-1} | x_t); beta_t is the forward step's
 * fixed_small    the posterior's; at t = 1, where that is 0, the posterior's at t = 2 (as in improved DDPM's code), or
 *                beta_1 where variance is not preserved (edm, flow: their first levels may lie close together)
 * fixed_large    beta_t; at t = 1 as fixed_small
 * learned        sigmoid(s + logit(beta_t)), s the second half of the output (the paper's perturbation)
 * learned_range  exp(v log beta_t + (1-v) log posterior variance), v = (s+1)/2 (equation 15 of arXiv:2102.09672); at
 *                t = 1 the posterior's variance at t = 2 stands for its own
 * learned_raw    s itself, which has to be above 0: of models trained elsewhere (a trainer refuses it)
 *
 * With T = 1 beta_1 takes the place of the posterior's variance. docs/mathematics.md has all formulas.
 *
 * @param spec  Such as "mlp shape=8,8,1 width=256 depth=4 predict=epsilon variance=learned_range".
 * @param seed  Of the initial parameters.
 * @return 0, DIFFUSION_E_SPEC, DIFFUSION_E_ARGUMENT or DIFFUSION_E_MEMORY (also for more parameters than
 *         diffusion_set_parameter_limit() allows).
 * Thread-safe. The caller frees *out. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_create(diffusion_model **out, const char *spec, uint64_t seed);

/**
 * Makes a model of a network in any runtime. It works with schedules, samplers and evaluators; it cannot be trained or
 * saved by the library.
 *
 * @param spec     The keys that say how to read the output: "shape=2 predict=epsilon variance=fixed_small".
 * @param predict  Called from the thread that calls the library, at most 1024 samples at a time.
 * @return 0, DIFFUSION_E_SPEC, DIFFUSION_E_ARGUMENT or DIFFUSION_E_MEMORY.
 * The caller frees *out; `user` stays the caller's. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_create_callback(diffusion_model **out, const char *spec,
                                                               diffusion_predict_fn *predict, void *user);

/** The same with a network in double: neither x nor its output is rounded to float32. Since 0.1. */
DIFFUSION_API diffusion_status diffusion_model_create_callback_double(diffusion_model **out, const char *spec,
                                                                      diffusion_predict_double_fn *predict, void *user);

/**
 * Loads a model that diffusion_model_save() wrote, the averaged weights of a trainer's checkpoint, or a folder of
 * diffusers: a DDPMPipeline or DDIMPipeline of a UNet2DModel (model_index.json, unet, scheduler), or the unet folder
 * alone (config.json, diffusion_pytorch_model.safetensors or its shards, or a variant such as fp16 where it is alone).
 * Tensors may be F64, F32, F16 or BF16. A folder that is replaced while it is read is refused (DIFFUSION_E_IO).
 *
 * A folder becomes a "unet" of the same parameter names and shapes; images are [height, width, channels] here and
 * [channels, height, width] there, and a time step t here is t - 1 there. Its scheduler's prediction_type and
 * variance_type become `predict` and `variance`; a unet alone is taken to predict epsilon. Stored with the model are
 * the texts that diffusion_model_save_diffusers() left in the tensors' file, and "schedule" and "sampler", specs of the
 * schedule and of what the pipeline does when it is called without arguments, which a unet alone lacks: 1000 steps of
 * its scheduler (DDPMPipeline) or 50 of a DDIMScheduler (DDIMPipeline), all T where there are fewer. Where nothing is
 * said of how data was scaled, the texts "data.…" (scaling.h) are those of bytes scaled to -1..1, as diffusers' own
 * pipelines do it. Whatever option the library does not have is refused by its name. Pickle files (.bin) are never
 * read.
 *
 * @param path  A .safetensors file, or a folder.
 * @return 0, DIFFUSION_E_IO, DIFFUSION_E_FORMAT, DIFFUSION_E_CONTENT, DIFFUSION_E_SPEC, DIFFUSION_E_ARGUMENT or
 *         DIFFUSION_E_MEMORY.
 * Thread-safe. The caller frees *out. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_load(diffusion_model **out, const char *path);

/**
 * Writes parameters, spec and metadata as one safetensors file. The file appears whole or not at all, and holds nothing
 * that depends on the clock, the machine or the number of threads.
 *
 * @return 0, DIFFUSION_E_IO, DIFFUSION_E_STATE (a callback model) or DIFFUSION_E_MEMORY.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_save(const diffusion_model *model, const char *path);

/**
 * Loads a model from a file that lies in memory: the bytes of diffusion_model_save(), diffusion_model_save_memory() or
 * diffusion_trainer_save(), held to the same rules as a file; sentences say "memory" in place of the path.
 *
 * @param bytes  [size], at any alignment; the model keeps nothing of them. May be NULL if size is 0, which is too
 *               short.
 * @param size   In bytes, of the whole file.
 * @return 0, DIFFUSION_E_FORMAT, DIFFUSION_E_CONTENT, DIFFUSION_E_SPEC, DIFFUSION_E_ARGUMENT or DIFFUSION_E_MEMORY.
 * Thread-safe, as long as no thread changes the bytes. The caller frees *out. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_load_memory(diffusion_model **out, const void *bytes, size_t size);

/**
 * Writes the bytes of diffusion_model_save()'s file to memory, all of them or none. Ask for their number first:
 *
 *     diffusion_model_save_memory(model, NULL, 0, &needed);
 *     diffusion_model_save_memory(model, bytes, needed, NULL);
 *
 * The number stays the same until metadata or moments are set or forgotten: other parameters alone change it only where
 * moments go with them (moments.h).
 *
 * @param bytes     Result, [capacity]: the file, at any alignment; may be NULL if capacity is 0.
 * @param capacity  Bytes that there is room for; 0 to ask for their number alone.
 * @param needed    Receives the number of bytes of the file; may be NULL.
 * @return 0, DIFFUSION_E_SHAPE (a capacity above 0 that is too small; the sentence says what is needed),
 *         DIFFUSION_E_STATE (a callback model), DIFFUSION_E_ARGUMENT or DIFFUSION_E_MEMORY.
 * Thread-safe, as long as no thread changes the model. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_save_memory(const diffusion_model *model, void *bytes, size_t capacity,
                                                           size_t *needed);

/**
 * Writes a model of the kind "unet" as a folder that diffusers' DDPMPipeline.from_pretrained() reads: model_index.json,
 * unet/config.json, unet/diffusion_pytorch_model.safetensors (F32) and scheduler/scheduler_config.json, as its version
 * 0.26.3 does. Folders are made where they are missing, and whatever else is in them stays. Over another pipeline the
 * new files are all written beside the old ones, then model_index.json is removed, the others are replaced, and it
 * appears last: a save that is stopped leaves the old pipeline, the new one, or a folder that diffusion_model_load()
 * refuses until it is written again. One writer at a time: a second is refused, and so is a folder with shards.
 *
 * A text "sampler" stored with the model says which scheduler: the class of diffusers 0.33.1 that has its kind on this
 * schedule (ancestral: DDPMScheduler; ddim: DDIMScheduler; dpmsolver++ and its forms, deis, unipc, sa_solver, euler,
 * heun, lms, kdpm2, their ancestral forms, pndm, ipndm; on edm and flow schedules EDM's and FlowMatch's), with all its
 * options, so that diffusion_model_load() makes the same of it. A folder says nothing of steps: a DDIMPipeline for
 * "ddim" (a DDPMPipeline of a DDIMScheduler where it says steps=1000), a DDPMPipeline for all others. diffusers' own
 * DDPMPipeline does not scale what a network reads, as the classes in sigma (Euler, Heun, LMS, KDPM2, EDM's) need: take
 * those from the folder by their class. Samples of the pipeline are in the model's own scale, and diffusers shows -1..1
 * as black to white; the model's other texts go into the tensors' file, where diffusion_model_load() finds them again.
 *
 * @param schedule  Gaussian kernel. Betas that diffusers has no formula for are written out.
 * @return 0, DIFFUSION_E_SPEC (another network; predict=mean or perturbation, variance=learned, or a key of the sampler
 *         that its scheduler has otherwise, which is named), DIFFUSION_E_KERNEL, DIFFUSION_E_STATE (a callback model),
 *         DIFFUSION_E_IO or DIFFUSION_E_MEMORY. Nothing is written unless all of it can be said.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_save_diffusers(const diffusion_model *model,
                                                              const diffusion_schedule *schedule, const char *path);

/** The number of values in one sample, the product of the shape; 0 for NULL. Since 0.1. */
DIFFUSION_API size_t diffusion_model_dim(const diffusion_model *model);

/** The number of values that the network gives for one sample: dim, or 2 dim with a learned variance; 0 for NULL. Since
 * 0.1. */
DIFFUSION_API size_t diffusion_model_outputs(const diffusion_model *model);

/** The number of classes that labels may name; 0 where there are none, and for NULL. Since 0.1. */
DIFFUSION_API int32_t diffusion_model_classes(const diffusion_model *model);

/**
 * The shape of one sample.
 *
 * @param shape     Result, [capacity]: the first so many sizes, such as 28,28,1; may be NULL if capacity is 0.
 * @param rank      Receives the number of sizes.
 * @return 0 or DIFFUSION_E_ARGUMENT. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_shape(const diffusion_model *model, int64_t *shape, size_t capacity,
                                                     size_t *rank);

/** The complete spec, defaults spelled out; NULL for NULL. Lives as long as the model. Since 0.1. */
DIFFUSION_API const char *diffusion_model_spec(const diffusion_model *model);

/**
 * The raw output of the network.
 *
 * @param x          [n, dim].
 * @param time       [n], what the model's key time= says: steps t, from 1 on, real numbers between them too, or log
 *                   SNRs. Networks with weights of each step's own (readout=steps, rbf) take the nearest step, which
 *                   must be one of theirs.
 * @param condition  Of n samples, or NULL.
 * @param out        Result, [n, outputs].
 * @return 0, DIFFUSION_E_STEP (time), DIFFUSION_E_LABEL, DIFFUSION_E_SHAPE or DIFFUSION_E_ARGUMENT (a condition that
 *         does not suit), DIFFUSION_E_NONFINITE (in x), DIFFUSION_E_MEMORY, or a callback's own value.
 * A sample's output has the same bits whatever else is in the batch. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_forward(const diffusion_model *model, const float *x, const double *time,
                                                       const diffusion_condition *condition, size_t n, float *out);

/**
 * Rewrites what one prediction says of x_t as another: both tell x_0 and the noise, x_t = signal x_0 + sigma epsilon.
 *
 * @param t       Time, above 0 and at most T.
 * @param from    What `output` is, by the names of predict= and keys of models that it hangs on: "velocity", "edm
 *                sigma_data=1".
 * @param to      What is wanted, likewise.
 * @param x       x_t, [count].
 * @param output  [count].
 * @param out     Result, [count]; may be `x` or `output` itself.
 * @return 0, DIFFUSION_E_ARGUMENT (NULL), DIFFUSION_E_SPEC, DIFFUSION_E_STEP, DIFFUSION_E_KERNEL (bits; nothing of x_0
 *         or of the noise is told there), DIFFUSION_E_NONFINITE (in x or output) or DIFFUSION_E_MEMORY.
 * Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_prediction_convert(const diffusion_schedule *schedule, double t,
                                                            const char *from, const char *to, const double *x,
                                                            const double *output, size_t count, double *out);

/**
 * Mean and variance of p(x_{t-1} | x_t), or rate and its variance for the binomial kernel.
 *
 * @param x          [n, dim].
 * @param t          [n], each 1..T.
 * @param condition  Of n samples, or NULL.
 * @param mean       Result, [n, dim].
 * @param variance   Result, [n, dim]; may be NULL.
 * @return 0, DIFFUSION_E_STEP, DIFFUSION_E_LABEL, DIFFUSION_E_KERNEL (predict or variance do not suit the schedule's
 *         kernel), DIFFUSION_E_SHAPE (rates for another number of bits; a condition that does not suit),
 *         DIFFUSION_E_ARGUMENT (likewise), DIFFUSION_E_NONFINITE (in x; a mean or variance that is not finite in
 *         float32, a rate outside 0..1), DIFFUSION_E_MEMORY, or a callback's own value.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_predict(const diffusion_model *model, const diffusion_schedule *schedule,
                                                       const float *x, const int32_t *t,
                                                       const diffusion_condition *condition, size_t n, float *mean,
                                                       float *variance);

/** The number of parameter tensors; 0 for a callback model, and for NULL. Since 0.1. */
DIFFUSION_API size_t diffusion_model_parameter_count(const diffusion_model *model);

/** The name of a parameter tensor, such as "hidden.0.weight"; NULL if index is out of range, and for NULL. Lives as
 * long as the model. Since 0.1. */
DIFFUSION_API const char *diffusion_model_parameter_name(const diffusion_model *model, size_t index);

/**
 * The shape of a parameter tensor.
 *
 * @param shape  Result, [capacity]: the first so many sizes; may be NULL if capacity is 0.
 * @param rank   Receives the number of sizes.
 * @return 0 or DIFFUSION_E_NAME. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_parameter_shape(const diffusion_model *model, const char *name,
                                                               int64_t *shape, size_t capacity, size_t *rank);

/**
 * Copies a parameter tensor out, row-major.
 *
 * @param values  Result, [count].
 * @param count   Must be the tensor's size.
 * @return 0, DIFFUSION_E_NAME or DIFFUSION_E_SHAPE. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_parameter(const diffusion_model *model, const char *name, float *values,
                                                         size_t count);

/**
 * Copies a parameter tensor in, row-major.
 *
 * @param values  [count], finite.
 * @param count   Must be the tensor's size.
 * @return 0, DIFFUSION_E_NAME, DIFFUSION_E_SHAPE or DIFFUSION_E_NONFINITE. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_set_parameter(diffusion_model *model, const char *name,
                                                             const float *values, size_t count);

/**
 * A text stored with the model, such as how its data was scaled (scaling.h). The keys "format", "model", "schedule" and
 * those that begin with "trainer" are the library's; "schedule" is set by the trainer.
 *
 * @return the text, or NULL if there is none, and for NULL. Lives until the key is set again. Since 0.1.
 */
DIFFUSION_API const char *diffusion_model_metadata(const diffusion_model *model, const char *key);

/**
 * Stores a text with the model, and with its averaged copy if a trainer is made of it later.
 *
 * @param value  UTF-8; NULL removes the key.
 * @return 0, DIFFUSION_E_ARGUMENT (a reserved or empty key, not UTF-8) or DIFFUSION_E_MEMORY. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_set_metadata(diffusion_model *model, const char *key, const char *value);

/** Releases the handle; NULL is allowed. Since 0.1. */
DIFFUSION_API void diffusion_model_free(diffusion_model *model);

DIFFUSION_END

#endif

/**
 * Codes discrete data without loss, in as many bits as the bound K says that it has.
 *
 *     diffusion_coder_create(&coder, model, schedule, "bits_back steps=100");
 *     diffusion_coder_encode(coder, x0, NULL, n);
 *     diffusion_coder_save(coder, "data.bits");
 *
 *     diffusion_coder_load(&coder, model, schedule, "data.bits");
 *     diffusion_coder_decode(coder, x0, NULL, n);
 *
 * Bits-back coding (arXiv:1901.04866) over the chain: each x_t is drawn from q(x_t | x_{t-1}) with bits of what is
 * coded already, which decoding gives back, and x_{t-1} is coded by p(x_{t-1} | x_t), with one number of asymmetric
 * numeral systems (arXiv:1311.2540). A sample adds -K in the mean, so that the length of the code proves the bound.
 * Above that the code has some 230 bytes of header and the bits that the first samples draw with ("initial_bits": some
 * 6 for each value of one sample). "k_bits" is by densities on the grid of x_t: with cells=2 up to 0.02 bits a value
 * too good.
 *
 * Decoding needs the very numbers that encoding had: the same model and schedule, the same version of the library, the
 * same kernels of OpenBLAS and the same arithmetic. The file says which, with the outputs of a probe, and another's is
 * refused; and what is decoded must have the checksum of what was coded, or nothing is given. The number of threads and
 * the order of batches change no bits. It is no format to keep data in for years.
 */
#ifndef DIFFUSION_CODER_H
#define DIFFUSION_CODER_H

#include <diffusion/model.h>
#include <diffusion/runtime.h>
#include <diffusion/schedule.h>

DIFFUSION_BEGIN

/** A coder, and the data that it has coded or loaded. For one thread at a time while it runs; its figures may be read
 * by the callbacks of a run, as an evaluator's. */
typedef struct diffusion_coder diffusion_coder;

/**
 * Makes a coder.
 *
 * bits_back, the one kind. Keys: steps, spacing and variance (the chain, as of evaluator elbo: which steps of the
 * schedule the chain has; each is a pass of the network for every sample, there and back), cells (the grid of x_t),
 * levels (values of the data), edge (of bits), batch.
 *
 * @param spec  A kind and its keys; diffusion_help("coder") lists them all.
 * @return 0, DIFFUSION_E_SPEC (also a step with too little noise for a grid), DIFFUSION_E_KERNEL, DIFFUSION_E_SHAPE
 *         (rates for another number of bits), DIFFUSION_E_STEP, DIFFUSION_E_STATE (moments that the model has not),
 *         DIFFUSION_E_MEMORY.
 * The caller frees *out, and may free `model` and `schedule` at any time. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_coder_create(diffusion_coder **out, const diffusion_model *model,
                                                      const diffusion_schedule *schedule, const char *spec);

/**
 * Makes a coder of a file that diffusion_coder_save() wrote, with its spec and the data that is coded in it.
 *
 * @return as diffusion_coder_create(), and DIFFUSION_E_IO, DIFFUSION_E_FORMAT (no such file, or a damaged one),
 *         DIFFUSION_E_CONTENT (coded by another model, schedule, version, or arithmetic).
 * The caller frees *out. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_coder_load(diffusion_coder **out, const diffusion_model *model,
                                                    const diffusion_schedule *schedule, const char *path);

/**
 * Sets the callback that hears of progress, in samples times steps, and may stop it, as
 * diffusion_sampler_set_progress() has it.
 *
 * @param progress  NULL for none.
 * @return 0, DIFFUSION_E_ARGUMENT, or DIFFUSION_E_STATE (within a run). Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_coder_set_progress(diffusion_coder *coder, diffusion_progress_fn *progress,
                                                            void *user);

/**
 * Codes data, in place of what was coded before; that stays if this fails.
 *
 * @param x0         [n, dim]: the middles of `levels` bins over -1..1, -1 + 2 k / (levels - 1), or bits, 0 and 1.
 * @param condition  Labels of n samples, which are coded with the data; or NULL.
 * @param n          At least 1.
 * @return 0, DIFFUSION_E_ARGUMENT (n of 0; a value that is none of these; a condition of more than labels),
 *         DIFFUSION_E_LABEL, DIFFUSION_E_SHAPE, DIFFUSION_E_NONFINITE, DIFFUSION_E_MEMORY, or the callback's value.
 * Memory: four times the code, and some arrays of batch * dim. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_coder_encode(diffusion_coder *coder, const float *x0,
                                                      const diffusion_condition *condition, size_t n);

/**
 * Gives back what has been coded, which stays.
 *
 * @param x0      Result, [n, dim]: the float32 nearest to each middle, or bits.
 * @param labels  Result, [n], -1 for none; may be NULL.
 * @param n       "samples" of diffusion_coder_value().
 * @return 0, DIFFUSION_E_STATE (nothing has been coded), DIFFUSION_E_SHAPE (another n), DIFFUSION_E_CONTENT (what comes
 *         out is not what was coded), DIFFUSION_E_NONFINITE, DIFFUSION_E_MEMORY, or the callback's value. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_coder_decode(diffusion_coder *coder, float *x0, int32_t *labels, size_t n);

/**
 * One figure of what has been coded; bits are the mean over samples. Those from "k_bits" on are known where the data
 * was coded, not from a file.
 *
 * "samples"               how many
 * "bytes"                 of the file
 * "code_bits"             the file's length
 * "bits_per_dimension"    the same over dim
 * "initial_bits"          the part of it that the first samples drew with
 * "k_bits"                log2 p(x_{0..T}) / q(x_{1..T} | x_0) of the trajectories drawn, one of each sample: in the
 *                         mean K, as evaluator elbo has it, of the coder's chain
 * "k_bits_per_dimension"  the same over dim
 * "label_bits"            of the labels, which K does not count
 *
 * @param out  Receives the figure.
 * @return 0, DIFFUSION_E_NAME or DIFFUSION_E_STATE (nothing has been coded). Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_coder_value(const diffusion_coder *coder, const char *quantity, double *out);

/**
 * Writes the code to a file, whole or not at all.
 *
 * @return 0, DIFFUSION_E_STATE (nothing has been coded), DIFFUSION_E_IO, DIFFUSION_E_MEMORY, or as a run for the probe.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_coder_save(diffusion_coder *coder, const char *path);

/** The complete spec, every key spelled out; the coder's own text. NULL for NULL. Thread-safe. Since 0.1. */
DIFFUSION_API const char *diffusion_coder_spec(const diffusion_coder *coder);

/**
 * The sentence of the last encode, decode or save of this handle that failed (by more than a NULL argument): what
 * diffusion_last_error() said in the thread of that call, for hosts that run calls on threads of their choosing.
 *
 * @return the handle's own text, never NULL, valid until its next failing call; "" if none has failed, and for NULL.
 * Since 0.1.
 */
DIFFUSION_API const char *diffusion_coder_error(const diffusion_coder *coder);

/** Frees a coder; NULL is allowed. Within a callback of its own run it goes when that ends. Since 0.1. */
DIFFUSION_API void diffusion_coder_free(diffusion_coder *coder);

DIFFUSION_END

#endif

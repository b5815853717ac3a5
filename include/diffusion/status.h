/** Status codes and the sentence that goes with the last failure. */
#ifndef DIFFUSION_STATUS_H
#define DIFFUSION_STATUS_H

#include <diffusion/export.h>

DIFFUSION_BEGIN

/**
 * What a fallible function returns: 0, one of the codes below, or the non-zero value of a callback that stopped it.
 * Codes stand in groups of ten and never change meaning. From other languages use the numbers or
 * diffusion_status_name().
 */
typedef int32_t diffusion_status;

#define DIFFUSION_OK 0 /**< The call has succeeded. */

/* -1x: the call. */
#define DIFFUSION_E_ARGUMENT (-10) /**< A NULL pointer, or a number outside its range. */
#define DIFFUSION_E_SPEC (-11)     /**< A spec that does not parse: unknown kind or key, bad value, contradiction. */
#define DIFFUSION_E_SHAPE (-12)    /**< Sizes that do not fit one another. */
#define DIFFUSION_E_STEP (-13)     /**< A step t outside 1..T. */
#define DIFFUSION_E_KERNEL (-14)   /**< The Gaussian or binomial kernel where the other is needed. */
#define DIFFUSION_E_NAME (-15)     /**< A parameter, quantity or topic that does not exist. */
#define DIFFUSION_E_STATE (-16)    /**< A call out of order, such as a step of a sampler that has finished. */
#define DIFFUSION_E_LABEL (-17)    /**< A class label outside the model's classes, or labels where there are none. */

/* -2x: resources. */
#define DIFFUSION_E_MEMORY (-20) /**< An allocation failed, or a size overflows size_t. */

/* -3x: files. */
#define DIFFUSION_E_IO (-30)     /**< The operating system refused to open, read, write or rename. */
#define DIFFUSION_E_FORMAT (-31) /**< A file that breaks its format's rules. */
#define DIFFUSION_E_CONTENT                                                                                            \
    (-32) /**< A sound file with the wrong content: tensors missing, unexpected, of another shape or not finite. */

/* -4x: numbers. */
#define DIFFUSION_E_NONFINITE (-40) /**< A NaN or infinity in data, loss or gradient. */

/**
 * Names a status: "ok", "argument", "spec", …; "callback" for any code that is not the library's.
 *
 * @return a static string, never NULL. Thread-safe. Since 0.1.
 */
DIFFUSION_API const char *diffusion_status_name(diffusion_status status);

/**
 * The sentence of the last failure in this thread: one line that names the argument, its value and what was expected.
 * Where a callback stopped the call it is "progress: stopped by the callback (7)", with the callback's name and value,
 * and behind it the sentence of the callback's own failing call, if it made one. Trainers, samplers, evaluators and
 * coders keep theirs too, for any thread to read: diffusion_trainer_error() and the like.
 *
 * @return this thread's own buffer, valid until its next failing call; "" if nothing has failed. Thread-safe. Since
 * 0.1.
 */
DIFFUSION_API const char *diffusion_last_error(void);

DIFFUSION_END

#endif

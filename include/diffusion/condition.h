/**
 * What each sample of a batch is conditioned on: a class, a vector, which of its values are observed. One opaque handle
 * that functions take in place of such arrays; NULL stands for a batch without any of them.
 */
#ifndef DIFFUSION_CONDITION_H
#define DIFFUSION_CONDITION_H

#include <diffusion/status.h>

DIFFUSION_BEGIN

/** The conditions of n samples. Any number of threads may read one that none changes; what would change it in a
 * callback of a call that reads it is DIFFUSION_E_STATE. */
typedef struct diffusion_condition diffusion_condition;

/**
 * Makes the conditions of n samples, with nothing set.
 *
 * @param n  The number of samples that the calls it is given to will have.
 * @return 0 or DIFFUSION_E_MEMORY.
 * Thread-safe. The caller frees *out. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_condition_create(diffusion_condition **out, size_t n);

/**
 * Sets each sample's class.
 *
 * @param labels  [n], 0..classes-1 of the model, or -1 for a sample without one; copied. NULL removes the labels.
 * @return 0, DIFFUSION_E_STATE (within a call that reads it) or DIFFUSION_E_MEMORY. Labels that a model does not have
 *         are refused where model and condition meet, by DIFFUSION_E_LABEL.
 * Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_condition_set_labels(diffusion_condition *condition, const int32_t *labels);

/**
 * Sets a vector for each sample, for models with the key condition=width.
 *
 * @param vectors  [n, width], finite; copied. NULL removes them. A model that takes vectors and is given none reads
 *                 zeros.
 * @param width    The model's; another is refused where model and condition meet, by DIFFUSION_E_SHAPE.
 * @return 0, DIFFUSION_E_NONFINITE, DIFFUSION_E_STATE (as above) or DIFFUSION_E_MEMORY. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_condition_set_vectors(diffusion_condition *condition, const float *vectors,
                                                               size_t width);

/**
 * Sets which values of each sample are observed. A trainer leaves the others out of its loss, whatever stands there;
 * a network behind a callback is told. The library's own networks do not read it: samplers and evaluators of such a
 * model refuse it by DIFFUSION_E_ARGUMENT (to draw what is missing see diffusion_sampler_set_known()).
 *
 * @param observed  [n, dim], other than 0 where the value is observed; copied. NULL removes it.
 * @param dim       The model's; another is refused where model and condition meet, by DIFFUSION_E_SHAPE.
 * @return 0, DIFFUSION_E_STATE (as above) or DIFFUSION_E_MEMORY. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_condition_set_observed(diffusion_condition *condition, const uint8_t *observed,
                                                                size_t dim);

/** The number of samples; 0 for NULL. Since 0.1. */
DIFFUSION_API size_t diffusion_condition_count(const diffusion_condition *condition);

/** The labels, [n]; NULL where none are set, and for NULL. They live until they are set again. Since 0.1. */
DIFFUSION_API const int32_t *diffusion_condition_labels(const diffusion_condition *condition);

/**
 * The vectors, [n, width]; NULL where none are set, and for NULL. They live until they are set again.
 *
 * @param width  Receives the width, 0 where none are set; may be NULL.
 * Since 0.1.
 */
DIFFUSION_API const float *diffusion_condition_vectors(const diffusion_condition *condition, size_t *width);

/** Which values are observed, [n, dim]; NULL where nothing is said, and for NULL. Lives until it is set again. Since
 * 0.1. */
DIFFUSION_API const uint8_t *diffusion_condition_observed(const diffusion_condition *condition);

/** Releases the handle; NULL is allowed. Since 0.1. */
DIFFUSION_API void diffusion_condition_free(diffusion_condition *condition);

DIFFUSION_END

#endif

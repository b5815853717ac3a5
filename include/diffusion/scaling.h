/**
 * The units of data: what a model was trained on stands in numbers of its own, (value - shift) / scale, and so do its
 * samples. These functions map between the two, in double.
 *
 *     diffusion_sampler_run(sampler, NULL, n, x);
 *     diffusion_model_to_data(model, x, n, values);
 *
 * The mapping is kept as texts with the model (diffusion_model_set_metadata()). Each is one finite number for all
 * values of a sample, or a list with commas and without spaces, one for each of its dim values:
 *
 * "data.shift", "data.scale"      x = (value - shift) / scale, scale > 0; 0 and 1 where the text is missing
 * "data.dequantize"               width of the uniform noise that spreads whole numbers, in the model's numbers:
 *                                 1 / scale, or 0 (and where it is missing) for values that are none. A value v has
 *                                 the interval from (v - shift) / scale on
 * "data.minimum", "data.maximum"  range of the training data, in its own units; without bound where missing
 *
 * The command writes them for what it trains; bits are left as they are; a folder of diffusers that says nothing gets
 * those of bytes (diffusion_model_load()). A program that scales data by itself may set them, for others to undo it.
 */
#ifndef DIFFUSION_SCALING_H
#define DIFFUSION_SCALING_H

#include <diffusion/model.h>

DIFFUSION_BEGIN

/**
 * From the data's units to the model's numbers: x = (value - shift) / scale, rounded to float32 last.
 *
 * Whole numbers come to the lower end of their intervals, as dequantize= of trainers and evaluators wants them, which
 * knows one width for all values; where columns have widths of their own, add the noise to x. For values that are known
 * or observed (diffusion_sampler_set_known()) give value + 0.5, the middle, where "dequantize" is not 0.
 *
 * @param values  [n, dim].
 * @param n       Samples; 0 is allowed.
 * @param x       Result, [n, dim]; must not overlap `values`.
 * @return 0, DIFFUSION_E_NONFINITE (in values; or what is beyond float32 once scaled), DIFFUSION_E_CONTENT (a text that
 *         is no such list, or a number out of its range), DIFFUSION_E_MEMORY. On failure x is untouched.
 * Thread-safe, as long as no thread changes the model. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_from_data(const diffusion_model *model, const double *values, size_t n,
                                                         float *x);

/**
 * And back: value = scale x + shift. Where "dequantize" is not 0, the whole number in whose interval it is, held to
 * minimum..maximum: diffusion_model_from_data()'s own x comes back as the number that it was.
 *
 * @param x       [n, dim].
 * @param n       Samples; 0 is allowed.
 * @param values  Result, [n, dim]; must not overlap `x`.
 * @return 0, DIFFUSION_E_NONFINITE (in x; or what is beyond double in the data's units), DIFFUSION_E_CONTENT or
 *         DIFFUSION_E_MEMORY, as above. On failure values is untouched.
 * Thread-safe, as long as no thread changes the model. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_to_data(const diffusion_model *model, const float *x, size_t n,
                                                       double *values);

/**
 * One number of the mapping for every value of a sample.
 *
 * @param quantity  "shift", "scale", "dequantize", "minimum" or "maximum", as above; the last two may be -+infinity.
 * @param values    Result, [dim].
 * @return 0, DIFFUSION_E_NAME, DIFFUSION_E_CONTENT or DIFFUSION_E_MEMORY.
 * Thread-safe, as long as no thread changes the model. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_scaling(const diffusion_model *model, const char *quantity,
                                                       double *values);

DIFFUSION_END

#endif

/**
 * Scores samples of any model by the Parzen window (Breuleux et al. 2011; Goodfellow et al. 2014, arXiv:1406.2661): a
 * Gaussian of one bandwidth s around each of the model's m samples, and the log density of held-out data under it,
 *
 *     log p(x) = log 1/m sum over i of exp(-|x - sample_i|^2 / (2 s^2)) - dim / 2 log(2 pi s^2).
 *
 * It is the only figure that models without a likelihood share, so the literature's tables have it; it says more about
 * m and s than about the model where dim is large (Theis et al. 2016, arXiv:1511.01844): prefer the bound (bound.h).
 * A density depends on the unit of the data. The published MNIST figures (10 000 samples; a GAN's 225 nats = 325 bits)
 * are for pixels scaled to 0..1.
 */
#ifndef DIFFUSION_PARZEN_H
#define DIFFUSION_PARZEN_H

#include <diffusion/status.h>

DIFFUSION_BEGIN

/**
 * Measures each point's log density under the window.
 *
 * Distances come of products in float32 about the samples' mean; one that a product cannot tell well enough, and that
 * counts, is computed in double. Each value is right to about 1e-4 nats.
 *
 * @param samples    What the model has drawn, [m, dim].
 * @param data       The points to measure, [n, dim], in the same unit.
 * @param bandwidth  The standard deviation s of each Gaussian, in that unit.
 * @param nats       Result, [n]: log density, natural logarithm; divide by log 2 for bits.
 * @return 0, DIFFUSION_E_ARGUMENT (m, n or dim of 0, dim above 2^31 - 1; bandwidth outside 1e-150..1e150),
 *         DIFFUSION_E_NONFINITE (in samples or data) or DIFFUSION_E_MEMORY.
 * Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_parzen_evaluate(const float *samples, size_t m, const float *data, size_t n,
                                                         size_t dim, double bandwidth, double *nats);

/**
 * Chooses the bandwidth under which validation data is likeliest on average: the best of 16 values spaced evenly in
 * logarithm, then twice more of 16 between its neighbours. Measure other data than this with it.
 *
 * @param samples    [m, dim].
 * @param data       The validation data, [n, dim].
 * @param minimum    Where the search begins, at least 1e-150.
 * @param maximum    Where it ends, at most 1e150. A result at either end says that the range was too narrow.
 * @param bandwidth  Result, in minimum..maximum.
 * @return as diffusion_parzen_evaluate(); DIFFUSION_E_ARGUMENT also for a range that is none.
 * Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_parzen_bandwidth(const float *samples, size_t m, const float *data, size_t n,
                                                          size_t dim, double minimum, double maximum,
                                                          double *bandwidth);

DIFFUSION_END

#endif

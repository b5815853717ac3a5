/* The mean of p(x_to | x_from) itself; of bits the rate. A network answers in free numbers of unit size, which are read
 * as that: of bits as the log odds, since a rate that training moves would leave 0..1; else as
 *
 *     mean = a x_from + b o
 *
 * with a x_from the best linear guess of the mean, for data of variance 1, and b the guess's deviation. Unscaled, an
 * error of a hundredth would drown what a step of a long chain moves. */
#include "model/prediction.h"

#include <math.h>
#include <string.h>

prediction_target prediction_mean_target(const prediction_step *at)
{
    const level_posterior q = level_posterior_of(at->to, at->from);
    return (prediction_target){q.x0 + q.xt * at->from->signal, q.xt * at->from->sigma};
}

/* What x_from does not tell of the mean is what it does not tell of x_0: b drops out, and `to` with it. */
static prediction_target network_target(const noise_level *from)
{
    const double whole = hypot(from->signal, from->sigma);
    return (prediction_target){from->sigma / whole, -from->signal / whole};
}

static prediction_target target(const prediction_step *at, double variance, prediction_target *slope)
{
    (void)variance, (void)slope;
    return at->of_network ? network_target(at->from) : prediction_mean_target(at);
}

static void law_of(const prediction_step *at, law out, const double *x, const double *output, size_t dim)
{
    (void)x;
    if (at->of_network)
        at->kernel->methods->from_natural(at->kernel, out.mean, output, dim);
    else
        memmove(out.mean, output, dim * sizeof *output);
    for (size_t j = 0; j < dim; j++)
        out.variance[j] = out.mean[j] * (1.0 - out.mean[j]);
}

static void law_backward(const prediction_step *at, double *doutput, law value, const double *dnatural, const double *x,
                         const double *output, size_t dim)
{
    (void)x, (void)output;
    memcpy(doutput, dnatural, dim * sizeof *doutput);
    if (!at->of_network)
        at->kernel->methods->slope_by_mean(at->kernel, doutput, value, dim);
}

const prediction mean_prediction = {.name = "mean", .target = target, .law = law_of, .law_backward = law_backward};

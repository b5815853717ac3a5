/* The mean of p(x_to | x_from) itself; of bits the rate, or of a network its log odds: a rate that training moves, or
 * that a network begins with, would leave 0..1. */
#include "model/prediction.h"

#include <string.h>

prediction_target prediction_mean_target(const prediction_step *at)
{
    const level_posterior q = level_posterior_of(at->to, at->from);
    return (prediction_target){q.x0 + q.xt * at->from->signal, q.xt * at->from->sigma};
}

static prediction_target target(const prediction_step *at, double variance, prediction_target *slope)
{
    (void)variance, (void)slope;
    return prediction_mean_target(at);
}

static void law_of(const prediction_step *at, law out, const double *x, const double *output, size_t dim)
{
    (void)x;
    if (at->unbounded)
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
    if (!at->unbounded)
        at->kernel->methods->slope_by_mean(at->kernel, doutput, value, dim);
}

const prediction mean_prediction = {.name = "mean", .target = target, .law = law_of, .law_backward = law_backward};

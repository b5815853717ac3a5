/* x_0; of kernels that are not additive the natural parameters of its law (bits: log odds), which gives the mixture of
 * the posteriors. */
#include "model/prediction.h"

static prediction_target target(const prediction_step *at, double variance, prediction_target *slope)
{
    (void)at, (void)variance, (void)slope;
    return (prediction_target){1.0, 0.0};
}

static void law_of(const prediction_step *at, law out, const double *x, const double *output, size_t dim)
{
    at->kernel->methods->from_natural(at->kernel, out.mean, output, dim);
    at->kernel->methods->posterior(at->kernel, out, at->to, at->from, out.mean, x, dim);
}

static void law_backward(const prediction_step *at, double *doutput, law value, const double *dnatural, const double *x,
                         const double *output, size_t dim)
{
    at->kernel->methods->posterior_backward(at->kernel, doutput, at->to, at->from, output, x, value, dnatural, dim);
}

const prediction x0_prediction = {.name = "x0", .target = target, .law = law_of, .law_backward = law_backward};

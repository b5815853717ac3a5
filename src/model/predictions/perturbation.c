/* The paper's perturbation of the forward step: the mean is (x - o)(1 - Sigma) + o with Sigma the variance; of bits the
 * output is added to the log odds of the forward step's rate. */
#include "model/prediction.h"

/* o = (mean - x (1 - Sigma)) / Sigma, its x_0 and noise those of mean and x. */
static prediction_target target(const prediction_step *at, double variance, prediction_target *slope)
{
    const prediction_target mean = prediction_mean_target(at);
    const double signal = at->from->signal, sigma = at->from->sigma;
    const double x0 = (mean.x0 - signal) / variance, epsilon = (mean.epsilon - sigma) / variance;
    *slope = (prediction_target){-x0, -epsilon};
    return (prediction_target){signal + x0, sigma + epsilon};
}

/* The forward step from x_to, applied to x_from in its place. */
static void law_of(const prediction_step *at, law out, const double *x, const double *output, size_t dim)
{
    const kernel_class *methods = at->kernel->methods;
    methods->step(at->kernel, out, at->to, at->from, x, dim);
    methods->to_natural(at->kernel, out.mean, out.mean, dim);
    for (size_t j = 0; j < dim; j++)
        out.mean[j] += output[j];
    methods->from_natural(at->kernel, out.mean, out.mean, dim);
    for (size_t j = 0; j < dim; j++)
        out.variance[j] = out.mean[j] * (1.0 - out.mean[j]);
}

static void law_backward(const prediction_step *at, double *doutput, law value, const double *dnatural, const double *x,
                         const double *output, size_t dim)
{
    (void)at, (void)value, (void)x, (void)output;
    for (size_t j = 0; j < dim; j++)
        doutput[j] = dnatural[j];
}

const prediction perturbation_prediction = {
    .name = "perturbation", .depends_on_variance = 1, .target = target, .law = law_of, .law_backward = law_backward};

/* The data of a run of the bound, and the terms that need nothing else. */
#include "evaluate/elbo_run.h"

#include "base/error.h"

#include <math.h>

/* The outermost bins reach half a bin beyond their values: rounding of the data is forgiven. */
static diffusion_status check_data(const elbo_run *run, const float *x0)
{
    const size_t count = run->figures.n * run->model->dim;
    const double most = 1.0 + 1.0 / ((double)run->options.levels - 1.0);
    diffusion_status status = kernel_check_values(run->kernel, "evaluator", "x0", x0, count);
    for (size_t i = 0; i < count && run->options.edge == EDGE_DISCRETIZED && status == DIFFUSION_OK; i++)
        if (fabs((double)x0[i]) > most)
            status = error_set(DIFFUSION_E_ARGUMENT,
                               "evaluator: x0[%zu]=%g, expected -1..1 and half a bin more (edge=discretized)", i,
                               (double)x0[i]);
    return status;
}

/* x_0 in double, with its uniform noise, and the terms that need nothing else. */
diffusion_status elbo_take_data(elbo_run *run, const float *data)
{
    const kernel_class *methods = run->kernel->methods;
    const size_t dim = run->model->dim;
    const law prior = elbo_law(run->prior, dim), marginal = elbo_law(run->laws, dim);
    const noise_level unit = level_of_data();
    diffusion_status status = check_data(run, data);
    for (size_t i = 0; i < run->figures.n && status == DIFFUSION_OK; i++) {
        double *x0 = run->x0 + i * dim;
        status =
            evaluator_dequantize(run->self, x0, data + i * dim, dim, run->options.dequantize, run->options.seed, i);
        methods->prior(run->kernel, prior, &unit, dim);
        run->figures.null[i] = methods->log_probability(run->kernel, x0, prior, dim);
        kernel_marginal(run->kernel, marginal, schedule_last(run->schedule), x0, dim);
        methods->prior(run->kernel, prior, schedule_last(run->schedule), dim);
        run->figures.prior[i] = methods->divergence(run->kernel, marginal, prior, dim);
    }
    return status;
}

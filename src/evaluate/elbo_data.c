/* The data of a run of the bound, and the terms that need nothing else. */
#include "evaluate/elbo_run.h"

/* x_0 in double, with its uniform noise, and the terms that need nothing else. */
diffusion_status elbo_take_data(elbo_run *run, const float *data)
{
    const kernel_class *methods = run->kernel->methods;
    const size_t dim = run->model->dim;
    const law prior = elbo_law(run->prior, dim), marginal = elbo_law(run->laws, dim);
    const noise_level unit = level_of_data(), *last = &run->chain.levels[run->chain.steps];
    diffusion_status status = edge_check_data(&run->options.edge, run->kernel, data, run->figures.n * dim);
    for (size_t i = 0; i < run->figures.n && status == DIFFUSION_OK; i++) {
        double *x0 = run->x0 + i * dim;
        status = evaluator_dequantize(run->self, x0, data + i * dim, dim, run->options.edge.dequantize,
                                      run->options.seed, i);
        methods->prior(run->kernel, prior, &unit, dim);
        run->figures.null[i] = edge_log_probability(&run->options.edge, run->kernel, x0, prior, dim);
        kernel_marginal(run->kernel, marginal, last, x0, dim);
        methods->prior(run->kernel, prior, last, dim);
        run->figures.prior[i] = methods->divergence(run->kernel, marginal, prior, dim);
    }
    return status;
}

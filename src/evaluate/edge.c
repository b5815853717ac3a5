#include "evaluate/edge.h"

static bins bins_of(const edge_options *options)
{
    return (bins){(int32_t)options->levels, options->cdf};
}

diffusion_status edge_check_schedule(const edge_options *options, const struct diffusion_schedule *schedule)
{
    diffusion_status status = DIFFUSION_OK;
    if (options->rule == EDGE_DISCRETIZED)
        status = schedule_check_additive(schedule, "evaluator", "edge=discretized");
    if (status == DIFFUSION_OK && options->dequantize > 0.0)
        status = schedule_check_additive(schedule, "evaluator", "dequantize");
    return status;
}

diffusion_status edge_check_data(const edge_options *options, const kernel *by, const float *x0, size_t count)
{
    diffusion_status status = kernel_check_values(by, "evaluator", "x0", x0, count);
    if (status == DIFFUSION_OK && options->rule == EDGE_DISCRETIZED)
        status = bins_check_values(bins_of(options), "evaluator", "x0", x0, count);
    return status;
}

double edge_log_probability(const edge_options *options, const kernel *by, const double *x0, law p, size_t dim)
{
    double nats = 0.0;
    if (options->rule != EDGE_DISCRETIZED)
        return by->methods->log_probability(by, x0, p, dim);
    for (size_t j = 0; j < dim; j++)
        nats += bins_log_mass(bins_of(options), x0[j], p.mean[j], p.variance[j], NULL);
    return nats;
}

/* Uniform noise of width w turns the density into a mass by log2 w (section 3.1 of Theis et al. 2016,
 * arXiv:1511.01844); of bins it is a mass already. */
double edge_width(const edge_options *options)
{
    return options->rule == EDGE_DISCRETIZED ? 0.0 : options->dequantize;
}

#include <diffusion/parzen.h>

#include "base/error.h"
#include "evaluate/parzen.h"

enum { DIM_MAX = 2147483647 }; /* BLAS counts in int */

static diffusion_status check_input(const char *function, const parzen_input *input)
{
    const float *samples = input->samples, *data = input->data;
    ERROR_IF_NULL(function, samples);
    ERROR_IF_NULL(function, data);
    if (input->m == 0 || input->n == 0)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: m=%zu samples, n=%zu points, expected at least 1 of each", function,
                         input->m, input->n);
    if (input->dim == 0 || input->dim > DIM_MAX)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: dim=%zu, expected 1..%d", function, input->dim, DIM_MAX);
    return DIFFUSION_OK;
}

/* Of 2 s^2 and its inverse there must be something left. */
static int is_bandwidth(double s)
{
    return s >= 1e-150 && s <= 1e150;
}

diffusion_status diffusion_parzen_evaluate(const float *samples, size_t m, const float *data, size_t n, size_t dim,
                                           double bandwidth, double *nats)
{
    const parzen_input input = {samples, m, data, n, dim};
    diffusion_status status = check_input("parzen_evaluate", &input);
    if (status != DIFFUSION_OK)
        return status;
    ERROR_IF_NULL("parzen_evaluate", nats);
    if (!is_bandwidth(bandwidth))
        return error_set(DIFFUSION_E_ARGUMENT, "parzen_evaluate: bandwidth=%g, expected 1e-150..1e150", bandwidth);
    return parzen_evaluate(&input, &bandwidth, 1, nats);
}

diffusion_status diffusion_parzen_bandwidth(const float *samples, size_t m, const float *data, size_t n, size_t dim,
                                            double minimum, double maximum, double *bandwidth)
{
    const parzen_input input = {samples, m, data, n, dim};
    diffusion_status status = check_input("parzen_bandwidth", &input);
    if (status != DIFFUSION_OK)
        return status;
    ERROR_IF_NULL("parzen_bandwidth", bandwidth);
    if (!is_bandwidth(minimum) || !is_bandwidth(maximum) || minimum >= maximum)
        return error_set(DIFFUSION_E_ARGUMENT,
                         "parzen_bandwidth: minimum=%g, maximum=%g, expected 1e-150 <= minimum < maximum <= 1e150",
                         minimum, maximum);
    return parzen_bandwidth(&input, minimum, maximum, bandwidth);
}

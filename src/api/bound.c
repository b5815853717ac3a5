#include <diffusion/bound.h>

#include "base/error.h"
#include "evaluate/bound.h"

diffusion_status diffusion_bound_evaluate_with(diffusion_bound **out, const diffusion_model *model,
                                               const diffusion_schedule *schedule, const float *x0,
                                               const int32_t *labels, size_t n, const char *spec,
                                               diffusion_noise_fn *noise, void *noise_user,
                                               diffusion_progress_fn *progress, void *progress_user)
{
    ERROR_IF_NULL("bound_evaluate", out);
    ERROR_IF_NULL("bound_evaluate", model);
    ERROR_IF_NULL("bound_evaluate", schedule);
    ERROR_IF_NULL("bound_evaluate", x0);
    bound_input input = {model, schedule, x0, labels, n, spec, noise, noise_user, progress, progress_user};
    return bound_evaluate(out, &input);
}

diffusion_status diffusion_bound_evaluate(diffusion_bound **out, const diffusion_model *model,
                                          const diffusion_schedule *schedule, const float *x0, const int32_t *labels,
                                          size_t n, const char *spec)
{
    return diffusion_bound_evaluate_with(out, model, schedule, x0, labels, n, spec, NULL, NULL, NULL, NULL);
}

diffusion_status diffusion_bound_value(const diffusion_bound *bound, const char *quantity, double *out)
{
    ERROR_IF_NULL("bound_value", bound);
    ERROR_IF_NULL("bound_value", quantity);
    ERROR_IF_NULL("bound_value", out);
    return bound_summary(bound, quantity, out);
}

diffusion_status diffusion_bound_terms(const diffusion_bound *bound, double *bits, double *standard_error)
{
    ERROR_IF_NULL("bound_terms", bound);
    ERROR_IF_NULL("bound_terms", bits);
    for (int32_t i = 0; i < bound->steps; i++) {
        bits[i] = bound->term[i] / nats_per_bit;
        if (standard_error != NULL)
            standard_error[i] = bound->term_error[i] / nats_per_bit;
    }
    return DIFFUSION_OK;
}

diffusion_status diffusion_bound_samples(const diffusion_bound *bound, double *bits, size_t count)
{
    ERROR_IF_NULL("bound_samples", bound);
    ERROR_IF_NULL("bound_samples", bits);
    if (count != bound->n)
        return error_set(DIFFUSION_E_SHAPE, "bound_samples: count=%zu, but the bound has %zu samples", count, bound->n);
    for (size_t i = 0; i < count; i++)
        bits[i] = bound_sample_nats(bound, i) / nats_per_bit;
    return DIFFUSION_OK;
}

void diffusion_bound_free(diffusion_bound *bound)
{
    bound_free(bound);
}

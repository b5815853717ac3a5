#include "model/condition.h"
#include "base/error.h"

diffusion_status diffusion_condition_create(diffusion_condition **out, size_t n)
{
    ERROR_IF_NULL("condition_create", out);
    return condition_create(out, n);
}

diffusion_status diffusion_condition_set_labels(diffusion_condition *condition, const int32_t *labels)
{
    ERROR_IF_NULL("condition_set_labels", condition);
    return condition_set_labels(condition, labels);
}

diffusion_status diffusion_condition_set_vectors(diffusion_condition *condition, const float *vectors, size_t width)
{
    ERROR_IF_NULL("condition_set_vectors", condition);
    return condition_set_vectors(condition, vectors, width);
}

diffusion_status diffusion_condition_set_observed(diffusion_condition *condition, const uint8_t *observed, size_t dim)
{
    ERROR_IF_NULL("condition_set_observed", condition);
    return condition_set_observed(condition, observed, dim);
}

size_t diffusion_condition_count(const diffusion_condition *condition)
{
    return condition != NULL ? condition->n : 0;
}

const int32_t *diffusion_condition_labels(const diffusion_condition *condition)
{
    return condition != NULL ? condition->labels : NULL;
}

const float *diffusion_condition_vectors(const diffusion_condition *condition, size_t *width)
{
    if (width != NULL)
        *width = condition != NULL ? condition->width : 0;
    return condition != NULL ? condition->vectors : NULL;
}

const uint8_t *diffusion_condition_observed(const diffusion_condition *condition)
{
    return condition != NULL ? condition->observed : NULL;
}

void diffusion_condition_free(diffusion_condition *condition)
{
    condition_free(condition);
}

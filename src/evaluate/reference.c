#include "evaluate/reference.h"

#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

static diffusion_status check_finite(const char *name, const float *values, size_t count, size_t dim)
{
    for (size_t i = 0; i < count * dim; i++)
        if (!isfinite(values[i]))
            return error_set(DIFFUSION_E_NONFINITE,
                             "evaluator: value %zu of row %zu of %s is %g, expected a finite number", i % dim, i / dim,
                             name, (double)values[i]);
    return DIFFUSION_OK;
}

diffusion_status reference_set(struct diffusion_evaluator *self, const float *samples, size_t m, size_t dim)
{
    static const char function[] = "evaluator_set_reference";
    if (m == 0 || dim == 0 || dim > INT32_MAX)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: m=%zu, dim=%zu, expected at least 1 of each, dim below 2^31",
                         function, m, dim);
    if (self->model != NULL && self->model->dim != dim)
        return error_set(DIFFUSION_E_SHAPE, "%s: dim=%zu, but the model has %zu values to a sample", function, dim,
                         self->model->dim);
    diffusion_status status = array_check_size(function, m, dim, sizeof *samples);
    if (status == DIFFUSION_OK)
        status = check_finite("samples", samples, m, dim);
    float *copy = status == DIFFUSION_OK ? memory_allocate(m, dim * sizeof *copy) : NULL;
    if (status == DIFFUSION_OK && copy == NULL)
        status = DIFFUSION_E_MEMORY;
    if (status != DIFFUSION_OK)
        return status;
    memcpy(copy, samples, m * dim * sizeof *copy);
    memory_release(reference_of(self)->values);
    *reference_of(self) = (reference){copy, m, dim};
    return DIFFUSION_OK;
}

void reference_release(reference *of)
{
    memory_release(of->values);
}

diffusion_status reference_check_run(const struct diffusion_evaluator *self, const float *x0,
                                     const struct diffusion_condition *condition, size_t n, size_t least)
{
    const reference *of = reference_of(self);
    const char *kind = self->methods->spec.name;
    if (of->values == NULL)
        return error_set(DIFFUSION_E_STATE, "evaluator_run: %s has no samples (call evaluator_set_reference first)",
                         kind);
    if (condition != NULL)
        return error_set(DIFFUSION_E_ARGUMENT, "evaluator_run: %s takes no condition, expected NULL", kind);
    if (n < least || of->count < least)
        return error_set(DIFFUSION_E_ARGUMENT,
                         "evaluator_run: %s of %zu rows against %zu, expected at least %zu of each", kind, n, of->count,
                         least);
    diffusion_status status = array_check_size("evaluator_run", n, of->dim, sizeof *x0);
    if (status == DIFFUSION_OK && (n > UINT32_MAX || of->count > UINT32_MAX))
        status = error_set(DIFFUSION_E_SHAPE, "evaluator_run: %s of %zu rows against %zu, expected below 2^32 of each",
                           kind, n, of->count);
    return status == DIFFUSION_OK ? check_finite("data", x0, n, of->dim) : status;
}

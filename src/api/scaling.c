#include <diffusion/scaling.h>

#include "base/array.h"
#include "base/error.h"
#include "model/scaling.h"

#include <string.h>

diffusion_status diffusion_model_from_data(const diffusion_model *model, const double *values, size_t n, float *x)
{
    static const char function[] = "model_from_data";
    ERROR_IF_NULL(function, model);
    ERROR_IF_NULL(function, values);
    ERROR_IF_NULL(function, x);
    scaling how;
    diffusion_status status = array_check_size(function, n, model->dim, sizeof *values);
    if (status == DIFFUSION_OK)
        status = array_check_finite_double(function, "values", values, n * model->dim);
    if (status == DIFFUSION_OK)
        status = scaling_read(&how, function, model);
    if (status != DIFFUSION_OK)
        return status;
    status = scaling_apply(&how, function, x, values, n, model->dim);
    scaling_release(&how);
    return status;
}

diffusion_status diffusion_model_to_data(const diffusion_model *model, const float *x, size_t n, double *values)
{
    static const char function[] = "model_to_data";
    ERROR_IF_NULL(function, model);
    ERROR_IF_NULL(function, x);
    ERROR_IF_NULL(function, values);
    scaling how;
    diffusion_status status = array_check_size(function, n, model->dim, sizeof *values);
    if (status == DIFFUSION_OK)
        status = array_check_finite(function, "x", x, n * model->dim);
    if (status == DIFFUSION_OK)
        status = scaling_read(&how, function, model);
    if (status != DIFFUSION_OK)
        return status;
    status = scaling_invert(&how, function, values, x, n, model->dim);
    scaling_release(&how);
    return status;
}

diffusion_status diffusion_model_scaling(const diffusion_model *model, const char *quantity, double *values)
{
    static const char function[] = "model_scaling";
    ERROR_IF_NULL(function, model);
    ERROR_IF_NULL(function, quantity);
    ERROR_IF_NULL(function, values);
    size_t list = 0;
    scaling how;
    while (list < SCALING_LISTS && strcmp(scaling_names[list], quantity) != 0)
        list++;
    if (list == SCALING_LISTS)
        return error_set(DIFFUSION_E_NAME,
                         "%s: unknown quantity '%.80s', expected shift, scale, dequantize, minimum or maximum",
                         function, quantity);
    diffusion_status status = scaling_read(&how, function, model);
    if (status != DIFFUSION_OK)
        return status;
    memcpy(values, how.of[list], model->dim * sizeof *values);
    scaling_release(&how);
    return DIFFUSION_OK;
}

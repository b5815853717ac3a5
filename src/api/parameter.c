/* Parameters by name and metadata by key: the part of model.h that looks inside a model. */
#include <diffusion/model.h>

#include "base/error.h"
#include "base/utf8.h"
#include "model/model.h"

#include <math.h>
#include <string.h>

size_t diffusion_model_parameter_count(const diffusion_model *model)
{
    return model != NULL && model->network != NULL ? model->network->parameter_count : 0;
}

const char *diffusion_model_parameter_name(const diffusion_model *model, size_t index)
{
    return index < diffusion_model_parameter_count(model) ? model->network->parameters[index].name : NULL;
}

static diffusion_status find(const diffusion_model *model, const char *function, const char *name,
                             const network_parameter **found)
{
    *found = model->network != NULL ? network_find(model->network, name) : NULL;
    if (*found != NULL)
        return DIFFUSION_OK;
    if (model->network == NULL)
        return error_set(DIFFUSION_E_NAME, "%s: name='%.80s', but a callback model has no parameters", function, name);
    return error_set(DIFFUSION_E_NAME, "%s: name='%.80s', expected one of the model's, such as '%s'", function, name,
                     model->network->parameters[0].name);
}

static diffusion_status check_count(const char *function, const network_parameter *parameter, size_t count)
{
    if (count != parameter->count)
        return error_set(DIFFUSION_E_SHAPE, "%s: count=%zu, but '%s' has %zu values", function, count, parameter->name,
                         parameter->count);
    return DIFFUSION_OK;
}

diffusion_status diffusion_model_parameter_shape(const diffusion_model *model, const char *name, int64_t *shape,
                                                 size_t capacity, size_t *rank)
{
    ERROR_IF_NULL("model_parameter_shape", model);
    ERROR_IF_NULL("model_parameter_shape", name);
    ERROR_IF_NULL("model_parameter_shape", rank);
    if (capacity > 0)
        ERROR_IF_NULL("model_parameter_shape", shape);
    const network_parameter *parameter;
    diffusion_status status = find(model, "model_parameter_shape", name, &parameter);
    if (status != DIFFUSION_OK)
        return status;
    for (size_t i = 0; i < parameter->rank && i < capacity; i++)
        shape[i] = parameter->shape[i];
    *rank = parameter->rank;
    return DIFFUSION_OK;
}

diffusion_status diffusion_model_parameter(const diffusion_model *model, const char *name, float *values, size_t count)
{
    ERROR_IF_NULL("model_parameter", model);
    ERROR_IF_NULL("model_parameter", name);
    ERROR_IF_NULL("model_parameter", values);
    const network_parameter *parameter;
    diffusion_status status = find(model, "model_parameter", name, &parameter);
    if (status == DIFFUSION_OK)
        status = check_count("model_parameter", parameter, count);
    if (status == DIFFUSION_OK)
        memcpy(values, model->parameters + parameter->offset, count * sizeof *values);
    return status;
}

diffusion_status diffusion_model_set_parameter(diffusion_model *model, const char *name, const float *values,
                                               size_t count)
{
    ERROR_IF_NULL("model_set_parameter", model);
    ERROR_IF_NULL("model_set_parameter", name);
    ERROR_IF_NULL("model_set_parameter", values);
    const network_parameter *parameter;
    diffusion_status status = find(model, "model_set_parameter", name, &parameter);
    if (status == DIFFUSION_OK)
        status = check_count("model_set_parameter", parameter, count);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        if (!isfinite(values[i]))
            status = error_set(DIFFUSION_E_NONFINITE, "model_set_parameter: values[%zu]=%g, expected a finite number",
                               i, (double)values[i]);
    if (status != DIFFUSION_OK)
        return status;
    memcpy(model->parameters + parameter->offset, values, count * sizeof *values);
    model_changed(model);
    return DIFFUSION_OK;
}

const char *diffusion_model_metadata(const diffusion_model *model, const char *key)
{
    return model != NULL && key != NULL ? metadata_get(&model->metadata, key) : NULL;
}

diffusion_status diffusion_model_set_metadata(diffusion_model *model, const char *key, const char *value)
{
    ERROR_IF_NULL("model_set_metadata", model);
    ERROR_IF_NULL("model_set_metadata", key);
    if (key[0] == '\0' || !utf8_is_sound(key) || metadata_is_reserved(key))
        return error_set(DIFFUSION_E_ARGUMENT,
                         "model_set_metadata: key='%.80s', expected UTF-8 text that is not one of "
                         "the library's own keys",
                         key);
    if (value != NULL && !utf8_is_sound(value))
        return error_set(DIFFUSION_E_ARGUMENT, "model_set_metadata: the value of '%.80s' is not UTF-8", key);
    return metadata_set(&model->metadata, key, value);
}

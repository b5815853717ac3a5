#include <diffusion/model.h>

#include "base/array.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/precision.h"
#include "interop/diffusers/folder.h"
#include "model/condition.h"
#include "model/file.h"
#include "model/forward.h"
#include "model/predictor.h"

#include <math.h>
#include <string.h>

diffusion_status diffusion_model_create(diffusion_model **out, const char *spec, uint64_t seed)
{
    ERROR_IF_NULL("model_create", out);
    ERROR_IF_NULL("model_create", spec);
    return model_create(out, spec, seed);
}

diffusion_status diffusion_model_create_callback(diffusion_model **out, const char *spec, diffusion_predict_fn *predict,
                                                 void *user)
{
    ERROR_IF_NULL("model_create_callback", out);
    ERROR_IF_NULL("model_create_callback", spec);
    ERROR_IF_NULL("model_create_callback", predict);
    return model_create_callback(out, spec, predict, NULL, user);
}

diffusion_status diffusion_model_create_callback_double(diffusion_model **out, const char *spec,
                                                        diffusion_predict_double_fn *predict, void *user)
{
    ERROR_IF_NULL("model_create_callback_double", out);
    ERROR_IF_NULL("model_create_callback_double", spec);
    ERROR_IF_NULL("model_create_callback_double", predict);
    return model_create_callback(out, spec, NULL, predict, user);
}

diffusion_status diffusion_model_load(diffusion_model **out, const char *path)
{
    ERROR_IF_NULL("model_load", out);
    ERROR_IF_NULL("model_load", path);
    return file_is_folder(path) ? diffusers_load(out, path) : model_load(out, path);
}

diffusion_status diffusion_model_save(const diffusion_model *model, const char *path)
{
    ERROR_IF_NULL("model_save", model);
    ERROR_IF_NULL("model_save", path);
    return model_save(model, path);
}

diffusion_status diffusion_model_load_memory(diffusion_model **out, const void *bytes, size_t size)
{
    ERROR_IF_NULL("model_load_memory", out);
    if (size > 0)
        ERROR_IF_NULL("model_load_memory", bytes);
    return model_load_memory(out, bytes, size);
}

diffusion_status diffusion_model_save_memory(const diffusion_model *model, void *bytes, size_t capacity, size_t *needed)
{
    ERROR_IF_NULL("model_save_memory", model);
    if (capacity > 0)
        ERROR_IF_NULL("model_save_memory", bytes);
    return model_save_memory(model, bytes, capacity, needed);
}

diffusion_status diffusion_model_save_diffusers(const diffusion_model *model, const diffusion_schedule *schedule,
                                                const char *path)
{
    ERROR_IF_NULL("model_save_diffusers", model);
    ERROR_IF_NULL("model_save_diffusers", schedule);
    ERROR_IF_NULL("model_save_diffusers", path);
    return diffusers_save(model, schedule, path);
}

size_t diffusion_model_dim(const diffusion_model *model)
{
    return model != NULL ? model->dim : 0;
}

size_t diffusion_model_outputs(const diffusion_model *model)
{
    return model != NULL ? model->outputs : 0;
}

int32_t diffusion_model_classes(const diffusion_model *model)
{
    return model != NULL ? (int32_t)model->classes : 0;
}

const char *diffusion_model_spec(const diffusion_model *model)
{
    return model != NULL ? model->spec : NULL;
}

diffusion_status diffusion_model_shape(const diffusion_model *model, int64_t *shape, size_t capacity, size_t *rank)
{
    ERROR_IF_NULL("model_shape", model);
    ERROR_IF_NULL("model_shape", rank);
    if (capacity > 0)
        ERROR_IF_NULL("model_shape", shape);
    const spec_shape *from = &model->options.shape;
    for (size_t i = 0; i < from->rank && i < capacity; i++)
        shape[i] = from->size[i];
    *rank = from->rank;
    return DIFFUSION_OK;
}

/* A network may hide a NaN: what is not above 0 becomes 0. */
static diffusion_status check_rows(const diffusion_model *model, const char *function, const float *x, size_t n)
{
    diffusion_status status = array_check_size(function, n, model->outputs, 3 * sizeof(double));
    return status == DIFFUSION_OK ? array_check_finite(function, "x", x, n * model->dim) : status;
}

/* A callback may stop half-way, and then `out` must be as it was. */
static diffusion_status forward_aside(const diffusion_model *model, forward_memory *memory, float *out, const float *x,
                                      forward_input input)
{
    float *aside = memory_allocate(input.n, model->outputs * sizeof *aside);
    diffusion_status status = aside != NULL ? model_forward(model, memory, aside, x, input) : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        memcpy(out, aside, input.n * model->outputs * sizeof *aside);
    memory_release(aside);
    return status;
}

diffusion_status diffusion_model_forward(const diffusion_model *model, const float *x, const double *time,
                                         const diffusion_condition *condition, size_t n, float *out)
{
    ERROR_IF_NULL("model_forward", model);
    ERROR_IF_NULL("model_forward", x);
    ERROR_IF_NULL("model_forward", time);
    ERROR_IF_NULL("model_forward", out);
    diffusion_status status = check_rows(model, "model_forward", x, n);
    if (status == DIFFUSION_OK)
        status = model_check_time(model, "model_forward", time, n);
    if (status == DIFFUSION_OK)
        status = model_check_condition(model, "model_forward", condition, n, OBSERVED_BY_NETWORK);
    if (status != DIFFUSION_OK)
        return status;
    (void)model_retain(model); /* a callback may free them */
    condition_retain(condition);
    forward_memory memory = forward_memory_open(model);
    const forward_input input = {time, condition, n, NULL};
    if (model->network != NULL)
        status = model_forward(model, &memory, out, x, input);
    else
        status = forward_aside(model, &memory, out, x, input);
    forward_memory_close(&memory, model);
    condition_release(condition);
    model_release(model);
    return status;
}

static diffusion_status check_float(const char *what, const double *values, size_t count, size_t dim)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite((float)values[i]))
            return error_set(DIFFUSION_E_NONFINITE,
                             "model_predict: the model's %s of value %zu of sample %zu is %g, which is beyond float32",
                             what, i % dim, i / dim, values[i]);
    return DIFFUSION_OK;
}

/* Through the predictor, in double, and rounded at the end. */
static diffusion_status predict(predictor *reader, const float *x, const int32_t *t,
                                const diffusion_condition *condition, size_t n, float *mean, float *variance)
{
    size_t count = n * reader->model->dim;
    double *wide = memory_allocate(count, 3 * sizeof *wide);
    const reverse_step **at = memory_allocate(n, sizeof *at);
    reverse_step *steps = reverse_steps(&reader->model->options, reader->schedule);
    diffusion_status status = DIFFUSION_E_MEMORY;
    if (wide != NULL && at != NULL && steps != NULL) {
        const law out = {wide + count, wide + 2 * count};
        for (size_t i = 0; i < count; i++)
            wide[i] = (double)x[i];
        for (size_t i = 0; i < n; i++)
            at[i] = &steps[t[i]];
        status = predictor_reverse(reader, (predictor_input){"model_predict", wide, at, condition, n}, NULL, out);
        if (status == DIFFUSION_OK)
            status = check_float("mean", out.mean, count, reader->model->dim);
        if (status == DIFFUSION_OK && variance != NULL)
            status = check_float("variance", out.variance, count, reader->model->dim);
        if (status == DIFFUSION_OK)
            precision_narrow(mean, out.mean, count);
        if (status == DIFFUSION_OK && variance != NULL)
            precision_narrow(variance, out.variance, count);
    }
    memory_release(wide);
    memory_release(at);
    memory_release(steps);
    return status;
}

diffusion_status diffusion_model_predict(const diffusion_model *model, const diffusion_schedule *schedule,
                                         const float *x, const int32_t *t, const diffusion_condition *condition,
                                         size_t n, float *mean, float *variance)
{
    ERROR_IF_NULL("model_predict", model);
    ERROR_IF_NULL("model_predict", schedule);
    ERROR_IF_NULL("model_predict", x);
    ERROR_IF_NULL("model_predict", t);
    ERROR_IF_NULL("model_predict", mean);
    diffusion_status status = check_rows(model, "model_predict", x, n);
    for (size_t i = 0; i < n && status == DIFFUSION_OK; i++)
        if (t[i] < 1 || t[i] > schedule->steps)
            status = error_set(DIFFUSION_E_STEP, "model_predict: t[%zu]=%d, expected 1..%d", i, (int)t[i],
                               (int)schedule->steps);
    if (status == DIFFUSION_OK)
        status = model_check_condition(model, "model_predict", condition, n, OBSERVED_BY_NETWORK);
    predictor reader = {.model = NULL};
    if (status == DIFFUSION_OK)
        status = predictor_open(&reader, model, schedule);
    condition_retain(condition); /* a callback may free it */
    if (status == DIFFUSION_OK)
        status = predict(&reader, x, t, condition, n, mean, variance);
    condition_release(condition);
    predictor_close(&reader);
    return status;
}

void diffusion_model_free(diffusion_model *model)
{
    model_release(model);
}

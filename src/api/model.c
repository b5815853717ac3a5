#include <diffusion/model.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/diffusers_folder.h"
#include "model/file.h"
#include "model/forward.h"
#include "model/predictor.h"

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
    return model_load(out, path);
}

diffusion_status diffusion_model_save(const diffusion_model *model, const char *path)
{
    ERROR_IF_NULL("model_save", model);
    ERROR_IF_NULL("model_save", path);
    return model_save(model, path);
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

/* A callback may stop half-way, and then `out` must be as it was. */
static diffusion_status forward_aside(const diffusion_model *model, forward_memory *memory, float *out,
                                      network_batch batch)
{
    float *aside = memory_allocate(batch.n, model->outputs * sizeof *aside);
    diffusion_status status = aside != NULL ? model_forward(model, memory, aside, batch) : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        memcpy(out, aside, batch.n * model->outputs * sizeof *aside);
    memory_release(aside);
    return status;
}

diffusion_status diffusion_model_forward(const diffusion_model *model, const float *x, const int32_t *t,
                                         const int32_t *labels, size_t n, float *out)
{
    ERROR_IF_NULL("model_forward", model);
    ERROR_IF_NULL("model_forward", x);
    ERROR_IF_NULL("model_forward", t);
    ERROR_IF_NULL("model_forward", out);
    diffusion_status status = model_check_steps("model_forward", t, n, model_last_step(model));
    if (status == DIFFUSION_OK)
        status = model_check_labels(model, "model_forward", labels, n);
    if (status != DIFFUSION_OK)
        return status;
    forward_memory memory = forward_memory_open(model);
    network_batch batch = {.x = x, .t = t, .labels = labels, .n = n};
    if (model->network != NULL)
        status = model_forward(model, &memory, out, batch);
    else
        status = forward_aside(model, &memory, out, batch);
    forward_memory_close(&memory, model);
    return status;
}

/* Through the predictor, in double, and rounded at the end. */
static diffusion_status predict(predictor *reader, const float *x, const int32_t *t, const int32_t *labels, size_t n,
                                float *mean, float *variance)
{
    size_t count = n * reader->model->dim;
    double *wide = memory_allocate(count, 3 * sizeof *wide);
    if (wide == NULL)
        return DIFFUSION_E_MEMORY;
    double *wide_mean = wide + count, *wide_variance = wide + 2 * count;
    for (size_t i = 0; i < count; i++)
        wide[i] = (double)x[i];
    diffusion_status status = predictor_run(reader, "model_predict", wide, t, labels, n, 0.0, wide_mean, wide_variance);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++) {
        mean[i] = (float)wide_mean[i];
        if (variance != NULL)
            variance[i] = (float)wide_variance[i];
    }
    memory_release(wide);
    return status;
}

diffusion_status diffusion_model_predict(const diffusion_model *model, const diffusion_schedule *schedule,
                                         const float *x, const int32_t *t, const int32_t *labels, size_t n, float *mean,
                                         float *variance)
{
    ERROR_IF_NULL("model_predict", model);
    ERROR_IF_NULL("model_predict", schedule);
    ERROR_IF_NULL("model_predict", x);
    ERROR_IF_NULL("model_predict", t);
    ERROR_IF_NULL("model_predict", mean);
    diffusion_status status = model_check_steps("model_predict", t, n, schedule->steps);
    if (status == DIFFUSION_OK)
        status = model_check_labels(model, "model_predict", labels, n);
    predictor reader = {.model = NULL};
    if (status == DIFFUSION_OK)
        status = predictor_open(&reader, model, schedule, NULL);
    if (status == DIFFUSION_OK)
        status = predict(&reader, x, t, labels, n, mean, variance);
    predictor_close(&reader);
    return status;
}

void diffusion_model_free(diffusion_model *model)
{
    model_release(model);
}

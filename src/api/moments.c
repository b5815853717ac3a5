#include <diffusion/moments.h>

#include "base/error.h"
#include "model/model.h"
#include "process/schedule.h"

#include <math.h>
#include <string.h>

static void fill(noise_moments *of, const double *noise, const double *error)
{
    memcpy(of->noise, noise, of->steps * sizeof *noise);
    for (size_t i = 0; i < of->steps; i++)
        of->error[i] = error != NULL ? error[i] : fmax(1.0 - noise[i], 0.0);
}

diffusion_status diffusion_model_set_moments(diffusion_model *model, const diffusion_schedule *schedule,
                                             const double *noise, const double *error, double data_variance)
{
    static const char function[] = "model_set_moments";
    ERROR_IF_NULL(function, model);
    if (noise == NULL) {
        model_take_moments(model, NULL);
        return DIFFUSION_OK;
    }
    ERROR_IF_NULL(function, schedule);
    diffusion_status status = schedule_check_additive(schedule, function, "what is stored");
    if (status != DIFFUSION_OK)
        return status;
    noise_moments *of = moments_make((size_t)schedule->steps);
    if (of == NULL)
        return DIFFUSION_E_MEMORY;
    moments_take_levels(of, schedule);
    of->data_variance = data_variance;
    fill(of, noise, error);
    status = moments_check(of, function);
    if (status == DIFFUSION_OK)
        model_take_moments(model, of);
    else
        moments_free(of);
    return status;
}

diffusion_status diffusion_model_moments(const diffusion_model *model, double *noise, double *error,
                                         double *data_variance, size_t capacity, size_t *steps)
{
    static const char function[] = "model_moments";
    ERROR_IF_NULL(function, model);
    ERROR_IF_NULL(function, steps);
    const noise_moments *of = model->moments;
    const size_t count = of != NULL ? of->steps : 0;
    if (capacity > 0) {
        ERROR_IF_NULL(function, noise);
        ERROR_IF_NULL(function, error);
        if (capacity != count)
            return error_set(DIFFUSION_E_SHAPE, "%s: capacity=%zu, but the moments stored are of %zu steps", function,
                             capacity, count);
        memcpy(noise, of->noise, count * sizeof *noise);
        memcpy(error, of->error, count * sizeof *error);
    }
    if (of != NULL && data_variance != NULL)
        *data_variance = of->data_variance;
    *steps = count;
    return DIFFUSION_OK;
}

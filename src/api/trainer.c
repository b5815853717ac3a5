#include <diffusion/trainer.h>

#include "base/error.h"
#include "train/trainer.h"

#include <string.h>

diffusion_status diffusion_trainer_create(diffusion_trainer **out, diffusion_model *model,
                                          const diffusion_schedule *schedule, const char *spec)
{
    ERROR_IF_NULL("trainer_create", out);
    ERROR_IF_NULL("trainer_create", model);
    ERROR_IF_NULL("trainer_create", schedule);
    ERROR_IF_NULL("trainer_create", spec);
    return trainer_create(out, model, schedule, spec);
}

diffusion_status diffusion_trainer_draw(const diffusion_trainer *trainer, int64_t count, size_t n, int64_t *indices)
{
    ERROR_IF_NULL("trainer_draw", trainer);
    ERROR_IF_NULL("trainer_draw", indices);
    return trainer_draw(trainer, count, n, indices);
}

diffusion_status diffusion_trainer_step(diffusion_trainer *trainer, const float *x0,
                                        const diffusion_condition *condition, size_t n, double *loss)
{
    ERROR_IF_NULL("trainer_step", trainer);
    ERROR_IF_NULL("trainer_step", x0);
    double mean = 0.0;
    diffusion_status status = trainer_step(trainer, x0, condition, n, &mean);
    if (status == DIFFUSION_OK && loss != NULL)
        *loss = mean;
    return status;
}

diffusion_status diffusion_trainer_gradient(diffusion_trainer *trainer, const float *x0,
                                            const diffusion_condition *condition, size_t n, double *loss,
                                            float *gradient, size_t count)
{
    ERROR_IF_NULL("trainer_gradient", trainer);
    ERROR_IF_NULL("trainer_gradient", x0);
    size_t size = model_size(trainer->model);
    if (gradient != NULL && count != size)
        return error_set(DIFFUSION_E_SHAPE, "trainer_gradient: count=%zu, but the model has %zu parameters", count,
                         size);
    double mean = 0.0, norm;
    diffusion_status status = trainer_gradient(trainer, x0, condition, n, &mean, &norm);
    if (status != DIFFUSION_OK)
        return status;
    if (loss != NULL)
        *loss = mean;
    if (gradient != NULL)
        memcpy(gradient, trainer->gradient, size * sizeof *gradient);
    return DIFFUSION_OK;
}

int64_t diffusion_trainer_steps(const diffusion_trainer *trainer)
{
    return trainer != NULL ? trainer->step : 0;
}

double diffusion_trainer_rate(const diffusion_trainer *trainer)
{
    return trainer != NULL ? optimizer_rate_at(&trainer->options, trainer->step) : 0.0;
}

const char *diffusion_trainer_spec(const diffusion_trainer *trainer)
{
    return trainer != NULL ? trainer->spec : NULL;
}

diffusion_status diffusion_trainer_save(const diffusion_trainer *trainer, const char *path)
{
    ERROR_IF_NULL("trainer_save", trainer);
    ERROR_IF_NULL("trainer_save", path);
    return trainer_save(trainer, path);
}

diffusion_status diffusion_trainer_resume(diffusion_trainer **out, const char *path)
{
    ERROR_IF_NULL("trainer_resume", out);
    ERROR_IF_NULL("trainer_resume", path);
    return trainer_resume(out, path);
}

const diffusion_model *diffusion_trainer_model(const diffusion_trainer *trainer)
{
    return trainer != NULL ? trainer_model(trainer) : NULL;
}

const diffusion_schedule *diffusion_trainer_schedule(const diffusion_trainer *trainer)
{
    return trainer != NULL ? trainer->schedule : NULL;
}

void diffusion_trainer_free(diffusion_trainer *trainer)
{
    trainer_free(trainer);
}

#include <diffusion/trainer.h>

#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "train/snapshot.h"
#include "train/trainer.h"

#include <string.h>

diffusion_status diffusion_trainer_create(diffusion_trainer **out, diffusion_model *model,
                                          const diffusion_schedule *schedule, const char *spec)
{
    ERROR_IF_NULL("trainer_create", out);
    ERROR_IF_NULL("trainer_create", model);
    ERROR_IF_NULL("trainer_create", schedule);
    ERROR_IF_NULL("trainer_create", spec);
    return trainer_create(out, model, schedule, spec, spec_parse);
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
    diffusion_status status = error_keep(&trainer->error, trainer_step(trainer, x0, condition, n, &mean));
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
        return error_keep(
            &trainer->error,
            error_set(DIFFUSION_E_SHAPE, "trainer_gradient: count=%zu, but the model has %zu parameters", count, size));
    double mean = 0.0, norm;
    diffusion_status status = error_keep(&trainer->error, trainer_gradient(trainer, x0, condition, n, &mean, &norm));
    if (status != DIFFUSION_OK)
        return status;
    if (loss != NULL)
        *loss = mean;
    if (gradient != NULL)
        memcpy(gradient, trainer->gradient, size * sizeof *gradient);
    return DIFFUSION_OK;
}

diffusion_status diffusion_trainer_loss(diffusion_trainer *trainer, const float *x0,
                                        const diffusion_condition *condition, size_t n, uint64_t first, double *loss)
{
    ERROR_IF_NULL("trainer_loss", trainer);
    ERROR_IF_NULL("trainer_loss", x0);
    ERROR_IF_NULL("trainer_loss", loss);
    return error_keep(&trainer->error, trainer_loss(trainer, x0, condition, n, first, loss));
}

diffusion_status diffusion_trainer_change(diffusion_trainer *trainer, const char *spec)
{
    ERROR_IF_NULL("trainer_change", trainer);
    ERROR_IF_NULL("trainer_change", spec);
    return trainer_change(trainer, spec);
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

static char *text_key(const char *key)
{
    text_buffer out = {0};
    text_append(&out, "%s%s", TRAINER_TEXTS, key);
    return text_finish(&out);
}

diffusion_status diffusion_trainer_set_metadata(diffusion_trainer *trainer, const char *key, const char *value)
{
    ERROR_IF_NULL("trainer_set_metadata", trainer);
    ERROR_IF_NULL("trainer_set_metadata", key);
    if (key[0] == '\0' || !utf8_is_sound(key) || (value != NULL && !utf8_is_sound(value)))
        return error_set(DIFFUSION_E_ARGUMENT,
                         "trainer_set_metadata: key='%.80s', expected UTF-8 text, and a value of "
                         "such text",
                         utf8_is_sound(key) ? key : "");
    char *own = text_key(key);
    diffusion_status status = own != NULL ? metadata_set(&trainer->texts, own, value) : DIFFUSION_E_MEMORY;
    memory_release(own);
    return status;
}

const char *diffusion_trainer_metadata(const diffusion_trainer *trainer, const char *key)
{
    for (size_t i = 0; trainer != NULL && key != NULL && i < trainer->texts.count; i++)
        if (strcmp(trainer->texts.pairs[i].key + strlen(TRAINER_TEXTS), key) == 0)
            return trainer->texts.pairs[i].value;
    return NULL;
}

diffusion_status diffusion_trainer_save(const diffusion_trainer *trainer, const char *path)
{
    ERROR_IF_NULL("trainer_save", trainer);
    ERROR_IF_NULL("trainer_save", path);
    return trainer_save(trainer, path);
}

diffusion_status diffusion_trainer_save_snapshot(const diffusion_trainer *trainer, const char *path)
{
    ERROR_IF_NULL("trainer_save_snapshot", trainer);
    ERROR_IF_NULL("trainer_save_snapshot", path);
    return snapshot_save(trainer, path);
}

static diffusion_status check_paths(const char *const *snapshots, size_t count)
{
    if (count == 0)
        return error_set(DIFFUSION_E_ARGUMENT, "trainer_average: count=0, expected at least one snapshot");
    diffusion_status status = array_check_size("trainer_average", count, POWER_AVERAGES, sizeof(power_profile));
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        if (snapshots[i] == NULL)
            status = error_set(DIFFUSION_E_ARGUMENT, "trainer_average: snapshots[%zu] is NULL", i);
    return status;
}

diffusion_status diffusion_trainer_average(diffusion_model **out, const char *const *snapshots, size_t count,
                                           double width, double *error)
{
    ERROR_IF_NULL("trainer_average", out);
    ERROR_IF_NULL("trainer_average", snapshots);
    diffusion_status status = check_paths(snapshots, count);
    if (status != DIFFUSION_OK)
        return status;
    if (!(width > 0.0 && width <= POWER_WIDEST))
        return error_set(DIFFUSION_E_ARGUMENT,
                         "trainer_average: width=%g, expected more than 0 and at most 1/sqrt(12) = %.4g", width,
                         POWER_WIDEST);
    return snapshot_average(out, snapshots, count, width, error);
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

const char *diffusion_trainer_error(const diffusion_trainer *trainer)
{
    return trainer != NULL ? trainer->error.sentence : "";
}

void diffusion_trainer_free(diffusion_trainer *trainer)
{
    trainer_free(trainer);
}
